"""A feed of what happens in one sandbox, for those who listen just now."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from mockflow.errors import NotPossible

MOST_LISTENERS = 100
"""In one sandbox; each may have a few megabytes waiting."""


class Event(dict[str, Any]):
    """What there is to say of one event. All listeners are given the same, and never change it."""

    @cached_property
    def text(self) -> bytes:
        """As JSON: made once for all listeners, who may keep it without each having a copy."""
        return json.dumps(self, ensure_ascii=False).encode(errors="replace")


Listener = Callable[[str, Event], None]
"""Is told of one event: its kind (`request`, `fault`, `message`, `reset`, `end`) and what there is to say."""


class Feed:
    """Tells listeners; costs nothing where there are none."""

    def __init__(self) -> None:
        self._listeners: tuple[Listener, ...] = ()

    def __bool__(self) -> bool:
        return bool(self._listeners)

    def check_room(self) -> None:
        """Raise `NotPossible` where there are as many listeners as there can be."""
        if len(self._listeners) >= MOST_LISTENERS:
            raise NotPossible(f"There are {MOST_LISTENERS} listeners already; end one first.")

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Tell it from now on of all that happens; gives a function that ends this. Raises `NotPossible`."""
        self.check_room()
        self._listeners = (*self._listeners, listener)

        def leave() -> None:
            self._listeners = tuple(one for one in self._listeners if one is not listener)

        return leave

    def tell(self, kind: str, about: Mapping[str, Any]) -> None:
        """Tell of one event."""
        if self._listeners:
            event = Event(about)
            for listener in self._listeners:
                listener(kind, event)
