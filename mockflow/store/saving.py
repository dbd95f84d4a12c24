"""Saving all tables in the data file, by another in its place or, where that cannot be, in the file itself."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any
from zlib import crc32

import orjson

from mockflow.store.disk import BINARY, failed, fresh, rights_of, to_disk, write_all
from mockflow.store.loglines import Base

Tables = Mapping[str, Iterable[tuple[int, Mapping[str, Any]]]]
"""Numbered records, by table."""

_PIECE = 256
_FLUSH = 256 * 1024
"""Bytes that are brought to the disk at a time in the background: who has a change to flush waits behind them."""


class NewFile:
    """All tables in a temporary file in the same folder, flushed to the disk.

    Leaving the context removes it, unless it has been renamed.
    """

    def __init__(self, data: Path, *, aside: bool) -> None:
        """With `aside`, it is written gently."""
        self.path = data.with_name(f".{data.name}.{'saving' if aside else 'tmp'}")
        self._data = data
        self._aside = aside

    def __enter__(self) -> NewFile:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)

    def write(self, tables: Tables) -> Base:
        """Write it, and tell what it is to be known by. Raises `StorageFailed`."""
        try:
            descriptor = fresh(self.path, rights_of(self._data))
            try:
                return _written(descriptor, tables, aside=self._aside)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise failed(self._data, error) from error


def overwrite(data: Path, tables: Tables, *, aside: bool) -> Base:
    """Write all tables over what is in a file. Raises `StorageFailed`, with the file spoilt."""
    try:
        descriptor = os.open(data, os.O_WRONLY | BINARY)
        try:
            base = _written(descriptor, tables, aside=aside)
            os.ftruncate(descriptor, base.size)
            to_disk(descriptor)
            return base
        finally:
            os.close(descriptor)
    except OSError as error:
        raise failed(data, error) from error


def pieces(tables: Tables) -> Iterator[bytes]:
    """The file's content in pieces of a few records, so that other threads get a turn."""
    opening = b"{"
    for name, records in tables.items():
        yield opening + orjson.dumps(name) + b":{"
        opening, comma, rest = b"},", b"", iter(records)
        while piece := dict(islice(rest, _PIECE)):
            yield comma + orjson.dumps(piece, option=orjson.OPT_NON_STR_KEYS)[1:-1]
            comma = b","
    yield b"}}"


def _written(descriptor: int, tables: Tables, *, aside: bool) -> Base:
    checksum = size = flushed = 0
    for piece in pieces(tables):
        write_all(descriptor, piece)
        checksum, size = crc32(piece, checksum), size + len(piece)
        if aside and size - flushed > _FLUSH:
            to_disk(descriptor)
            flushed = size
    to_disk(descriptor)
    return Base(checksum, size)
