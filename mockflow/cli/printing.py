"""What commands print: tables for people at a terminal, JSON for programs in a pipe and for `--json`."""

from __future__ import annotations

import json
import os
import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import click

from mockflow.cli.options import kept, option

json_option = option(
    "--json",
    "as_json",
    is_flag=True,
    callback=kept,
    expose_value=False,
    help="Print JSON on a terminal too, as in a pipe.",
)

_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
_UNSEEN_IN_JSON = re.compile(r"[\x7f-\x9f\ud800-\udfff]")
_GAP = "  "


def for_people() -> bool:
    """Whether a person reads what is printed."""
    return sys.stdout.isatty() and not click.get_current_context().meta.get("mockflow.as_json")


def in_colour() -> bool:
    """Whether the terminal has colours, and its user wants them (https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def coloured(text: str, colour: str | None) -> str:
    """A text in a colour, where there are colours."""
    return click.style(text, fg=colour) if colour and in_colour() else text


def bold(text: str) -> str:
    """A text that stands out, where the terminal can do that."""
    return click.style(text, bold=True) if in_colour() else text


def plain(value: Any) -> str:
    """A value as text that does nothing to a terminal: what cannot be seen, or written there, is escaped."""
    text = "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    encoding = sys.stdout.encoding or "utf-8"
    return _UNSEEN.sub(_escaped, text).encode(encoding, "backslashreplace").decode(encoding)


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def as_json(item: Any) -> str:
    """A value as JSON in one line."""
    return _UNSEEN_IN_JSON.sub(_escaped, json.dumps(item, ensure_ascii=False))


@dataclass(frozen=True)
class Column:
    """A column of a table: its title, what stands in it, and in which colour."""

    title: str
    of: Callable[[Any], Any]
    colour: Callable[[Any], str | None] = lambda _: None


class Table:
    """Prints items as rows below one heading, as they come; as lines of JSON where no person reads them."""

    def __init__(self, *columns: Column) -> None:
        self._columns = columns
        self._widths: list[int] = []

    def print(self, items: Iterable[Any]) -> None:
        """Print more rows, below those that were printed before."""
        if not for_people():
            for item in items:
                click.echo(as_json(item))
            return
        rows = [([plain(column.of(item)) for column in self._columns], item) for item in items]
        titles = [column.title for column in self._columns]
        heads = not self._widths
        if rows:
            lines = [*([titles] if heads else []), *(cells for cells, _ in rows)]
            before = self._widths or [0] * len(titles)
            self._widths = [
                max(wide, *map(_width, cells))
                for wide, cells in zip(before, zip(*lines, strict=True), strict=True)
            ]
        if rows and heads:
            click.echo(bold(self._line(titles)))
        for cells, item in rows:
            click.echo(self._line(cells, [column.colour(item) for column in self._columns]))

    def _line(self, cells: list[str], colours: list[str | None] | None = None) -> str:
        padded = [cell + " " * (wide - _width(cell)) for cell, wide in zip(cells, self._widths, strict=True)]
        padded[-1] = cells[-1]
        shown = padded if colours is None else map(coloured, padded, colours)
        return _GAP.join(shown).rstrip()


def _width(text: str) -> int:
    """Columns that a text takes on a terminal."""
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
    )


def show(items: Iterable[Any], *columns: Column, nothing: str = "") -> None:
    """Print items as a table, or one JSON object a line; `nothing` tells a person that there are none."""
    found = list(items)
    if not found and for_people():
        click.echo(nothing)
    Table(*columns).print(found)


def facts(item: Mapping[str, Any]) -> None:
    """Print one object: a line for each of its values, or JSON."""
    if not for_people():
        click.echo(as_json(item))
        return
    wide = max(map(len, item), default=0)
    for name, value in item.items():
        click.echo(f"{bold(name.ljust(wide))}{_GAP}{_told(value)}")


def _told(value: Any) -> str:
    if not isinstance(value, dict):
        return plain(value)
    return ", ".join(f"{plain(name)} {_told(inner)}" for name, inner in value.items())


def tell(sentence: str, item: Any) -> None:
    """Say what was done: in a sentence to a person, as JSON to a program."""
    click.echo(sentence if for_people() else as_json(item))
