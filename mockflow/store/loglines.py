"""What a log of changes says, line by line.

A line is a checksum and JSON. A list holds the changes of one request, after the number of bytes in front of the
line that were not known to be on the disk when it was written. An object names a data file, by checksum and size:
the first line the one that the log continues, a *checkpoint* the one that is about to take its place, and from
where on the log continues that. So whichever of the two is there, it is known which lines are still to be added.

An object can also hold all tables at once: a *whole*, which makes what is before it void. One that stands *alone*
needs no data file, whatever is in its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

import orjson

from mockflow.errors import DataUnusable

Change = tuple[str, int, Mapping[str, Any] | None]
"""Table, number, and the record that is there now; None where there is none any more."""

Document = dict[str, dict[str, Any]]
"""All tables, as the data file has them: records by number, by name."""

_BEGINNING = re.compile(rb"[0-9a-f]{8} [\[{]")

_Line = tuple[int, Any]
"""Where it begins, and what it says; None for one that is not whole."""


class Base(NamedTuple):
    """Which data file: its checksum and size."""

    checksum: int
    size: int

    @classmethod
    def of(cls, content: bytes) -> Base:
        """That of a file's content."""
        return cls(crc32(content), len(content))


class Found(NamedTuple):
    """What a log holds for a data file: the changes of each request, how many bytes of the log are good, how many
    behind them were never finished, and all tables from before those changes, where the file's do not count."""

    requests: list[list[Change]]
    good: int
    torn: int
    whole: Document | None = None
    stands_alone: bool = False
    """Whether the data file does not matter."""


class Damaged(Exception):
    """A line is not what was written."""


def header(base: Base) -> bytes:
    """The first line of a log that continues a data file."""
    return _line({"base": [base.checksum, base.size]})


def checkpoint(base: Base, offset: int, *, behind: int = 0) -> bytes:
    """Says that a data file has all up to an offset. So many bytes in front of it may not be on the disk yet."""
    return _line({"base": [base.checksum, base.size], "upTo": offset, "behind": behind})


def changed(changes: Iterable[Change], *, behind: int) -> bytes:
    """What one request changed. So many bytes in front of it may not be on the disk yet."""
    return _line([behind, list(changes)])


def whole(pieces: Iterable[bytes], *, alone: bool) -> list[bytes]:
    """All tables, given as JSON in pieces; alone, if no data file is needed for them."""
    content = [b'{"base":null,"whole":' if alone else b'{"whole":', *pieces, b"}"]
    checksum = 0
    for piece in content:
        checksum = crc32(piece, checksum)
    return [b"%08x " % checksum, *content, b"\n"]


def later_changes(content: bytes) -> bytes:
    """A part of a log without what it says about data files. Raises `Damaged`."""
    kept = []
    for text in _split(content):
        if not _is_sound(text):
            raise Damaged
        if not text.startswith(b'{"base":[', 9):
            kept.append(text)
    return b"".join(kept)


def read_lines(path: Path, content: bytes, base: Base | None) -> Found:
    """What continues a data file.

    Lines at the end that are not whole were never finished, unless a later one knows that they were on the disk.
    Raises `DataUnusable` for those, and where the log belongs to another data file.
    """
    lines = list(_lines(content))
    start = _start(lines, base)
    if start is None and _never_begun(lines):
        return Found([], 0, len(content))
    if start is None:
        raise DataUnusable(
            f"{path} has changes to another {path.stem} than the one that is there: it was replaced or removed "
            "before they were saved in it. Bring that one back, or start anew with --reset."
        )
    lines = [(offset, said) for offset, said in lines if offset >= start]
    good = next((offset for offset, said in lines if said is None), len(content))
    for offset, said in lines:
        if offset - _behind(said, offset) > good:
            raise DataUnusable(f"{path} is damaged at byte {good}. It was left as it is.")
    return _found([said for offset, said in lines if offset < good], good, len(content) - good)


def _found(lines: list[Any], good: int, torn: int) -> Found:
    tables, requests = None, []
    for said in lines:
        if isinstance(said, list):
            requests.append(said[1])
        elif "whole" in said:
            tables, requests = said["whole"], []
    alone = bool(lines) and isinstance(lines[0], dict) and lines[0].get("base", ()) is None
    return Found(requests, good, torn, tables, alone)


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


def _is_sound(text: bytes) -> bool:
    if not text.endswith(b"\n") or text[8:9] != b" ":
        return False
    try:
        return int(text[:8], 16) == crc32(memoryview(text)[9:-1])
    except ValueError:
        return False


def _said(text: bytes) -> Any:
    try:
        return orjson.loads(text[9:-1]) if _is_sound(text) else None
    except ValueError:
        return None


def _behind(said: Any, offset: int) -> int:
    """How many bytes in front of a line at an offset were not known to be on the disk."""
    if isinstance(said, list):
        return int(said[0])
    return int(said.get("behind", 0)) if isinstance(said, dict) and "upTo" in said else offset


def _never_begun(lines: list[_Line]) -> bool:
    """Whether the first line is not whole, and nobody knew that it was."""
    return lines[0][1] is None and all(offset == _behind(said, offset) for offset, said in lines)


def _start(lines: list[_Line], base: Base | None) -> int | None:
    """From which offset on lines continue a data file; None where they continue another."""
    named = [(offset, said) for offset, said in lines if isinstance(said, dict) and "base" in said]
    for offset, said in reversed(named):
        if said["base"] is None:
            return offset
        if base is not None and said["base"] == [base.checksum, base.size]:
            return int(said.get("upTo", 0))
    return None if named else 0
