"""The faults that a client is tortured with: one table, a rule of the flat grammar for each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mockflow.faults.grammar import parse
from mockflow.operations import BY_NAME

RULE_ID = "torture"
"""The id of the rule of an experiment, by which the journal tells its hits."""
PATIENCE_SECONDS = 10.0
HITS = 1
"""How often a fault that passes fires."""

_PAGE = "<html><body><h1>502 Bad Gateway</h1></body></html>"


@dataclass(frozen=True)
class Trouble:
    """One fault. `rule` is in the flat grammar, without the operation it is for; `means` is for a person."""

    name: str
    rule: str
    means: str
    everywhere: bool = False
    """Whether it is tried at each request, not once for each operation."""
    waits: bool = False
    """Whether a careful client mostly waits under it."""

    @property
    def after(self) -> bool:
        """Whether the operation is carried out."""
        return "phase=after" in self.rule

    @property
    def lasting(self) -> bool:
        """Whether it goes on for ever."""
        return f"times={HITS}" not in self.rule

    @property
    def refuses(self) -> bool:
        """Whether a client may well end with an error: it lasts, or is a clear no."""
        return self.lasting or self.name == "400"

    @property
    def retry_after(self) -> float | None:
        """How many seconds it tells the client to wait."""
        seconds = parse(self.rule)["effect"].get("retryAfter")
        return None if seconds is None else float(seconds)

    def keywords(self) -> dict[str, Any]:
        """The rule as the keyword arguments of `mockflow.fault`."""
        found = {}
        for part in self.rule.split(";"):
            value: Any = parse(part)
            while isinstance(value, dict):
                (value,) = value.values()
            found[part.partition("=")[0].strip().replace("-", "_")] = value
        return found

    def fits(self, operation: str) -> bool:
        """Whether it can fire for an operation: a session ends only where there is one."""
        return self.name != "expired" or BY_NAME[operation].session

    def at(self, operation: str, nth: int) -> str:
        """The whole rule, for the nth request of an operation in a sandbox."""
        skip = f"; skip={nth - 1}" if nth > 1 else ""
        return f"operation={operation}; {self.rule}{skip}"


def troubles(patience: float = PATIENCE_SECONDS) -> Iterator[Trouble]:
    """All of them, the likeliest to find something first; a hang lasts for `patience` seconds."""
    yield Trouble("lost", "disconnect=empty; phase=after; times=1", "carried out, no answer", everywhere=True)
    yield Trouble("500", "status=500; phase=after; times=1", "carried out, answered 500", everywhere=True)
    yield Trouble("half", "malformed=true; phase=after; times=1", "carried out, half of the JSON", everywhere=True)
    yield Trouble("500", "status=500; times=1", "answered 500", everywhere=True)
    yield Trouble("429", "status=429; retry-after=1; times=1", "answered 429, Retry-After: 1", waits=True)
    yield Trouble("503", "status=503; retry-after=1; times=1", "answered 503, Retry-After: 1", waits=True)
    yield Trouble("400", "status=400; times=1", "answered 400")
    yield Trouble("expired", "expire-session=true; times=1", "the session ends")
    html = f"status=502; content-type=text/html; content={_PAGE}; times=1"
    yield Trouble("html", html, "answered 502 with an HTML page")
    yield Trouble("reset", "disconnect=reset; times=1", "the connection is reset")
    yield Trouble("truncate", "disconnect=truncate; times=1", "the connection closes in the middle of the body")
    yield Trouble("garbage", "disconnect=garbage; times=1", "bytes that are not HTTP")
    hang = f"hang={patience:g}; times=1"
    yield Trouble(
        "hang", f"hang={patience:g}; phase=after; times=1", "carried out, no answer for long", waits=True
    )
    yield Trouble("hang", hang, "no answer for long", waits=True)
    yield Trouble("503-for-ever", "status=503", "answered 503, always", waits=True)
    yield Trouble("429-for-ever", "status=429; retry-after=1", "answered 429, Retry-After: 1, always", waits=True)
    yield Trouble("401-for-ever", "status=401", "answered 401, always", waits=True)


def names() -> list[str]:
    """The names, each once."""
    return list(dict.fromkeys(trouble.name for trouble in troubles()))
