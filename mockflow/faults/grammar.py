"""The flat way to write a rule: `status=500; operation=createTask; times=2`, or just `401`.

Used alike by `--fault`, MOCKFLOW_FAULT, the request header and `mockflow faults add`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mockflow.errors import InvalidInput

PLACES: Mapping[str, tuple[str, ...]] = {
    "id": ("id",),
    "operation": ("match", "operation"),
    "method": ("match", "method"),
    "path": ("match", "path"),
    "user": ("match", "user"),
    "status": ("effect", "status"),
    "message": ("effect", "message"),
    "retry-after": ("effect", "retryAfter"),
    "content-type": ("effect", "headers", "Content-Type"),
    "content": ("effect", "body"),
    "disconnect": ("effect", "disconnect"),
    "hang": ("effect", "hang"),
    "malformed": ("effect", "malformed"),
    "expire-session": ("effect", "expireSession"),
    "latency": ("latency", "ms"),
    "jitter": ("latency", "jitter"),
    "distribution": ("latency", "distribution"),
    "bytes-per-second": ("latency", "bytesPerSecond"),
    "skip": ("skip",),
    "times": ("times",),
    "probability": ("probability",),
    "phase": ("phase",),
    "expires-after": ("expiresAfter",),
}
"""Where each key of the flat grammar is in a rule."""
KEYS = tuple(PLACES)
_NUMBER = r"(?ai)-?\d{1,12}(?:\.\d{1,20})?(?:e[+-]?\d{1,3})?"
_TEXTS = frozenset(
    {
        "id",
        "operation",
        "method",
        "path",
        "user",
        "message",
        "content-type",
        "content",
        "disconnect",
        "distribution",
        "phase",
    }
)


def parse(text: str) -> dict[str, Any]:
    """The rule that a text stands for, not yet checked against the shape of rules. Raises `InvalidInput`."""
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise InvalidInput("The rule is not valid UTF-8.")
    rule: dict[str, Any] = {}
    for part in text.split(";"):
        key, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals and key.isdigit():
            key, value = "status", key
        elif not equals and not key:
            continue
        elif not equals:
            raise InvalidInput.at(key, message=f"Expected key=value, or a status alone, in {part.strip()!r}.")
        _put(rule, key, value)
    if not rule:
        raise InvalidInput("Expected a rule such as 'status=500; operation=createTask; times=2'.")
    return rule


def flat(**keys: Any) -> dict[str, Any]:
    """The rule that the keys of the grammar stand for, with `_` for `-`."""
    rule: dict[str, Any] = {}
    for key, value in keys.items():
        _put(rule, key.replace("_", "-"), value)
    return rule


def _put(rule: dict[str, Any], key: str, value: Any) -> None:
    if key not in PLACES:
        raise InvalidInput.at(key, message=f"There is no key {key!r}; there are {', '.join(KEYS)}.")
    *outer, last = PLACES[key]
    inner = rule
    for name in outer:
        inner = inner.setdefault(name, {})
    if last in inner:
        raise InvalidInput.at(key, message=f"{key} is given twice.")
    inner[last] = value if key in _TEXTS or not isinstance(value, str) else _value(key, value)


def _value(key: str, text: str) -> Any:
    """A number, `true` or `false`."""
    if text in ("true", "false"):
        return text == "true"
    if not re.fullmatch(_NUMBER, text):
        shown = text if len(text) <= 40 else f"{text[:40]}…"
        raise InvalidInput.at(key, message=f"{key} cannot be {shown!r}: expected a number or true.")
    return int(text) if text.lstrip("-").isdecimal() else float(text)
