"""A feed of what happens in one sandbox, for those who listen just now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

Listener = Callable[[str, dict[str, Any]], None]
"""Is told of one event: its kind (`request`, `fault`, `message`, `reset`, `end`) and what there is to say."""
Message = dict[str, Any]


class Feed:
    """Tells listeners; costs nothing where there are none."""

    def __init__(self) -> None:
        self._listeners: tuple[Listener, ...] = ()
        self._known: tuple[Message, ...] = ()

    def __bool__(self) -> bool:
        return bool(self._listeners)

    def listen(self, listener: Listener, messages: Sequence[Message]) -> Callable[[], None]:
        """Tell it from now on of all that happens; gives a function that ends this.

        `messages` are those that the outbox has already.
        """
        if not self._listeners:
            self._known = tuple(messages)
        self._listeners = (*self._listeners, listener)

        def leave() -> None:
            self._listeners = tuple(one for one in self._listeners if one is not listener)
            if not self._listeners:
                self._known = ()

        return leave

    def unknown(self, messages: Sequence[Message]) -> list[Message]:
        """Those of the outbox's messages that listeners have not been told of; from now on they have.

        What counts is the record, not its id: after a reset the same ids come again.
        """
        known = {id(message) for message in self._known}
        self._known = tuple(messages)
        return [message for message in messages if id(message) not in known]

    def tell(self, kind: str, event: dict[str, Any]) -> None:
        """Tell of one event."""
        for listener in self._listeners:
            listener(kind, event)
