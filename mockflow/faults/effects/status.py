"""`status`: an error in the documented shape, or a body of one's own."""

from __future__ import annotations

from typing import Any, ClassVar

import orjson

from mockflow import models
from mockflow.faults.effects.effect import Effect, Instead, Victim


class Status(Effect):
    """The operation's answer is an error. A 429 always has `Retry-After`, in seconds."""

    DEFAULT_RETRY_AFTER: ClassVar[int] = 1

    def __init__(self, effect: models.faults.FaultEffect) -> None:
        assert effect.status is not None  # noqa: S101 - that is how this class was chosen
        headers = dict(effect.headers or {})
        retry_after = effect.retryAfter
        if effect.status == 429 and retry_after is None:
            retry_after = self.DEFAULT_RETRY_AFTER
        if retry_after is not None:
            headers = {"Retry-After": str(retry_after), **headers}
        body = _content(effect.body, headers) if "body" in effect.model_fields_set else None
        self._instead = Instead(effect.status, effect.message, body, headers)

    def instead(self, victim: Victim) -> Instead:  # noqa: ARG002 - the same for everybody
        """The error."""
        return self._instead

    def afterwards(self, victim: Victim, body: bytes) -> Instead:  # noqa: ARG002 - likewise
        """The same error: the client cannot know that the operation was carried out."""
        return self._instead


def _content(body: Any, headers: dict[str, str]) -> bytes:
    """A text goes out as it is where the headers say that it is no JSON (a gateway's HTML page), else as JSON."""
    kind = next((value for name, value in headers.items() if name.lower() == "content-type"), "application/json")
    media_type = kind.partition(";")[0].strip().lower()
    is_json = media_type == "application/json" or media_type.endswith("+json")
    return body.encode() if isinstance(body, str) and not is_json else orjson.dumps(body)
