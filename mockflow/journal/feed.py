"""A feed of what happens in one sandbox, for those who listen just now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Listener = Callable[[str, dict[str, Any]], None]
"""Is told of one event: its kind (`request`, `fault`, `message`, `reset`, `end`) and what there is to say."""


class Feed:
    """Tells listeners; costs nothing where there are none."""

    def __init__(self) -> None:
        self._listeners: tuple[Listener, ...] = ()
        self.last_message: str | None = None
        """The id of the newest message that listeners know of."""

    def __bool__(self) -> bool:
        return bool(self._listeners)

    def listen(self, listener: Listener, last_message: str | None) -> Callable[[], None]:
        """Tell it from now on of all that happens; gives a function that ends this."""
        if not self._listeners:
            self.last_message = last_message
        self._listeners = (*self._listeners, listener)

        def leave() -> None:
            self._listeners = tuple(one for one in self._listeners if one is not listener)

        return leave

    def tell(self, kind: str, event: dict[str, Any]) -> None:
        """Tell of one event."""
        for listener in self._listeners:
            listener(kind, event)
