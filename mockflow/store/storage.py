"""The data file: a plain TinyDB JSON file and a log of the changes since, held by one process."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson
from tinydb.storages import Storage

from mockflow.errors import DataUnusable, StorageFailed
from mockflow.store.changelog import ChangeLog, log_rights
from mockflow.store.disk import (
    cannot_be_replaced,
    failed,
    folder_to_disk,
    fresh,
    give_rights,
    open_to_read,
    replaceable,
    rights_of,
    to_disk,
    write_all,
)
from mockflow.store.holding import Hold, check_kinds
from mockflow.store.loglines import Base, Change, Document, Found, header, whole
from mockflow.store.renewal import Renewal
from mockflow.store.saving import NewFile, Tables, overwrite, pieces

_LOG_ROOM = 1024 * 1024
"""Bytes that a log may have, however small the data file is."""

Line = list[bytes]
"""A line of a log, in pieces."""

_Stamp = tuple[int, int, int, int]
"""What tells a file from one that was put in its place, or changed."""

_NOWHERE: _Stamp = (0, 0, 0, 0)


def whole_line(tables: Tables) -> Line:
    """The line that says what all tables are, as one change; it may be made in any thread."""
    return whole(pieces(tables), alone=False)


class Irreplaceable(Exception):
    """No other file can take the data file's place: its content has to be written anew."""


class JournaledJSONStorage(Storage):
    """TinyDB's storage interface over a file that is never half written, with a log of changes beside it.

    A file that cannot be replaced is written over, while its log stands alone: has all tables, so that the file is
    not needed. Opening takes inter-process locks and raises `DataUnusable` where another process holds one, or the
    file or its folder cannot be used. The file itself is not touched before the first `save`.
    """

    def __init__(self, path: Path, *, anew: bool = False) -> None:
        """With `anew`, changes in a log are not read; the next `save` gives them up."""
        check_kinds(path)
        try:
            self.path = path.resolve()  # a link stays a link: what it points at is replaced
        except (OSError, RuntimeError) as error:
            raise DataUnusable(f"{path} cannot be used: {error}.") from None
        self.log = ChangeLog(self.path)
        check_kinds(self.path, self.log.path, self.path.with_name(f"{self.path.name}.lock"))
        self.recovered: str | None = None
        """What was found in the log at the start, in a sentence."""
        self._anew = anew
        self._base = Base(0, 0)
        self._stamp: _Stamp | None = None
        self._alone = False
        self._replaceable = True
        self._hold = Hold(self.path)
        self._tidy_up()

    def read(self) -> Document | None:
        """All tables with the logged changes, or None where there is no file yet.

        Raises `DataUnusable`; file and log stay as they are.
        """
        content = self._content()
        base = None if content is None else Base.of(content)
        found = self._logged(base)
        if content is None and found.whole is None:
            return None
        tables = found.whole if content is None else self._parsed(content, found.whole)
        assert tables is not None  # noqa: S101 - tells mypy
        self._base, self._stamp = base or Base(0, 0), _stamp_of(self.path)
        self._alone = found.whole is not None and found.stands_alone
        for changes in found.requests:
            for name, number, record in changes:
                _put(tables, name, str(number), record)
        if found.requests or found.torn or found.whole is not None:
            self.recovered = _recovery(self.path, found)
        return tables

    # -- one change at a time

    def append(self, changes: Iterable[Change]) -> None:
        """Log what one request changed. Raises `StorageFailed`, with the log as before."""
        self.log.append(changes, self._base)

    def append_whole(self, line: Line) -> None:
        """Log all tables as one change, a `whole_line`. Raises `StorageFailed`, with the log as before."""
        self.log.append_whole(line, self._base)

    def begin_anew(self, tables: Tables) -> None:
        """Go on although somebody took file or log away: all that is needed is in the log from now on.

        Raises `StorageFailed`, with both as they are.
        """
        line = whole(pieces(tables), alone=True)
        if self.log.size and self.log.in_place:
            self.log.append_whole(line, self._base)
            give_rights(self.log.file.open(), log_rights(self.path))
        else:
            self.log.begin_anew(line)
        self._alone = True

    @property
    def in_place(self) -> bool:
        """Whether file and log are those that this process wrote or read, and can be added to."""
        return self.is_ours and (self._alone or _stamp_of(self.path) == self._stamp) and self.log.in_place

    def is_sound(self) -> bool:
        """The same, once what may be behind the log's good lines has been cut off. Raises `StorageFailed`.

        Only a log that has lost some of its lines is replaced by a new one: that is not on the disk at once.
        """
        if self.in_place:
            return True
        if self.log.exists and self.log.file.is_ours():
            try:
                self.log.file.mend()
            except OSError as error:
                raise failed(self.log.path, error) from error
        return self.in_place

    @property
    def is_whole(self) -> bool:
        """Whether the file alone has all that is to be kept: there is no log, and nobody touched it."""
        return not self.is_ours or (self.in_place and not self.log.exists)

    @property
    def is_ours(self) -> bool:
        """Whether the file has, or had, something that is not to be given up."""
        return self._stamp is not None and not self._anew

    @property
    def starts_anew(self) -> bool:
        """Whether what was read is about to be given up."""
        return self._anew

    @property
    def log_is_long(self) -> bool:
        """Whether it is time to save all, so that log and start stay in proportion to the data."""
        return self._alone or self.log.size > max(_LOG_ROOM, self._base.size)

    # -- all at once

    def write(self, data: Mapping[str, Mapping[Any, Mapping[str, Any]]]) -> None:
        """TinyDB's way to save all tables."""
        self.save({name: [(int(key), record) for key, record in table.items()] for name, table in data.items()})

    def save(self, tables: Tables) -> None:
        """Save all, flush it, and empty the log. Raises `StorageFailed`, with nothing lost that was there."""
        try:
            with self.new_file() as file:
                base = file.write(tables)
                before = self.log.size
                if self.log.checkpoint(base, before):
                    self.flush_log()
                self._replace_or_take_back(file, base, before)
            self.flush_names()
        except Irreplaceable:
            self.begin_anew(tables)
            self.flush_log()
            self.written_over(*self.write_over(tables))
        self.log.remove()

    def new_file(self, *, aside: bool = False) -> NewFile:
        """What is to take the data file's place. Raises `Irreplaceable`."""
        if not (self._replaceable and replaceable(self.path)):
            raise Irreplaceable
        return NewFile(self.path, aside=aside)

    def replace(self, file: NewFile, base: Base) -> None:
        """Let another file take the data file's place.

        Raises `StorageFailed`, with the old one in place, and `Irreplaceable`.
        """
        try:
            self._hold.pass_on(file.path)
            if os.name == "nt":  # which replaces no open file
                self._hold.forget()
            file.path.replace(self.path)
        except OSError as error:
            self._hold.pass_on(self.path)
            if cannot_be_replaced(error) and not self.path.is_dir():
                self._replaceable = False
                raise Irreplaceable from error
            raise failed(self.path, error) from error
        self.written_over(base, _stamp_of(self.path))

    def write_over(self, tables: Tables, *, aside: bool = False) -> tuple[Base, _Stamp]:
        """Write all over what is in the file, while the log stands alone; for `written_over`, once it need not.

        Raises `StorageFailed`, with the file spoilt.
        """
        base = overwrite(self.path, tables, aside=aside)
        return base, _stamp_of(self.path)

    def written_over(self, base: Base, stamp: _Stamp) -> None:
        """From now on the file is what is to be continued."""
        self._base, self._stamp, self._anew, self._alone = base, stamp, False, False

    def flush_log(self) -> None:
        """Bring all lines of the log to the disk. Raises `StorageFailed`."""
        try:
            self.log.flush()
        except OSError as error:
            reason = error.strerror or error
            raise StorageFailed(f"{self.log.path} could not be brought to the disk ({reason}).") from error

    def flush_names(self) -> None:
        """Make the renaming last through a power cut, before the log loses what the old file has not."""
        self._hold.forget()
        folder_to_disk(self.path.parent)

    def shortened(self, base: Base, offset: int) -> Renewal:
        """What makes the log begin at an offset, up to which a data file has it all."""
        return Renewal(self.log, [header(base)], offset)

    def standing_alone(self, tables: Tables, offset: int) -> Renewal:
        """What makes the log begin with all tables, which have it all up to an offset."""
        return Renewal(self.log, whole(pieces(tables), alone=True), offset)

    def stands_alone(self) -> None:
        """From now on the log has all that is needed."""
        self._alone = True

    def keep_beside(self, version: int, tables: Document) -> Path:
        """Keep what was read, of an older version, under a name of its own. Raises `DataUnusable`."""
        try:
            content = orjson.dumps(tables) if self.log.exists else self.path.read_bytes()
            return _kept(self.path, version, content)
        except OSError as error:
            reason = error.strerror or error
            raise DataUnusable(
                f"{self.path} is of an older version, and cannot be kept beside the new one: {reason}."
            ) from None

    def close(self) -> None:
        """Let go of the file."""
        self.log.close()
        self._hold.release()

    # -- inside

    def _replace_or_take_back(self, file: NewFile, base: Base, size: int) -> None:
        try:
            self.replace(file, base)
        except (StorageFailed, Irreplaceable):
            self.log.take_back(size)
            raise

    def _tidy_up(self) -> None:
        """Remove what a save that was killed left behind."""
        for name in (f".{self.path.name}.tmp", f".{self.path.name}.saving", self.log.temporary.name):
            with contextlib.suppress(OSError):
                self.path.with_name(name).unlink(missing_ok=True)

    def _content(self) -> bytes | None:
        try:
            with os.fdopen(open_to_read(self.path), "rb") as file:
                return file.read()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise DataUnusable(f"{self.path} cannot be read: {error.strerror or error}.") from None

    def _parsed(self, content: bytes, instead: Document | None) -> Document:
        """The tables in the file, unless there are others to be taken instead."""
        if instead is not None:
            return instead
        try:
            tables = orjson.loads(content)
        except orjson.JSONDecodeError as error:
            raise DataUnusable(f"{self.path} is not a JSON file: {error}. It was left as it is.") from None
        if not isinstance(tables, dict):
            raise DataUnusable(f"{self.path} is not a TinyDB file. It was left as it is.")
        return tables

    def _logged(self, base: Base | None) -> Found:
        """What is in the log; with `anew`, nothing, but a log that can be read stays in force until the `save`."""
        try:
            found = self.log.read(base)
        except DataUnusable:
            if not self._anew:
                raise
            return Found([], 0, 0)
        return Found([], 0, 0, found.whole) if self._anew else found


def _kept(path: Path, version: int, content: bytes) -> Path:
    number = 1
    while True:
        copy = path.with_name(f"{path.name}.v{version}" + (f".{number}" if number > 1 else ""))
        if not copy.exists():
            break
        if copy.is_file() and copy.read_bytes() == content:
            return copy
        number += 1
    descriptor = fresh(copy, rights_of(path))
    try:
        write_all(descriptor, content)
        to_disk(descriptor)
    finally:
        os.close(descriptor)
    folder_to_disk(path.parent)
    return copy


def _put(tables: Document, name: str, number: str, record: Mapping[str, Any] | None) -> None:
    table = tables.setdefault(name, {})
    if record is None:
        table.pop(number, None)
    else:
        table[number] = dict(record)


def _stamp_of(path: Path) -> _Stamp:
    try:
        found = path.stat()
    except OSError:
        return _NOWHERE
    return found.st_ino, found.st_mode, found.st_size, found.st_mtime_ns


def _recovery(path: Path, found: Found) -> str:
    count = len(found.requests) + (found.whole is not None)
    told = f"{path} was not closed: {count} logged change{'' if count == 1 else 's'} taken up"
    return f"{told}, a last one of {found.torn} bytes, never finished, dropped." if found.torn else f"{told}."
