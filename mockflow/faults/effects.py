"""What a rule does: one small class for each effect.

An effect says what becomes of an answer (`Injected`), and what the connection does with it (`Wire`). It does
neither itself: HTTP makes the answer, the server works on the connection.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from mockflow import models


@dataclass(frozen=True)
class Wire:
    """What is done to the connection: `reset`, `empty`, `truncate` or `garbage`, or a hang before it is closed."""

    disconnect: str | None = None
    hang_seconds: float | None = None


@dataclass(frozen=True)
class Injected:
    """An answer in place of the real one, with the documented body of its status unless `own_body`."""

    status: int
    message: str | None = None
    retry_after: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    own_body: bool = False
    body: Any = None


class Effect(Protocol):
    """What all effects have."""

    @property
    def injected(self) -> Injected | None:
        """The answer instead, where there is one."""

    @property
    def wire(self) -> Wire | None:
        """What the connection does, where it does anything."""

    @property
    def breaks_json(self) -> bool:
        """Whether the body is to be cut so that it is no JSON any more."""

    @property
    def ends_session(self) -> bool:
        """Whether the caller's session ends."""


class _Nothing:
    injected: Injected | None = None
    wire: Wire | None = None
    breaks_json: bool = False
    ends_session: bool = False


class Status(_Nothing):
    """An error in the documented shape. A 429 always has `Retry-After`."""

    DEFAULT_RETRY_AFTER: ClassVar[int] = 1

    def __init__(self, effect: models.faults.FaultEffect) -> None:
        assert effect.status is not None  # noqa: S101 - that is how this class was chosen
        retry_after = effect.retryAfter
        if effect.status == 429 and retry_after is None:
            retry_after = self.DEFAULT_RETRY_AFTER
        own_body = "body" in effect.model_fields_set
        self.injected = Injected(
            effect.status, effect.message, retry_after, effect.headers or {}, own_body, effect.body
        )


class Disconnect(_Nothing):
    """The connection breaks: TCP reset, no answer, half of one, or bytes that are not HTTP."""

    def __init__(self, effect: models.faults.FaultEffect) -> None:
        self.wire = Wire(disconnect=effect.disconnect)


class Hang(_Nothing):
    """Nothing comes for so many seconds; then the connection is closed."""

    def __init__(self, effect: models.faults.FaultEffect) -> None:
        self.wire = Wire(hang_seconds=effect.hang)


class Malformed(_Nothing):
    """A 200 whose JSON breaks off in the middle."""

    breaks_json = True

    def __init__(self, _effect: models.faults.FaultEffect) -> None: ...


class ExpireSession(_Nothing):
    """The session is really over: this request and those after it get 401 until the next sign-in."""

    ends_session = True

    def __init__(self, _effect: models.faults.FaultEffect) -> None: ...


_CLASSES: Mapping[str, type[Effect]] = {
    "status": Status,
    "disconnect": Disconnect,
    "hang": Hang,
    "malformed": Malformed,
    "expireSession": ExpireSession,
}


def effect_of(shape: models.faults.FaultEffect) -> Effect:
    """The effect that a rule asks for."""
    chosen: Any = next(cls for name, cls in _CLASSES.items() if getattr(shape, name) is not None)
    effect: Effect = chosen(shape)
    return effect


@dataclass(frozen=True)
class Outcome:
    """What the server does with an answer: how late, how slowly, and what breaks on the way."""

    delay_seconds: float = 0.0
    bytes_per_second: int | None = None
    wire: Wire | None = None
