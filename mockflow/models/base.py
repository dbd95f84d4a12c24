"""What all shapes share: strictness, and the kinds of value that several groups use."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from mockflow.clock import iso, parse_moment

NAME_LENGTH = 255


# Shapes are compiled when they are first used: a start that compiled all of them would take a third longer.
_COMMON = ConfigDict(strict=True, defer_build=True)


class Body(BaseModel):
    """A JSON body. Types are exact (`"true"` is not `true`), unknown fields are ignored (contract, section 1)."""

    model_config = ConfigDict(**_COMMON, extra="ignore", frozen=True)

    def given(self) -> dict[str, Any]:
        """The fields the client sent, by name, plain values all through."""
        return self.model_dump(include=self.model_fields_set)


class Query(BaseModel):
    """A query string: every value is text, or a list of texts where a parameter may be repeated."""

    model_config = ConfigDict(**_COMMON, extra="ignore", frozen=True)
    repeatable: ClassVar[frozenset[str]] = frozenset()


class Answer(BaseModel):
    """A shape that goes out: exactly these keys."""

    model_config = ConfigDict(**_COMMON, extra="forbid")


def _refuse(code: str, message: str) -> PydanticCustomError:
    return PydanticCustomError(code, message)


def _printable(text: str) -> str:
    if "\0" in text:
        raise _refuse("invalid_string", "A NUL character is not allowed here.")
    return text


def _not_blank(text: str) -> str:
    if not text.strip():
        raise _refuse("too_small", "Must not be blank.")
    return text


def _whole(number: Any) -> Any:
    """JSON knows one kind of number: 30.0 is 30, as far as that is exact."""
    exact = isinstance(number, float) and number.is_integer() and abs(number) < 2**53
    return int(number) if exact else number


def _calendar_date(text: str) -> str:
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            raise ValueError
        date.fromisoformat(text)
    except ValueError:
        raise _refuse("invalid_date", "Expected a real calendar date, YYYY-MM-DD.") from None
    return text


def _moment(text: str) -> str:
    try:
        return iso(parse_moment(text))
    except ValueError as error:
        message = str(error)
        raise _refuse("invalid_date", f"{message[0].upper()}{message[1:]}.") from None


# The HTML standard's idea of an e-mail address, with a dot in its domain. No DNS: shape alone counts.
_EMAIL = re.compile(
    r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+"
    r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
)


def _email(text: str) -> str:
    lowered = text.lower()
    if len(text) > 254 or not _EMAIL.fullmatch(lowered):
        raise _refuse("invalid_string", "Expected an e-mail address such as demo@flowtask.test.")
    return lowered


def _comma_separated(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part for part in (part.strip() for part in text.split(",")) if part))


def _some_ids(ids: tuple[str, ...]) -> tuple[str, ...]:
    if not ids:
        raise _refuse("too_small", "Name at least one id.")
    return ids


def _without_default(schema: dict[str, Any]) -> None:
    schema.pop("default", None)


def left_out() -> Any:
    """The default of a field that may be left out but has no value of its own then: see `Body.given`."""
    return Field(default=None, json_schema_extra=_without_default)


PRINTABLE = AfterValidator(_printable)
NOT_BLANK = AfterValidator(_not_blank)

# Lengths come before the rest, so that a message speaks of characters.
Text = Annotated[str, PRINTABLE]
NotBlank = Annotated[Text, NOT_BLANK]
Name = Annotated[str, StringConstraints(max_length=NAME_LENGTH), PRINTABLE, NOT_BLANK]
Email = Annotated[str, AfterValidator(_email)]
WholeNumber = Annotated[int, BeforeValidator(_whole)]
CalendarDate = Annotated[str, AfterValidator(_calendar_date)]
Moment = Annotated[str, AfterValidator(_moment)]
"""Any ISO 8601 date-time comes in; UTC with milliseconds goes on."""
IdList = Annotated[
    tuple[str, ...],
    BeforeValidator(lambda value: _comma_separated(value) if isinstance(value, str) else value),
]
"""Comma separated ids in one text, each once."""
SomeIds = Annotated[IdList, AfterValidator(_some_ids)]
NewPassword = Annotated[str, StringConstraints(min_length=8, max_length=1000), PRINTABLE]
Timestamp = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$")]
RecordId = Annotated[str, Field(pattern=r"^c[a-z0-9]{24}$")]
TagId = Annotated[str, Field(pattern=r"^tag_[0-9a-z]{26}$")]


class ErrorField(Answer):
    """One offending field."""

    path: list[str | int]
    message: str
    code: str


class Error(Answer):
    """The one shape of an error (contract, section 1)."""

    message: str
    msg: str
    errors: list[ErrorField] = []
    isAuthenticated: Literal[False] | None = None


class Message(Answer):
    """An answer that only says it worked."""

    msg: str


class DeletedCount(Answer):
    """How many a bulk delete removed."""

    deletedCount: int
