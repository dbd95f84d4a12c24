"""JSON as the API reads it, in values that can be shown as JSON again."""

from __future__ import annotations

import json
import math
import re
from itertools import accumulate
from typing import Any

DEEPEST = 100
"""Levels of arrays and objects."""

_SMALLEST, _LARGEST = -(2**63), 2**64 - 1
# What Python reads and others do not: halves of surrogate pairs, numbers of any size.
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_ODD = re.compile(rb"\\u[dD][89a-fA-F]|[0-9]{19}|[0-9.][eE]\+?[0-9]{3}")


def read_json(content: bytes) -> Any:
    """The value of a JSON text. Whole numbers of more than 64 bits become floats.

    Raises `ValueError` for what is no JSON, is nested too deeply, or has in it what JSON cannot show.
    """
    try:
        value = json.loads(content, parse_constant=_refuse)
        if _is_deep(content):
            raise ValueError(f"nested more than {DEEPEST} levels deep")
        return _plain(value) if _ODD.search(content) else value
    except (RecursionError, OverflowError) as error:
        raise ValueError(str(error)) from None


def read_body(content: bytes) -> Any:
    """A whole body: JSON where it is that, else text; None where there is none."""
    if not content:
        return None
    try:
        return read_json(content)
    except ValueError:
        return content.decode(errors="replace")


def _is_deep(content: bytes) -> bool:
    """Whether valid JSON is nested too deeply."""
    if content.count(b"[") + content.count(b"{") <= DEEPEST:
        return False
    unescaped = content.replace(b"\\\\", b"").replace(b'\\"', b"")  # so that each quote begins or ends a string
    outside = b"".join(unescaped.split(b'"')[::2])
    brackets = outside.translate(None, _NO_BRACKETS)
    return max(accumulate(1 if bracket in b"[{" else -1 for bracket in brackets)) > DEEPEST


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {_plain(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, str):
        value.encode()
    elif isinstance(value, int) and not _SMALLEST <= value <= _LARGEST:
        return float(value)
    elif isinstance(value, float) and not math.isfinite(value):
        raise ValueError("a number that is too large")
    return value
