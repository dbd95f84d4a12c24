"""A thread that does one thing some time after it was asked to, and sleeps in between."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Background:
    """Calls `work` a short while after `ask`, in a thread of its own that begins with the first asking.

    What is asked for during that while is done with the same call. `work` tells after how many seconds it wants to
    be called again, asked or not; None for never. It must not raise.
    """

    def __init__(self, name: str, work: Callable[[], float | None], *, delay: float) -> None:
        self._name, self._work, self._delay = name, work, delay
        self._changed = threading.Condition()
        self._asked = self._closed = False
        self._thread: threading.Thread | None = None

    def ask(self) -> None:
        """Have the work done; from any thread, never waiting. Raises `RuntimeError` where no thread can begin."""
        if self._asked or self._closed:
            return
        with self._changed:
            self._asked = True
            self._changed.notify()
        if self._thread is None:
            try:
                thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                thread.start()
            except BaseException:
                self._asked = False
                raise
            self._thread = thread

    def close(self) -> None:
        """Wait for work that has begun, and end the thread. What was only asked for is not done."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self._work = lambda: None  # which may refer to whoever has this

    def _run(self) -> None:
        pause: float | None = None
        while True:
            with self._changed:
                if pause is None:
                    self._changed.wait_for(lambda: self._asked or self._closed)
                self._changed.wait_for(lambda: self._closed, pause or self._delay)
                if self._closed:
                    return
                self._asked = False
            pause = self._work()
