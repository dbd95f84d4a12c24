"""The ring of a sandbox's last requests."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING

from mockflow.clock import Stopwatch, parse_moment
from mockflow.errors import InvalidInput, NotFound
from mockflow.journal.entry import Entry

if TYPE_CHECKING:
    from mockflow.journal.criteria import Criteria

MOST_ENTRIES = 1000
REQUEST_BYTES = 4 * 1024 * 1024
"""Of queries, headers and bodies that were sent; past it the oldest requests lose theirs."""
ANSWER_BYTES = 2 * 1024 * 1024
"""Of headers and bodies that were answered. Less, since no verdict depends on them."""

_FEW = 100
_MOST_DIGITS = 18


class _Room:
    """So many bytes for one part of the entries; the oldest make room for the newest."""

    def __init__(self, most: int, weigh: Callable[[Entry], int], forget: Callable[[Entry], None]) -> None:
        self._most, self._weigh, self._forget = most, weigh, forget
        self._entries: deque[Entry] = deque()
        self._bytes = 0

    def take_in(self, entry: Entry) -> None:
        """Put an entry behind the others."""
        self._entries.append(entry)
        self._bytes += self._weigh(entry)
        while self._bytes > self._most:
            self.let_go(self._entries[0])

    def let_go(self, oldest: Entry) -> None:
        """Forget this part of the oldest entry, if it is still here."""
        if self._entries and self._entries[0] is oldest:
            self._entries.popleft()
            self._bytes -= self._weigh(oldest)
            self._forget(oldest)


class Journal:
    """Keeps the last 1,000 requests; of the newest what was sent, up to 4 MiB, and answered, up to 2 MiB."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._began = Stopwatch()
        self._empty()
        self._held_back: list[Entry] = []
        """Those whose answers are still to be sent, and a few whose answers were."""
        self._tidied_at = _FEW
        self.count = 0
        """How many requests there were since the start or the last reset; numbers the next."""

    def __len__(self) -> int:
        return len(self._entries)

    def next_number(self) -> int:
        """The number of a request that will be kept."""
        with self._lock:
            self.count += 1
            return self.count

    def keep(self, entry: Entry) -> None:
        """Put a request behind the others; the oldest make room."""
        entry.elapsed = max(0.0, self._began.seconds - (entry.seconds or 0.0))  # what is held back has just come
        with self._lock:
            self._entries.append(entry)
            self._asked.take_in(entry)
            self._answered.take_in(entry)
            if entry.seconds is None:
                self._hold_back(entry)
            while len(self._entries) > MOST_ENTRIES:
                self._evict()

    def _evict(self) -> None:
        gone = self._entries.popleft()
        self.evicted += 1
        self._asked.let_go(gone)  # for it may still be held back
        self._answered.let_go(gone)

    def _hold_back(self, entry: Entry) -> None:
        self._held_back.append(entry)
        if len(self._held_back) > self._tidied_at:
            self._tidy()

    def _tidy(self) -> None:
        self._held_back = [entry for entry in self._held_back if entry.seconds is None]
        self._tidied_at = max(_FEW, 2 * len(self._held_back))

    def clear(self) -> int:
        """Forget all; tells how many there were. Those that wait for their answers are still waited for."""
        with self._lock:
            deleted = len(self._entries)
            self._empty()
            self._tidy()
            return deleted

    def _empty(self) -> None:
        self._entries: deque[Entry] = deque()
        self._asked = _Room(REQUEST_BYTES, lambda entry: entry.request_weight, Entry.forget_request)
        self._answered = _Room(ANSWER_BYTES, lambda entry: entry.response.weight, Entry.forget_response)
        self.evicted = 0
        """How many requests are gone to make room."""

    def reset(self) -> None:
        """Forget all and number from 1 again."""
        with self._lock:
            self._empty()
            self._held_back = []
            self.count = 0

    def entries(self) -> list[Entry]:
        """All that are kept, oldest first."""
        with self._lock:
            return list(self._entries)

    def one(self, request_id: str) -> Entry:
        """The request of an id. Raises `NotFound`."""
        for entry in self.entries():
            if entry.id == request_id:
                return entry
        number = _number(request_id)
        gone = number is not None and 0 < number <= self.count
        told = " any more: the journal keeps the last ones" if gone else ""
        raise NotFound(f"There is no request {request_id[:60]!r} in the journal{told}.")

    def held_back(self) -> list[Entry]:
        """The requests that wait for their answers."""
        with self._lock:
            self._tidy()
            return list(self._held_back)

    def matching(
        self, criteria: Criteria, *, since: str | None = None, limit: int | None = None, text: str | None = None
    ) -> Generator[None, None, list[Entry]]:
        """The requests that match, oldest first: those after a request or from a moment on, the newest so many;
        `text` has to be somewhere in path, query or a body, in any letter case.

        In steps, one for each request, which takes a millisecond or so.
        Raises `InvalidInput` for a `since` that is neither an id nor a moment.
        """
        late_enough = _since(since)

        def is_wanted(entry: Entry) -> bool:
            return late_enough(entry) and criteria.matches(entry) and (text is None or entry.contains(text))

        def steps() -> Generator[None, None, list[Entry]]:
            found = []
            for entry in self.entries():
                if is_wanted(entry):
                    found.append(entry)
                yield
            return found if limit is None else found[-limit:]

        return steps()


def _number(request_id: str) -> int | None:
    digits = request_id.removeprefix("req-")
    known = digits != request_id and len(digits) <= _MOST_DIGITS and digits.isascii() and digits.isdecimal()
    return int(digits) if known else None


def _since(text: str | None) -> Callable[[Entry], bool]:
    if text is None:
        return lambda _: True
    number = _number(text)
    if number is not None:
        return lambda entry: entry.number > number
    try:
        moment = parse_moment(text)
    except ValueError:
        message = f"Expected a request's id such as req-12, or a moment; got {text[:60]!r}."
        raise InvalidInput.at("since", message=message) from None
    return lambda entry: entry.at >= moment
