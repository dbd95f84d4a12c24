"""Findings that are known and accepted for now, each with its reason: a file of TOML."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mockflow.errors import SettingsInvalid
from mockflow.operations import BY_NAME
from mockflow.torture.campaign import Result
from mockflow.torture.judging import LEVELS
from mockflow.torture.troubles import names

_KEYS = ("verdict", "operation", "fault", "reason")


@dataclass(frozen=True)
class Acceptance:
    """One `[[accept]]`."""

    verdict: str
    operation: str
    fault: str
    reason: str

    def fits(self, result: Result) -> bool:
        """Whether a finding is this one."""
        experiment = result.experiment
        mine = (self.verdict, self.operation, self.fault)
        return mine == (result.verdict.name, experiment.operation, experiment.trouble.name)


class Accepted:
    """All of a file, or nothing."""

    def __init__(self, accepted: Sequence[Acceptance] = ()) -> None:
        self._accepted = accepted

    def reason(self, result: Result) -> str | None:
        """Why a finding does not count."""
        return next((one.reason for one in self._accepted if one.fits(result)), None)

    def new(self, results: Iterable[Result]) -> list[Result]:
        """The findings that count."""
        return [result for result in results if self.reason(result) is None]

    def told(self, results: Sequence[Result]) -> Iterator[str]:
        """A line for each entry: what it accepts, or that it is not found any more."""
        for one in self._accepted:
            number = sum(one.fits(result) for result in results)
            what = f"{one.verdict} · {one.operation} · {one.fault}"
            if number:
                yield f"accepted  {what}: {one.reason}"
            else:
                yield f"not found any more  {what}: take it out of the file"


def read(path: Path) -> Accepted:
    """What a file accepts. Raises `SettingsInvalid` with what is wrong with it."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsInvalid(f"{path} cannot be read: {error}.") from None
    entries = found.get("accept", [])
    if set(found) - {"accept"} or not isinstance(entries, list):
        raise SettingsInvalid(f"{path}: expected nothing but [[accept]] tables.")
    return Accepted([_acceptance(path, number, entry) for number, entry in enumerate(entries, 1)])


def _acceptance(path: Path, number: int, entry: Any) -> Acceptance:
    told = f"{path}: [[accept]] number {number}"
    if not isinstance(entry, dict) or sorted(entry) != sorted(_KEYS):
        raise SettingsInvalid(f"{told} needs {', '.join(_KEYS)}, and nothing else.")
    if not all(isinstance(value, str) and value.strip() for value in entry.values()):
        raise SettingsInvalid(f"{told}: each of {', '.join(_KEYS)} is a text that is not empty.")
    for key, known in (("verdict", LEVELS), ("operation", BY_NAME), ("fault", names())):
        if entry[key] not in known:
            raise SettingsInvalid(f"{told}: there is no {key} {entry[key]!r}.")
    return Acceptance(**entry)
