"""Shapes of the control API's calls about the journal."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from mockflow.models.base import Text, WholeNumber, left_out
from mockflow.models.control import Command, ControlQuery
from mockflow.models.parts import BodyPart

MOST_NAMES = 50
"""Headers, and parameters of a query, that a request can be compared by."""


def _number(text: Any) -> Any:
    """A query's number."""
    if not isinstance(text, str) or not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise PydanticCustomError("invalid_type", "Expected a whole number.")
    return int(text)


def _few(names: dict[str, Any]) -> dict[str, Any]:
    if len(names) > MOST_NAMES:
        raise PydanticCustomError("too_big", f"More than {MOST_NAMES} names: give the ones that matter.")
    return names


def _bounds(count: Any) -> Any:
    """Exactly n is at least and at most n."""
    number = isinstance(count, int | float) and not isinstance(count, bool)
    if not (number or isinstance(count, dict)):
        raise PydanticCustomError("invalid_type", "Expected a number, or an object with atLeast, atMost or both.")
    return {"atLeast": count, "atMost": count} if number else count


Status = Annotated[int, Field(ge=100, le=599)]
Named = AfterValidator(_few)
Values = Annotated[list[Text], Field(min_length=1, max_length=MOST_NAMES)]
"""Those of a parameter that is repeated."""
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
    """What a request has to be: `query` and `headers` are some of its own, `body` is a part of its JSON."""

    method: Text = left_out()
    path: Text = left_out()
    operation: Text = left_out()
    status: Status = left_out()
    query: Annotated[dict[Text, Text | Values], Named] = left_out()
    headers: Annotated[dict[Text, Text], Named] = left_out()
    body: BodyPart = left_out()


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
