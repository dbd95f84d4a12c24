"""What options have in common: each is also an environment variable, and each value is checked."""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from mockflow.cli.helping import complete_seeds
from mockflow.clock import parse_clock_moment
from mockflow.origins import is_origin
from mockflow.settings import DAY_SECONDS, DEFAULT_URL, Settings

_Command = TypeVar("_Command", bound=Callable[..., Any])
FILE = click.Path(dir_okay=False, path_type=Path)


def option(name: str, *more: str, **attributes: Any) -> Callable[[_Command], _Command]:
    """A click option that can be given as MOCKFLOW_<NAME> as well, and shows its default."""
    variable = "MOCKFLOW_" + name.partition("/")[0].lstrip("-").replace("-", "_").upper()
    attributes.setdefault("show_default", not attributes.get("is_flag"))
    return click.option(name, *more, envvar=variable, **attributes)


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
    """`60/60` is 60 requests in 60 seconds."""
    if value is None:
        return None
    limit, _, seconds = value.partition("/")
    if not (
        value.isascii()
        and limit.isdecimal()
        and seconds.isdecimal()
        and 0 < int(limit) <= 10**9
        and 0 < int(seconds) <= 10**9
    ):
        raise click.BadParameter(f"{value!r} is not N/SECONDS, such as 60/60.")
    return int(limit), int(seconds)


class RuleType(click.types.StringParamType):
    """A fault rule. It has spaces in it, so a variable has one rule a line."""

    name = "RULE"

    def split_envvar_value(self, rv: str) -> list[str]:
        """The lines that are not blank."""
        return [line.strip() for line in rv.splitlines() if line.strip()]


class NumberRange(click.FloatRange):
    """A number within bounds, and not nan."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Also refuses what compares with nothing."""
        number = super().convert(value, param, ctx)
        if math.isnan(number):
            self.fail(f"{value!r} is not a number.", param, ctx)
        return number


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
        help="Makes everything invented and drawn repeat itself.",
    ),
    option("--locale", default="en_US", help="The language of invented people and tasks, as Faker names it."),
    option(
        "--clock",
        callback=_clock,
        default="real",
        metavar="real|ISO",
        help="`real`, or an ISO 8601 moment to freeze it at.",
    ),
)


def seed_options(command: _Command) -> _Command:
    """The options that make a start state."""
    for decorate in reversed(_SEED_OPTIONS):
        command = decorate(command)
    return command


data_option = option(
    "--data",
    type=FILE,
    metavar="FILE",
    help="Keep the data in this file.",
)


def _url() -> str:
    """What a server on this machine has put into its --ready-file, if there is one."""
    kept = os.environ.get("MOCKFLOW_READY_FILE")
    if kept:
        with contextlib.suppress(OSError, UnicodeError):
            return Path(kept).read_text(encoding="utf-8").strip() or DEFAULT_URL
    return DEFAULT_URL


url_option = option("--url", default=_url, show_default=DEFAULT_URL, help="The server's base URL, without /api.")
token_option = option(
    "--control-token", metavar="TOKEN", help="What the control API asks for.", show_default=False
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
