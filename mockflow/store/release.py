"""Letting go of large states: to free 100,000 records at once takes a fifth of a second, and nothing else runs."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import suppress

from mockflow.store.table import Record, TableState

_FEW = 5000
"""Records that are freed in no time."""


def let_go(states: Mapping[str, TableState]) -> None:
    """Forget the states of tables. Where they hold much, a thread does it, one record after the other; whoever
    else has them keeps them. Whoever calls keeps no reference to the states themselves."""
    large = [state for state in states.values() if len(state) > _FEW]
    if large:
        with suppress(RuntimeError):  # no more threads: then it takes its time
            threading.Thread(target=_free, args=[large], name="mockflow-free", daemon=True).start()


def _free(states: list[TableState]) -> None:
    records: list[Record] = []
    while states:
        records.extend(states.pop())
    while records:
        records.pop()
