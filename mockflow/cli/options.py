"""What options have in common: each is also an environment variable, and each value is checked."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import click
from click.core import ParameterSource

from mockflow.cli.helping import complete_seeds
from mockflow.clock import parse_clock_moment, parse_duration
from mockflow.origins import is_origin
from mockflow.settings import DAY_SECONDS, DEFAULT_URL, Settings

_PLAIN_NUMBER = r"(?ai)[+-]?[\d.]+(?:e[+-]?\d+)?"
_Command = TypeVar("_Command", bound=Callable[..., Any])
FILE = click.Path(dir_okay=False, path_type=Path)


def option(name: str, *more: str, **attributes: Any) -> Callable[[_Command], _Command]:
    """A click option that can be given as MOCKFLOW_<NAME> as well, and shows its default."""
    attributes.setdefault("envvar", "MOCKFLOW_" + name.lstrip("-").replace("-", "_").upper())
    attributes.setdefault("show_default", not attributes.get("is_flag"))
    return click.option(name, *more, **attributes)


def kept(context: click.Context, parameter: click.Parameter, value: Any) -> Any:
    """Keep a value for all commands of a line: what is given behind a subcommand counts first."""
    key = f"mockflow.{parameter.name}"
    given = context.get_parameter_source(str(parameter.name)) is ParameterSource.COMMANDLINE
    if given or key not in context.meta:
        context.meta[key] = value
    return value


def checked_url(context: click.Context, parameter: click.Parameter, value: str) -> Any:
    """Keep a base URL, as `kept` does."""
    try:
        usable = urlsplit(value).scheme in ("http", "https") and urlsplit(value).hostname
    except ValueError:
        usable = None
    if not usable:
        raise click.BadParameter(f"{value!r} is not a base URL such as {DEFAULT_URL}.")
    return kept(context, parameter, value)


def _clock(_ctx: click.Context, _param: click.Parameter, value: str) -> datetime | None:
    """`real` is None; anything else is the moment at which the clock is frozen."""
    if value == "real":
        return None
    try:
        return parse_clock_moment(value)
    except ValueError as error:
        raise click.BadParameter(f"{value!r} is neither 'real' nor a moment: {error}.") from None


def origins(_ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Origins as a browser sends them: scheme, host, port."""
    for value in values:
        if not is_origin(value):
            raise click.BadParameter(f"{value!r} is not an origin such as https://app.example.com.")
    return values


def rate_limit(_ctx: click.Context, _param: click.Parameter, value: str | None) -> tuple[int, int] | None:
    """`60/60` is 60 requests in 60 seconds, and so is `60/1m`."""
    if value is None:
        return None
    limit, _, window = value.partition("/")
    try:
        seconds = parse_duration(window).total_seconds()
    except ValueError:
        seconds = 0.0
    whole = seconds.is_integer() and 0 < seconds <= 10**9
    if not (whole and limit.isascii() and limit.isdecimal() and 0 < int(limit) <= 10**9):
        raise click.BadParameter(f"{value!r} is not N/SECONDS, such as 60/60.")
    return int(limit), int(seconds)


class RuleType(click.types.StringParamType):
    """A fault rule. It has spaces in it, so a variable has one rule a line."""

    name = "RULE"

    def split_envvar_value(self, rv: str) -> list[str]:
        """The lines that are not blank."""
        return [line.strip() for line in rv.splitlines() if line.strip()]


class Seconds(click.types.StringParamType):
    """A duration as people write it (`90`, `5m`, `PT5M`), as a number of seconds within bounds."""

    name = "duration"

    def __init__(self, least: float, most: float = 10**9, *, whole: bool = False) -> None:
        self._least, self._most, self._whole = least, most, whole

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Gives whole seconds as an `int`, where only those will do."""
        if not isinstance(value, str):
            return value  # a default
        try:
            seconds = parse_duration(value).total_seconds()
        except ValueError as error:
            self.fail(f"{value!r} is no duration: {error}.", param, ctx)
        if not self._least <= seconds <= self._most:
            self.fail(f"{value!r} is not within {self._least:g} and {self._most:g} seconds.", param, ctx)
        if self._whole and not seconds.is_integer():
            self.fail(f"{value!r} is not a whole number of seconds.", param, ctx)
        return int(seconds) if self._whole else seconds


class Milliseconds(click.FloatRange):
    """A duration as a number of milliseconds: `200`, or with its unit `200ms`, `2s`."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Refuses what is no number (nan too), and what is out of bounds."""
        number = value
        if isinstance(value, str) and not re.fullmatch(_PLAIN_NUMBER, value):
            try:
                number = parse_duration(value).total_seconds() * 1000
            except ValueError:
                self.fail(f"{value!r} is not a number of milliseconds, nor a duration such as 2s.", param, ctx)
        return super().convert(number, param, ctx)


_SEED_OPTIONS = (
    option(
        "--seeds",
        metavar="NAME|FILE",
        default="demo",
        shell_complete=complete_seeds,
        help="The data to start with; see `mockflow seeds`.",
    ),
    option(
        "--seed",
        type=click.IntRange(-(2**63), 2**63 - 1),
        default=42,
        metavar="INT",
        help="The same number gives the same ids, codes and invented data.",
    ),
    option("--locale", default="en_US", help="The language of invented people and tasks, as Faker names it."),
    option(
        "--clock",
        callback=_clock,
        default="real",
        metavar="real|MOMENT",
        help="`real`, or a moment to freeze it at: 2030-01-31T09:00:00Z, or a date for its midnight in UTC.",
    ),
)


def seed_options(command: _Command) -> _Command:
    """The options that make a start state."""
    for decorate in reversed(_SEED_OPTIONS):
        command = decorate(command)
    return command


token_option = option("--control-token", metavar="TOKEN", help="The token of the control API.", show_default=False)
data_option = option(
    "--data",
    type=FILE,
    metavar="FILE",
    help="Keep the data in this file, by default mockflow.json.",
)


def checked(settings: Settings) -> Settings:
    """Settings whose seed set and locale exist. Raises `SettingsInvalid`."""
    from mockflow.seeding.sets import locate  # late: not every command has seeds

    locate(settings.seeds)
    if settings.locale != "en_US":
        from mockflow.seeding.fakery import check_locale  # late: Faker is slow to import

        check_locale(settings.locale)
    return settings


DEFAULT_SESSION_TTL = DAY_SECONDS
