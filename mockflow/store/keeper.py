"""Keeps a store in its file: each change logged at once, flushed soon after, all of it saved now and then."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

from mockflow.errors import DataUnusable, StorageFailed
from mockflow.store.background import Background
from mockflow.store.loglines import Base, Change, Damaged, Document
from mockflow.store.saving import NewFile, Tables
from mockflow.store.storage import Irreplaceable, JournaledJSONStorage, Line, whole_line

FLUSH_SECONDS = 0.25
"""How long lines may wait for their flush: what is written meanwhile is flushed along."""

_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 30.0
"""Seconds between two tries to write anew what could not be flushed."""


class _Outdated(Exception):
    """What is being saved aside is not wanted any more: all was saved meanwhile, or the log is gone."""


class Keeper:
    """The file of one store. `lock` is the store's, `tables` gives what it holds now, to be looked at later.

    A change is with the operating system when `keep` returns; a thread brings it to the disk a little later. When
    that fails, nobody can tell what the disk has: then a new log with everything is written from memory.

    Unless it says otherwise, methods are called with the lock held. `report` is told what happens to the file in
    the background.
    """

    def __init__(self, storage: JournaledJSONStorage, lock: threading.RLock, tables: Callable[[], Tables]) -> None:
        self.storage = storage
        self.report: Callable[[str], None] = lambda _: None
        self._lock = lock
        self._tables = tables
        self._saving: threading.Thread | None = None
        self._renewing = threading.Lock()
        self._flushing = Background("mockflow-flush", self._flush, delay=FLUSH_SECONDS)
        self._generation = 0
        self._patience = 0
        self._trouble = False
        self._pause = _FIRST_PAUSE
        self._closed = False

    def keep(self, changes: Iterable[Change]) -> None:
        """Log what one request changed; where somebody took file or log away, all there is.

        Raises `StorageFailed`, with file and log as they were.
        """
        self._keep(lambda: self.storage.append(changes))

    def keep_all(self, line: Line | None = None) -> None:
        """Log all there is, which is another state altogether, in a line that was made already or is made now.

        Raises as `keep` does.
        """
        self._keep(lambda: self.storage.append_whole(whole_line(self._tables()) if line is None else line))

    def save(self) -> None:
        """Save all, flush it, and empty the log: at the start, and at the end.

        Raises `StorageFailed`, with nothing lost that was there.
        """
        self._check_open()
        self._generation += 1
        self.storage.save(self._tables())

    def keep_lifted(self, version: int, tables: Document) -> None:
        """Save what was lifted from tables of an older version, and keep those beside. Raises `DataUnusable`."""
        storage = self.storage
        if storage.starts_anew:
            return
        kept = storage.keep_beside(version, tables)
        try:
            self.save()
        except StorageFailed as error:
            raise DataUnusable(f"{error} It is of an older version, which is also in {kept}.") from None
        told = f"{storage.path} was of an older version; what it was is kept in {kept}."
        storage.recovered = f"{storage.recovered} {told}" if storage.recovered else told

    def sync(self) -> None:
        """Bring all changes to the disk; from any thread, without the lock.

        Raises `StorageFailed`; then all is written anew in the background, since the system tells of lost writes
        only once.
        """
        try:
            self.storage.flush_log()
        except StorageFailed as error:
            self._begin_trouble(str(error))
            raise

    @property
    def is_saving(self) -> bool:
        """Whether all is being saved in the background."""
        return self._saving is not None and self._saving.is_alive()

    def close(self) -> None:
        """Empty the log into the file, or leave it where that cannot be, and let go of both. Without the lock."""
        self._flushing.close()
        if self._saving is not None:
            self._saving.join()
        with self._lock:
            if self._closed:
                return
            try:
                self._save_at_last()
            except StorageFailed as error:
                self._tell(error)
            finally:
                self._closed = True
                self.storage.close()
                self._tables, self.report = dict, lambda _: None

    # -- inside

    def _keep(self, append: Callable[[], None]) -> None:
        self._check_open()
        if not self.storage.is_ours:
            self.save()
        elif not self.storage.is_sound():
            self._begin_anew()
        else:
            append()
        self._logged()

    def _check_open(self) -> None:
        if self._closed:  # it may be another's by now
            raise StorageFailed(f"{self.storage.path} was closed; nothing was changed.")

    def _begin_anew(self) -> None:
        self.storage.begin_anew(self._tables())
        self._generation += 1

    def _save_at_last(self) -> None:
        if self.storage.is_whole:
            return
        try:
            if self._trouble and self.storage.in_place:
                self._write_anew()
            self.save()
        except StorageFailed:
            self.storage.flush_log()  # then at least that
            raise

    def _logged(self) -> None:
        """See to what follows a change that was logged; whatever fails here, it was."""
        try:
            self._flushing.ask()
            wanted = self.storage.log_is_long and self.storage.log.size >= self._patience
            if wanted and not self._trouble and not self.is_saving:
                self._start_saving()
        except Exception as error:  # no more threads, or no memory
            self._wait_with_it(error)

    def _wait_with_it(self, error: Exception) -> None:
        """Nothing is lost: all of it is in the log. The next try is when that has doubled."""
        self._patience = 2 * self.storage.log.size
        self._tell(error)

    def _tell(self, error: Exception) -> None:
        log = self.storage.log
        kept = f" All changes are in {log.path}." if log.size and log.in_place else ""
        told = str(error) if isinstance(error, StorageFailed) else f"{self.storage.path} was not saved: {error!r}."
        self.report(f"{told}{kept}")

    @contextmanager
    def _unless_outdated(self, generation: int) -> Iterator[None]:
        with self._lock:
            if generation != self._generation:
                raise _Outdated
            yield

    # -- flushing, in a thread

    def _flush(self) -> float | None:
        """Bring to the disk what is in the log; gives the seconds until that is to be tried again."""
        if not self._trouble:
            with suppress(StorageFailed):
                self.sync()
                return None
        return self._end_trouble()

    def _begin_trouble(self, reason: str) -> None:
        if not self._trouble:
            self._trouble, self._pause = True, _FIRST_PAUSE
            self.report(
                f"{reason} Requests go on, and a kill loses nothing, but a power cut might. "
                "All of it is written anew as soon as that is possible."
            )

    def _end_trouble(self) -> float | None:
        try:
            self._write_anew()
        except _Outdated:  # somebody took the log away, and all is in another now
            return FLUSH_SECONDS
        except Exception:  # the trouble that was told of
            pause, self._pause = self._pause, min(2 * self._pause, _LONGEST_PAUSE)
            return pause
        self._trouble = False
        self.report(f"{self.storage.log.path} is on the disk again, with everything in it.")
        return None

    def _write_anew(self) -> None:
        """Put a log that begins with everything in the place of one of which nobody knows what the disk has."""
        with self._renewing:
            with self._lock:
                tables, offset, generation = self._tables(), self.storage.log.size, self._generation
            with self.storage.standing_alone(tables, offset) as renewal:
                renewal.copy()
                with self._unless_outdated(generation):
                    renewal.finish(even_if_empty=True)
                    self.storage.stands_alone()
                    self._generation += 1
        self.sync()

    # -- saving, in a thread of its own

    def _start_saving(self) -> None:
        arguments = (self._tables(), self.storage.log.size, self._generation)
        saving = threading.Thread(target=self._save_aside, args=arguments, name="mockflow-save")
        saving.start()
        self._saving = saving

    def _save_aside(self, tables: Tables, offset: int, generation: int) -> None:
        """The lock is held only for moments in which nothing waits for the disk."""
        try:
            try:
                with self.storage.new_file(aside=True) as file:
                    self._save_by_another(file, file.write(tables), offset, generation)
            except Irreplaceable:
                self._save_in_place()
        except _Outdated:
            return
        except Damaged:
            self._begin_trouble(f"{self.storage.log.path} is not what was written to it.")
            self._flushing.ask()
        except Exception as error:
            self._not_saved(error)
        else:
            self._patience = 0

    def _not_saved(self, error: Exception) -> None:
        if self._trouble:  # which was told of
            self._flushing.ask()
            return
        with self._lock:
            self._wait_with_it(error)

    def _save_by_another(self, file: NewFile, base: Base, offset: int, generation: int) -> None:
        with self._renewing:
            with self._unless_outdated(generation):
                if not self.storage.log.checkpoint(base, offset):
                    raise _Outdated
            self.sync()
            with self._unless_outdated(generation):
                self.storage.replace(file, base)
            self.storage.flush_names()
            with self.storage.shortened(base, offset) as renewal:
                renewal.copy()
                with self._unless_outdated(generation):
                    renewal.finish()
        self._flushing.ask()

    def _save_in_place(self) -> None:
        self._write_anew()
        with self._renewing:
            with self._lock:
                tables, offset, generation = self._tables(), self.storage.log.size, self._generation
            base, stamp = self.storage.write_over(tables, aside=True)
            with self.storage.shortened(base, offset) as renewal:
                renewal.copy()
                with self._unless_outdated(generation):
                    renewal.finish()
                    self.storage.written_over(base, stamp)
        self._flushing.ask()
