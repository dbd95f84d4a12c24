"""What all shapes share: strictness, and the kinds of value that several groups use."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from mockflow.clock import iso, parse_moment
from mockflow.models.texts import control_character, folded, trimmed, words

NAME_LENGTH = 255
MOST_TERMS = 50
"""Different terms of a search (contract, section 1)."""


# Shapes are compiled when they are first used: a start that compiled all of them would take a third longer.
_COMMON = ConfigDict(strict=True, defer_build=True)


class Body(BaseModel):
    """A JSON body. Types are exact (`"true"` is not `true`), unknown fields are ignored (contract, section 1)."""

    model_config = ConfigDict(**_COMMON, extra="ignore", frozen=True)

    def given(self) -> dict[str, Any]:
        """The fields the client sent, by name, plain values all through."""
        return self.model_dump(include=self.model_fields_set)


class FormBody(Body):
    """The text fields of a multipart form; `file` is the name of the file that may come along."""

    file: ClassVar[str]


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
    if not trimmed(text):
        raise _refuse("too_small", "Must not be blank.")
    return text


def _named(text: str, longest: int) -> str:
    """A name without white space around it."""
    name = _not_blank(_printable(trimmed(text)))
    if len(name) > longest:
        raise _refuse("too_big", f"String should have at most {longest} characters.")
    stray = control_character(name)
    if stray is not None:
        raise _refuse("invalid_string", f"The control character U+{ord(stray):04X} is not allowed here.")
    return name


def _few_terms(text: str) -> str:
    count = len(set(words(folded(text))))
    if count > MOST_TERMS:
        raise _refuse("too_big", f"Expected at most {MOST_TERMS} different terms, got {count}.")
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


def left_out(description: str | None = None) -> Any:
    """The default of a field that may be left out but has no value of its own then: see `Body.given`."""
    return Field(default=None, description=description)


def for_example(**fields: Any) -> ConfigDict:
    """The configuration of a body that the OpenAPI document shows with these fields."""
    return ConfigDict(json_schema_extra={"examples": [fields]})


def _in_schema(*, examples: list[Any] | None = None, **keywords: Any) -> Any:
    """What a JSON Schema says of a value that is checked by a function; it changes nothing of what is accepted."""
    return Field(examples=examples, json_schema_extra=keywords)


def named(longest: int) -> tuple[Any, ...]:
    """What makes a string a name or a title: trimmed, not blank, without control characters, not too long."""
    return AfterValidator(partial(_named, longest=longest)), _in_schema(pattern=r"\S", maxLength=longest)


PRINTABLE = AfterValidator(_printable)
NOT_BLANK = AfterValidator(_not_blank)
IS_NOT_BLANK = _in_schema(pattern=r"\S")
_ID_LIST = {"type": "array", "items": {"type": "string"}}

# Lengths come before the rest, so that a message speaks of characters.
Text = Annotated[str, PRINTABLE]
NotBlank = Annotated[Text, NOT_BLANK, IS_NOT_BLANK]
EMPTY = "allowEmptyValue"
"""What OpenAPI calls a parameter that may be there without a value; validating proxies want to be told."""
SearchText = Annotated[Text, AfterValidator(_few_terms)]
MAY_BE_EMPTY = Field(json_schema_extra={EMPTY: True})
Name = Annotated[str, *named(NAME_LENGTH)]
Email = Annotated[str, AfterValidator(_email), _in_schema(format="email", maxLength=254)]
WHOLE = BeforeValidator(_whole)
WholeNumber = Annotated[int, WHOLE]
CalendarDate = Annotated[str, AfterValidator(_calendar_date), _in_schema(format="date")]
Moment = Annotated[str, AfterValidator(_moment), _in_schema(format="date-time")]
"""Any ISO 8601 date-time comes in; UTC with milliseconds goes on."""
IdList = Annotated[
    tuple[str, ...],
    BeforeValidator(lambda value: _comma_separated(value) if isinstance(value, str) else value),
    WithJsonSchema(_ID_LIST),
]
"""Comma separated ids in one text, each once."""
SomeIds = Annotated[IdList, AfterValidator(_some_ids), WithJsonSchema({**_ID_LIST, "minItems": 1})]
NewPassword = Annotated[
    str, StringConstraints(min_length=8, max_length=1000), PRINTABLE, _in_schema(format="password")
]
SortKey = Annotated[Text, _in_schema(pattern="^[A-Za-z][0-9A-Za-z]*$", maxLength=200)]
"""A fractional index key, as far as a pattern can tell; the domain knows the rest."""

Timestamp = Annotated[
    str,
    Field(
        pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$",
        examples=["2024-07-18T14:32:00.000Z"],
        json_schema_extra={"format": "date-time"},
    ),
]
Day = Annotated[str, _in_schema(examples=["2030-01-31"], format="date")]
RecordId = Annotated[str, Field(pattern=r"^c[a-z0-9]{24}$", examples=["cm3x9k2p40000abcd1234efgh"])]
TagId = Annotated[str, Field(pattern=r"^tag_[0-9a-z]{26}$", examples=["tag_01h455vb4pex5vsknk084sn02q"])]


class ErrorField(Answer):
    """One offending field."""

    path: Annotated[list[str | int], Field(description="Where it is.", examples=[["dueDate"]])]
    message: Annotated[str, Field(examples=["Expected a real calendar date, YYYY-MM-DD."])]
    code: Annotated[str, Field(description="A short word for a program.", examples=["invalid_date"])]


class Error(Answer):
    """An error: a sentence for a person, twice."""

    message: str
    msg: Annotated[str, Field(description="Repeats `message`.")]


class InputError(Error):
    """What is wrong with a request; `errors` has an entry for each offending field, if a field is to blame."""

    errors: list[ErrorField]


class SessionError(Error):
    """There is no session."""

    isAuthenticated: Literal[False]


ERRORS: Mapping[int, type[Error]] = {400: InputError, 401: SessionError}
"""The shapes of errors that have more than `Error` (contract, section 1), by status."""


class Message(Answer):
    """It worked, and there is nothing more to say."""

    msg: str


class DeletedCount(Answer):
    """How many a bulk delete removed."""

    deletedCount: Annotated[int, Field(examples=[2])]
