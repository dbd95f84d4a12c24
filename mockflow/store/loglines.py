"""What a log of changes says, line by line.

A line is a checksum and JSON. A list holds the changes of one request, after the number of bytes in front of the
line that were not known to be on the disk when it was written. An object names a data file, by checksum and size:
the first line the one that the log continues, a *checkpoint* the one that is about to take its place, and from
where on the log continues that. So whichever of the two is there, it is known which lines are still to be added.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import orjson

from mockflow.errors import DataUnusable

Change = tuple[str, int, Mapping[str, Any] | None]
"""Table, number, and the record that is there now; None where there is none any more."""

_BEGINNING = re.compile(rb"[0-9a-f]{8} [\[{]")

_Line = tuple[int, Any]
"""Where it begins, and what it says; None for one that is not whole."""


@dataclass(frozen=True)
class Base:
    """Which data file: its checksum and size."""

    checksum: int
    size: int

    @classmethod
    def of(cls, content: bytes) -> Base:
        """That of a file's content."""
        return cls(crc32(content), len(content))


@dataclass(frozen=True)
class Found:
    """What a log holds for a data file: the changes of each request, how many bytes of the log are whole, and how
    many behind them were never finished."""

    requests: list[list[Change]]
    good: int
    torn: int


def header(base: Base) -> bytes:
    """The first line of a log that continues a data file."""
    return _line({"base": [base.checksum, base.size]})


def checkpoint(base: Base, offset: int) -> bytes:
    """Says that a data file has all up to an offset."""
    return _line({"base": [base.checksum, base.size], "upTo": offset})


def changed(changes: Iterable[Change], *, behind: int) -> bytes:
    """What one request changed. So many bytes in front of it may not be on the disk yet."""
    return _line([behind, list(changes)])


def later_changes(content: bytes) -> bytes:
    """A part of a log without what it says about data files."""
    return b"".join(text for text in _split(content) if not text.startswith(b"{", 9))


def read_lines(path: Path, content: bytes, base: Base | None) -> Found:
    """What continues a data file.

    Lines at the end that are not whole were never finished, unless a later one knows that they were on the disk.
    Raises `DataUnusable` for those, and where the log belongs to another data file.
    """
    lines = list(_lines(content))
    start = _start(lines, base)
    if start is None:
        raise DataUnusable(
            f"{path} has changes to another {path.stem} than the one that is there: it was replaced or removed "
            "before they were saved in it. Bring that one back, or start anew with --reset."
        )
    lines = [(offset, said) for offset, said in lines if offset >= start]
    good = next((offset for offset, said in lines if said is None), len(content))
    for offset, said in lines:
        if isinstance(said, list) and offset - said[0] > good:
            raise DataUnusable(f"{path} is damaged at byte {good}. It was left as it is.")
    requests = [said[1] for offset, said in lines if offset < good and isinstance(said, list)]
    return Found(requests, good, len(content) - good)


def _line(content: Any) -> bytes:
    text = orjson.dumps(content)
    return b"%08x %b\n" % (crc32(text), text)


def _lines(content: bytes) -> Iterable[_Line]:
    offset = 0
    for text in _split(content):
        said = _said(text)
        yield offset, said
        if said is None:
            yield from _behind_damage(offset, text)
        offset += len(text)


def _behind_damage(offset: int, text: bytes) -> Iterable[_Line]:
    """A whole line behind one that has lost its end."""
    for found in _BEGINNING.finditer(text, 1):
        said = _said(text[found.start() :])
        if said is not None:
            yield offset + found.start(), said
            return


def _split(content: bytes) -> list[bytes]:
    *whole, rest = content.split(b"\n")
    lines = [text + b"\n" for text in whole]
    return [*lines, rest] if rest else lines


def _said(text: bytes) -> Any:
    if not text.endswith(b"\n") or text[8:9] != b" ":
        return None
    content = text[9:-1]
    try:
        return orjson.loads(content) if int(text[:8], 16) == crc32(content) else None
    except ValueError:
        return None


def _start(lines: list[_Line], base: Base | None) -> int | None:
    """From which offset on lines continue a data file; None where they continue another."""
    named = [said for _, said in lines if isinstance(said, dict)]
    for said in reversed(named):
        if base is not None and said["base"] == [base.checksum, base.size]:
            return int(said.get("upTo", 0))
    return None if named else 0
