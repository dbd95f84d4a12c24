"""Keeps a store in its file: each change logged at once, all of it saved now and then in the background."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from mockflow.errors import StorageFailed
from mockflow.store.loglines import Change
from mockflow.store.storage import JournaledJSONStorage, Saving, Tables


class _Outdated(Exception):
    """What is being saved aside is not wanted any more: all was saved meanwhile, or the log is gone."""


class Keeper:
    """The file of one store. `lock` is the store's, `tables` gives what it holds now.

    Unless it says otherwise, methods are called with the lock held. `report` is told what happens to the file in
    the background.
    """

    def __init__(self, storage: JournaledJSONStorage, lock: threading.RLock, tables: Callable[[], Tables]) -> None:
        self.storage = storage
        self.sync_later = False
        """Whether somebody else calls `sync` before a client is told of a change."""
        self.report: Callable[[str], None] = lambda _: None
        self.written = 0
        """How many changes were logged or saved."""
        self._lock = lock
        self._tables = tables
        self._saving: threading.Thread | None = None
        self._generation = 0
        self._patience = 0
        self._closed = False

    def keep(self, changes: Iterable[Change]) -> None:
        """Log what one request changed; where somebody took file or log away, save all.

        Raises `StorageFailed`, with file and log as they were.
        """
        self.written += 1
        if self._closed or not self.storage.in_place:
            self.save()
            return
        self.storage.append(changes, sync=not self.sync_later)
        if self.storage.log_is_long and self.storage.log.size >= self._patience and not self.is_saving:
            self._start_saving()

    def save(self) -> None:
        """Save all, and empty the log. Raises `StorageFailed`, with file and log as they were."""
        if self._closed:  # it may be another's by now
            raise StorageFailed(f"{self.storage.path} was closed; nothing was changed.")
        self._generation += 1
        self.storage.save(self._tables())

    def sync(self) -> None:
        """Bring all changes to the disk; from any thread, without the lock. Raises `StorageFailed`."""
        self.storage.log.sync()

    @property
    def is_saving(self) -> bool:
        """Whether all is being saved in the background."""
        return self._saving is not None and self._saving.is_alive()

    def close(self) -> None:
        """Empty the log into the file, or leave it where that cannot be, and let go of both. Without the lock."""
        if self._saving is not None:
            self._saving.join()
        with self._lock:
            if self._closed:
                return
            try:
                if not self.storage.is_whole:
                    self.save()
            except StorageFailed as error:
                self._tell(error)
            finally:
                self._closed = True
                self.storage.close()

    # -- in the background

    def _start_saving(self) -> None:
        try:
            arguments = (self._tables(), self.storage.log.size, self._generation)
            saving = threading.Thread(target=self._save_aside, args=arguments, name="mockflow-save")
            saving.start()
        except Exception as error:  # no more threads, or no memory; the change is logged all the same
            self._wait_with_it(error)
        else:
            self._saving = saving

    def _save_aside(self, tables: Tables, offset: int, generation: int) -> None:
        """The lock is held only for moments in which nothing waits for the disk."""
        try:
            with Saving(self.storage, aside=True) as saving:
                saving.write(tables)
                with self._unless_outdated(generation):
                    if not saving.announce(offset, sync=False):
                        raise _Outdated
                self.storage.log.sync()
                with self._unless_outdated(generation):
                    saving.take_place()
            self.storage.flush_names()
            with self.storage.renewal(offset) as renewal:
                renewal.copy()
                with self._unless_outdated(generation):
                    renewal.finish()
        except _Outdated:
            return
        except Exception as error:
            with self._lock:
                if generation == self._generation:
                    self._wait_with_it(error)
        else:
            self._patience = 0

    @contextmanager
    def _unless_outdated(self, generation: int) -> Iterator[None]:
        with self._lock:
            if generation != self._generation:
                raise _Outdated
            yield

    def _wait_with_it(self, error: Exception) -> None:
        """Nothing is lost: all of it is in the log. The next try is when that has doubled."""
        self._patience = 2 * self.storage.log.size
        self._tell(error)

    def _tell(self, error: Exception) -> None:
        log = self.storage.log
        kept = f" All changes are in {log.path}." if log.size and log.in_place else ""
        told = str(error) if isinstance(error, StorageFailed) else f"{self.storage.path} was not saved: {error!r}."
        self.report(f"{told}{kept}")
