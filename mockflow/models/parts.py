"""A part of a JSON body that requests are compared with, by fault rules and by verdicts alike."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

DEEPEST = 100
"""Levels of arrays and objects, as many as bodies in the journal have."""
MOST_VALUES = 1000
"""Values of a part, arrays and objects included: each is looked at for each of a thousand requests."""


def _bounded(part: Any) -> Any:
    level, depth, count = [part], 0, 1
    while level := [value for value in level if isinstance(value, dict | list)]:
        depth += 1
        if depth > DEEPEST:
            raise PydanticCustomError("too_big", f"Nested more than {DEEPEST} levels deep.")
        level = [inner for value in level for inner in (value.values() if isinstance(value, dict) else value)]
        count += len(level)
        if count > MOST_VALUES:
            raise PydanticCustomError("too_big", f"More than {MOST_VALUES} values: name the ones that matter.")
    return part


BodyPart = Annotated[Any, BeforeValidator(_bounded)]
