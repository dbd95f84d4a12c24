"""The outbox of one sandbox: the messages the product would have mailed. No mail leaves the machine."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

from mockflow.clock import Clock, iso
from mockflow.ids import Ids
from mockflow.store import Record, Store

_MOST_NEWS = 1000
"""Messages that may wait to be told of, where nobody asks."""


def shown(message: Mapping[str, Any]) -> dict[str, object]:
    """A message as it is shown: one without a code has no such key."""
    return {key: value for key, value in message.items() if key != "code" or value is not None}


class Outbox:
    """Keeps messages in the sandbox's store, oldest first."""

    def __init__(self, store: Store, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._news: deque[Record] = deque(maxlen=_MOST_NEWS)

    def send(self, *, to: str, kind: str, subject: str, text: str, code: str | None = None) -> None:
        """Keep one message, inside the caller's transaction."""
        message = self._store.outbox.add(
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
        self._news.append(message)

    def news(self) -> list[Record]:
        """The messages that were sent since this was last asked, oldest first, as far as they are there now.

        The cost is that of these few, whatever the outbox holds. One that was taken back with its transaction, or
        is gone with a reset, is none; messages that a snapshot brings back are none either.
        """
        sent = list(self._news)
        self._news.clear()
        return [message for message in sent if self._store.outbox.find(message["id"]) is message]

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
