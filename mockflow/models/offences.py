"""From pydantic's words to ours: what is wrong with each field."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from mockflow.errors import Offence

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

_MOST = 500
_CODES = {
    "missing": "invalid_type",
    "extra_forbidden": "unrecognized_keys",
    "value_error": "custom",
    "literal_error": "invalid_enum_value",
    "string_too_long": "too_big",
    "less_than_equal": "too_big",
    "string_too_short": "too_small",
    "greater_than": "too_small",
    "greater_than_equal": "too_small",
    "string_pattern_mismatch": "invalid_string",
}
_MESSAGES = {
    "missing": "Required.",
    "extra_forbidden": "There is no such key.",
    "model_type": "Expected an object.",
    "dict_type": "Expected an object.",
}


def offences_of(error: ValueError) -> tuple[Offence, ...]:
    """One for each offending field, from pydantic's `ValidationError`; or one for very many."""
    found = cast("ValidationError", error)
    if found.error_count() > _MOST:  # each takes its time
        return (Offence((), f"There are {found.error_count()} fields that are wrong or unknown.", "custom"),)
    details = found.errors(include_url=False, include_input=False)
    return tuple(_offence(detail) for detail in details)


def told(offences: tuple[Offence, ...]) -> str:
    """All of them in a sentence, without its full stop."""
    parts = (f"{'.'.join(map(str, found.path))}: {found.message}".removeprefix(": ") for found in offences)
    return "; ".join(part.rstrip(".") for part in parts)[:500]


def _offence(detail: ErrorDetails) -> Offence:
    kind = detail["type"]
    message = _MESSAGES.get(kind, detail["msg"].removeprefix("Value error, "))
    code = _CODES.get(kind, "invalid_type" if kind.endswith("_type") else kind)
    return Offence(tuple(detail["loc"]), message if message.endswith(".") else f"{message}.", code)
