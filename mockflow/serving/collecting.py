"""Python's garbage collector, kept from holding everybody up.

Left alone, it looks now and then through all that is kept: with 100,000 tasks that takes longer than a client
should wait. Records never refer to each other in circles, so what survives a look at what is new is not looked at
again. Whatever does make circles and goes (a connection, a sandbox) takes them apart when it is closed.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

EVERY = 256
"""Requests; what so many leave behind is looked through in less than a millisecond."""

MOST_NEW = 20_000
"""Objects; to look through more takes too long, and so many at once are records, which have no circles."""


@contextmanager
def collecting() -> Iterator[Collector]:
    """Have garbage collected by request, until the end of the context. What is there by then stays, unseen."""
    was_enabled = gc.isenabled()
    gc.disable()
    gc.freeze()  # without a look at it: that would hold up the first answer by a tenth
    try:
        yield Collector()
    finally:
        gc.unfreeze()
        if was_enabled:
            gc.enable()


class Collector:
    """Collects what is new, once in so many requests, unless that is a large state which has just been loaded."""

    def __init__(self) -> None:
        self._count = 0

    def answered(self) -> None:
        """Count one request."""
        self._count += 1
        if self._count >= EVERY:
            self._count = 0
            if gc.get_count()[0] < MOST_NEW:
                gc.collect(0)
            gc.freeze()
