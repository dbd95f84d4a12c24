"""What requests reached: operations against the kinds of answers that a client may get."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from mockflow.operations import OPERATIONS

KINDS = ("ok", "400", "401/403", "404", "429", "5xx", "lost")
_BY_STATUS = {401: "401/403", 403: "401/403", 404: "404", 429: "429"}

Cells = Counter[tuple[str, str]]
"""How many requests there were of an operation that were answered so."""


def kind_of(status: int | None, error: str | None) -> str:
    """The kind of an answer: what was broken, late or never sent is `lost`."""
    if status is None or error is not None:
        return "lost"
    if status < 400:
        return "ok"
    return "5xx" if status >= 500 else _BY_STATUS.get(status, "400")


def count(entries: Iterable[Mapping[str, Any]]) -> Cells:
    """The requests of a journal, counted."""
    return Counter(
        (entry["operation"], kind_of(entry["status"], entry["error"])) for entry in entries if entry["operation"]
    )


def table(cells: Cells) -> list[str]:
    """A line for each operation that was called, in the order of the contract; and how many never were."""
    called = [one.name for one in OPERATIONS if any((one.name, kind) in cells for kind in KINDS)]
    width = max([len(name) for name in called], default=0)
    lines = [f"{'':{width}}" + "".join(f"{kind:>9}" for kind in KINDS)]
    for name in called:
        counts = (cells[name, kind] for kind in KINDS)
        lines.append(f"{name:{width}}" + "".join(f"{number or '·':>9}" for number in counts))
    lines.append(f"{len(called)} of {len(OPERATIONS)} operations were called")
    return lines
