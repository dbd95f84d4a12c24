"""Shapes of the control API's calls about the journal."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from mockflow.models.base import Text, WholeNumber, left_out
from mockflow.models.control import Command, ControlQuery

_DEEPEST = 100
"""Levels of arrays and objects."""


def _number(text: Any) -> Any:
    """A query's number."""
    if not isinstance(text, str) or not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise PydanticCustomError("invalid_type", "Expected a whole number.")
    return int(text)


def _bounds(count: Any) -> Any:
    """Exactly n is at least and at most n."""
    number = isinstance(count, int | float) and not isinstance(count, bool)
    if not (number or isinstance(count, dict)):
        raise PydanticCustomError("invalid_type", "Expected a number, or an object with atLeast, atMost or both.")
    return {"atLeast": count, "atMost": count} if number else count


def _shallow(body: Any) -> Any:
    """A body that is not nested more deeply than those that are kept as JSON."""
    level, depth = [body], 0
    while level := [value for value in level if isinstance(value, dict | list)]:
        depth += 1
        if depth > _DEEPEST:
            raise PydanticCustomError("too_big", f"Nested more than {_DEEPEST} levels deep.")
        level = [inner for value in level for inner in (value.values() if isinstance(value, dict) else value)]
    return body


Status = Annotated[int, Field(ge=100, le=599)]
QueryNumber = BeforeValidator(_number)
Count = Annotated[WholeNumber, Field(ge=0)]


class RequestFilter(ControlQuery):
    """Which requests to show."""

    method: Text | None = None
    path: Text | None = None
    operation: Text | None = None
    status: Annotated[Status, QueryNumber] | None = None
    since: Text | None = None
    limit: Annotated[int, QueryNumber, Field(ge=1)] | None = None
    text: Text | None = None


class RequestMatch(Command):
    """What a request has to be; `body` is a part of its JSON."""

    method: Text = left_out()
    path: Text = left_out()
    operation: Text = left_out()
    status: Status = left_out()
    body: Annotated[Any, BeforeValidator(_shallow)] = left_out()


class Bounds(Command):
    """How many requests are expected."""

    atLeast: Count = 0
    atMost: Count | None = None

    @model_validator(mode="after")
    def _can_be_met(self) -> Bounds:
        if not self.model_fields_set:
            raise PydanticCustomError("custom", "Give a number, or atLeast, atMost or both.")
        if self.atMost is not None and self.atLeast > self.atMost:
            raise PydanticCustomError("custom", "atLeast is more than atMost.")
        return self


class Verification(Command):
    """Which requests are to be counted, and how many there are to be."""

    match: RequestMatch = RequestMatch()
    count: Annotated[Bounds, BeforeValidator(_bounds)] = Bounds(atLeast=1)
