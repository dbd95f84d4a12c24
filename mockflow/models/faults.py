"""The shape of a fault rule, as the control API takes it. Unknown fields are mistakes here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError

from mockflow.models.base import Email, NotBlank, Text, WholeNumber
from mockflow.models.parts import BodyPart

Disconnect = Literal["reset", "empty", "truncate", "garbage"]
EFFECTS = ("status", "disconnect", "hang", "malformed", "expireSession")
"""The keys of an effect, of which it has exactly one."""
STATUS_DETAILS = ("message", "retryAfter", "headers", "body")
"""What an effect can have beside `status`."""

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# What the connection is about, what mockflow says of itself, and what a session, a cache or a page goes by.
_FIXED_HEADERS = frozenset(
    "content-length transfer-encoding connection keep-alive proxy-connection upgrade te trailer set-cookie "
    "cache-control date vary".split()
)
_FIXED_PREFIXES = ("access-control-", "ratelimit-", "x-mockflow-")
_DEEPEST = 50


class _Rule(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, defer_build=True)


def _headers(headers: Mapping[str, str]) -> Mapping[str, str]:
    for name, value in headers.items():
        fixed = name.lower() in _FIXED_HEADERS or name.lower().startswith(_FIXED_PREFIXES)
        if fixed or not _TOKEN.fullmatch(name):
            raise PydanticCustomError("custom", "The header {name} cannot be set.", {"name": repr(name)})
        if not value.isascii() or not value.isprintable():
            raise PydanticCustomError("custom", "The value of {name} has to be printable ASCII.", {"name": name})
    return headers


def _real(value: Any) -> Any:
    return float(value) if type(value) is int else value


def _true(value: bool) -> bool:
    if not value:
        raise PydanticCustomError("custom", "Can only be true; leave it out otherwise.")
    return value


def _free_id(name: str) -> str:
    if name == "presets":
        raise PydanticCustomError("custom", "A rule cannot be called presets: that is where the presets are.")
    return name


def _shallow(body: Any) -> Any:
    level, depth = [body], 0
    while level := [
        inner
        for outer in level
        if isinstance(outer, dict | list)
        for inner in (outer.values() if isinstance(outer, dict) else outer)
    ]:
        depth += 1
        if depth > _DEEPEST:
            raise PydanticCustomError("custom", f"Nested more than {_DEEPEST} deep.")
    return body


Real = Annotated[float, BeforeValidator(_real)]
Seconds = Annotated[Real, Field(ge=0, le=3600, allow_inf_nan=False)]
Milliseconds = Annotated[Real, Field(ge=0, le=600_000, allow_inf_nan=False)]
OnlyTrue = Annotated[bool, AfterValidator(_true)]
Number = Annotated[WholeNumber, Field(ge=1)]


class FaultMatch(_Rule):
    """Which requests a rule is for; what is left out matches all. `body` is a part of the JSON body."""

    operation: Text | None = None
    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] | None = None
    path: Text | None = None
    user: Email | None = None
    body: BodyPart = None


class FaultEffect(_Rule):
    """What happens instead of the answer: exactly one of `status`, `disconnect`, `hang`, `malformed`,
    `expireSession`; the rest goes with `status`."""

    status: Annotated[WholeNumber, Field(ge=400, le=599)] | None = None
    message: NotBlank | None = None
    retryAfter: Annotated[WholeNumber, Field(ge=0, le=10**9)] | None = None
    headers: Annotated[dict[str, str], AfterValidator(_headers)] | None = None
    body: Annotated[Any, AfterValidator(_shallow)] = None
    disconnect: Disconnect | None = None
    hang: Seconds | None = None
    malformed: OnlyTrue | None = None
    expireSession: OnlyTrue | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> FaultEffect:
        given = [name for name in EFFECTS if getattr(self, name) is not None]
        if len(given) != 1:
            told = f"got {' and '.join(given)}" if given else "got none"
            message = f"Give exactly one of {', '.join(EFFECTS)}; {told}."
            raise PydanticCustomError("custom", message)
        lost = [name for name in STATUS_DETAILS if name in self.model_fields_set]
        if lost and given != ["status"]:
            raise PydanticCustomError("custom", f"{lost[0]} goes with status, not with {given[0]}.")
        return self


class FaultLatency(_Rule):
    """How late the answer comes, in milliseconds, and how slowly.

    `jitter` is the most by which it is more or less; with `distribution: lognormal`, `ms` is the median and `ms +
    jitter` what one in six exceeds. With `bytesPerSecond` the body comes a few bytes at a time.
    """

    ms: Milliseconds = 0
    jitter: Milliseconds = 0
    distribution: Literal["uniform", "lognormal"] = "uniform"
    bytesPerSecond: Annotated[WholeNumber, Field(ge=1, le=10**9)] | None = None

    @model_validator(mode="after")
    def _possible(self) -> FaultLatency:
        if not (self.ms or self.jitter or self.bytesPerSecond):
            raise PydanticCustomError("custom", "Give ms, jitter or bytesPerSecond: this delays nothing.")
        if self.distribution == "lognormal" and not self.ms:
            raise PydanticCustomError("custom", "A lognormal latency needs ms, its median.")
        return self


class FaultRule(_Rule):
    """One rule; see `docs/faults.md`."""

    id: Annotated[str, StringConstraints(pattern=r"\A[A-Za-z0-9_.-]{1,64}\z"), AfterValidator(_free_id)] | None = (
        None
    )
    match: FaultMatch = FaultMatch.model_construct()
    effect: FaultEffect | None = None
    latency: FaultLatency | None = None
    skip: Annotated[WholeNumber, Field(ge=0)] = 0
    times: Number | None = None
    probability: Annotated[Real, Field(gt=0, le=1, allow_inf_nan=False)] = 1.0
    phase: Literal["before", "after"] = "before"
    expiresAfter: Annotated[Real, Field(gt=0, le=10**9, allow_inf_nan=False)] | None = None

    @model_validator(mode="after")
    def _does_something(self) -> FaultRule:
        if self.effect is None and self.latency is None:
            raise PydanticCustomError("custom", "Give effect, latency or both: this rule does nothing.")
        return self
