"""The outbox of one sandbox: the messages the product would have mailed. No mail leaves the machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockflow.clock import Clock, iso
from mockflow.ids import Ids
from mockflow.store import Record, Store


def shown(message: Mapping[str, Any]) -> dict[str, object]:
    """A message as it is shown: one without a code has no such key."""
    return {key: value for key, value in message.items() if key != "code" or value is not None}


class Outbox:
    """Keeps messages in the sandbox's store, oldest first."""

    def __init__(self, store: Store, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids

    def send(self, *, to: str, kind: str, subject: str, text: str, code: str | None = None) -> None:
        """Keep one message, inside the caller's transaction."""
        self._store.outbox.add(
            {
                "id": self._ids.record(),
                "to": to,
                "kind": kind,
                "subject": subject,
                "text": text,
                "code": code,
                "sentAt": iso(self._clock.now()),
            }
        )

    def messages(self, *, to: str | None = None, kind: str | None = None) -> list[Record]:
        """The messages to one address, of one kind, or all."""
        return [
            message
            for message in self._store.outbox.records()
            if (to is None or message["to"] == to.lower()) and (kind is None or message["kind"] == kind)
        ]

    def clear(self) -> int:
        """Forget all messages; tells how many there were."""
        messages = self._store.outbox.records()
        for message in messages:
            self._store.outbox.drop(message)
        return len(messages)
