"""Keeps a store in its file: each change logged at once, all of it saved now and then in the background."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

from mockflow.errors import StorageFailed
from mockflow.store.changelog import Change
from mockflow.store.storage import JournaledJSONStorage, Saving, Tables


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

    def keep(self, changes: Iterable[Change]) -> None:
        """Log what one request changed; where somebody took file or log away, save all.

        Raises `StorageFailed`, with file and log as they were.
        """
        self.written += 1
        if not self.storage.in_place:
            self.save()
            return
        self.storage.append(changes, sync=not self.sync_later)
        log_is_long = self.storage.log_is_long and self.storage.log.size >= self._patience
        if log_is_long and (self._saving is None or not self._saving.is_alive()):
            arguments = (self._tables(), self.storage.log.size, self._generation)
            self._saving = threading.Thread(target=self._save_aside, args=arguments, name="mockflow-save")
            self._saving.start()

    def save(self) -> None:
        """Save all, and empty the log. Raises `StorageFailed`, with file and log as they were."""
        self._generation += 1  # what is being saved aside is too old now
        self.storage.save(self._tables())

    def sync(self) -> None:
        """Bring all changes to the disk; from any thread, without the lock. Raises `StorageFailed`."""
        self.storage.sync()

    def close(self) -> None:
        """Empty the log into the file, or leave it where that cannot be, and let go of both. Without the lock."""
        if self._saving is not None:
            self._saving.join()
        with self._lock:
            if self.storage.log.size:
                try:
                    self.save()
                except StorageFailed as error:
                    self._tell(error)
            self.storage.close()

    def _save_aside(self, tables: Tables, offset: int, generation: int) -> None:
        """In a thread of its own; the lock is held only for the moment in which the files change places."""
        try:
            with Saving(self.storage, "saving") as saving:
                saving.write(tables)
                with self._lock:
                    if generation == self._generation:
                        saving.finish(offset)
        except StorageFailed as error:
            # Nothing is lost: all of it is in the log. The next try is when that has doubled.
            self._patience = 2 * self.storage.log.size
            self._tell(error)

    def _tell(self, error: StorageFailed) -> None:
        self.report(f"{error.message} All changes are in {self.storage.log.path}.")
