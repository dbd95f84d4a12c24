"""What all effects have in common: what they are given, and what they give."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, NamedTuple, Protocol

from mockflow.domain.world import World


class Victim(NamedTuple):
    """The request that a rule fired for: the world it acts on, and the value of its session cookie."""

    world: World
    token: str | None


class Instead(NamedTuple):
    """An answer in place of the real one. Without a `body` it has the error shape that the contract gives its
    status (section 1), with `message` or the documented words."""

    status: int
    message: str | None = None
    body: bytes | None = None
    headers: Mapping[str, str] = MappingProxyType({})


class Line(Protocol):
    """The connection that an answer is to go out on, as an effect that breaks it sees it."""

    def send(self) -> None:
        """Send the answer as it is."""

    def send_half(self) -> None:
        """Send the head, which promises the whole body, and half of the body."""

    def write(self, data: bytes) -> None:
        """Send bytes of one's own."""

    def close(self) -> None:
        """Close the connection once all that was sent is on its way."""

    def reset(self) -> None:
        """Close it with a TCP reset (RST), whatever was sent."""

    async def wait(self, seconds: float) -> bool:
        """Wait so long, or until the server stops; false once the client has left."""


class Effect:
    """Does nothing. An effect overrides what it is about."""

    needs_session: ClassVar[bool] = False
    """Whether it is only for requests that come with a session that lives."""
    breaks: ClassVar[str | None] = None
    """What it does to the connection, in words with `{}` for the rule's id; None where the answer comes whole."""
    shows_status: ClassVar[bool] = True
    """Whether the client sees a status line."""

    def instead(self, victim: Victim) -> Instead | None:  # noqa: ARG002 - for those that override it
        """The answer before the operation is carried out; None lets it go on."""
        return None

    def afterwards(self, victim: Victim, body: bytes) -> Instead | None:  # noqa: ARG002 - likewise
        """The answer once the operation was carried out and answered with `body`; None leaves that as it is."""
        return None

    async def deliver(self, line: Line) -> bool:
        """Send the answer; false where the client left before that was done."""
        line.send()
        return True


class Outcome(NamedTuple):
    """What becomes of an answer on its way: how late it comes, how slowly, and which effect breaks it."""

    delay_seconds: float = 0.0
    bytes_per_second: int | None = None
    breaking: Effect | None = None
