"""Shapes of the control API's bodies."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from mockflow.clock import parse_clock_moment, parse_duration
from mockflow.models.base import Body, Email, Query, Text, WholeNumber, left_out


def _moment(value: Any) -> Any:
    if not isinstance(value, str):
        raise PydanticCustomError("invalid_type", "Expected an ISO 8601 date-time, or a date, as a string.")
    return parse_clock_moment(value)


def _distance(value: Any) -> Any:
    """Seconds as a number, or a text such as `90s`, `24h` or `PT5M`."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    try:
        if not (number or isinstance(value, str)):
            raise ValueError
        return timedelta(seconds=value) if number else parse_duration(value)
    except (ValueError, OverflowError):
        message = 'Expected seconds as a number, or a duration such as "90s", "5m", "24h", "1d" or "PT5M".'
        raise PydanticCustomError("invalid_type", message) from None


Instant = Annotated[datetime, BeforeValidator(_moment)]
Distance = Annotated[timedelta, BeforeValidator(_distance)]


class Command(Body):
    """A body of the control API."""

    # Unlike the API's bodies: a misspelt key would silently do something else.
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Reset(Command):
    """Which start state to go back to; what is left out is as the server started."""

    seeds: Text = left_out()
    seed: Annotated[int, Field(ge=-(2**63), lt=2**63)] = left_out()
    clock: Instant = left_out()


class NewSession(Command):
    """Whose session to start."""

    email: Email


class EndSessions(Command):
    """Whose sessions to end; everyone's when left out."""

    email: Email | None = None


class NewSandbox(Command):
    """A sandbox to make; what it is a fork of; how long it stays, in seconds of real time; what it is for."""

    name: Text | None = None
    source: Annotated[Text | None, Field(alias="from")] = None
    ttlSeconds: Annotated[WholeNumber, Field(ge=1, le=10**9)] | None = None
    label: Annotated[Text, Field(max_length=500)] | None = None


class ClockChange(Command):
    """Exactly one of the three."""

    freeze: Instant | None = None
    advance: Distance | None = None
    set: Annotated[Instant | None, Field(alias="set")] = None

    @model_validator(mode="after")
    def _exactly_one(self) -> ClockChange:
        if len(self.given()) != 1:
            raise PydanticCustomError("custom", "Give exactly one of freeze, advance, set.")
        return self


class NoBody(Command):
    """Nothing."""


class ControlQuery(Query):
    """A query of the control API; by itself, of a call that takes none."""

    # Unlike the API's queries: with a misspelt parameter, a call would be about everything.
    model_config = ConfigDict(extra="forbid")


class DataForm(ControlQuery):
    """In which form to show the state; as the data file has it when left out."""

    form: Literal["rows"] | None = None


class MessageFilter(ControlQuery):
    """Which messages to show."""

    to: Text | None = None
    kind: Text | None = None
