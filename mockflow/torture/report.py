"""The report on the terminal: what was found, so that it convinces, and what to do about it."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path

import click

from mockflow.journal.coach import WARNING, coached
from mockflow.torture.accepting import Accepted
from mockflow.torture.campaign import Campaign, Result
from mockflow.torture.judging import LEVELS
from mockflow.torture.keeping import sent_of, test_to_keep
from mockflow.torture.reach import count, table
from mockflow.torture.runs import Box, Place
from mockflow.torture.states import Row, differing
from mockflow.torture.traffic import is_hit, shown

_WIDTH = 110
_MOST_REQUESTS = 12
_MOST_OTHERS = 6
_SEEN_WHERE_IT_FAILS = ("hid-it", "crash", "trips-over-retry")


class Report:
    """Lines about a campaign. `command` is the suite's, `colors` whether they are coloured."""

    def __init__(self, campaign: Campaign, command: Sequence[str], accepted: Accepted, *, colors: bool) -> None:
        self._campaign, self._command, self._accepted = campaign, command, accepted
        self._colors = colors

    def lines(self) -> Iterator[str]:
        """All of it."""
        groups: dict[tuple[str, str], list[Result]] = {}
        for result in self._accepted.new(self._campaign.defects):
            groups.setdefault((result.verdict.name, result.experiment.operation), []).append(result)
        for found in groups.values():
            yield from self._finding(found)
            yield ""
        yield from self._notes()
        yield from self._others()
        yield from self._reached()
        yield self._summary()

    def one(self, result: Result) -> Iterator[str]:
        """An experiment that was asked for alone, with its whole journal."""
        yield from self._finding([result], whole=True)

    # -- a finding

    def _finding(self, found: Sequence[Result], *, whole: bool = False) -> Iterator[str]:
        first = found[0]
        experiment, verdict = first.experiment, first.verdict
        color = {"defect": "red", "note": "yellow", "ok": "green"}.get(verdict.level, "blue")
        yield self._style(f"{verdict.name} · {experiment.operation}", fg=color, bold=True)
        if verdict.detail:
            yield from textwrap.wrap(
                " ".join(verdict.detail.split()), _WIDTH, initial_indent="  ", subsequent_indent="  "
            )
        yield ""
        place = place_of(first)
        if place is not None:
            yield f"  {self._style(f'{_relative(place.file)}:{place.line}', bold=True)}  {place.text}"
        yield f"  in {_where(first)}"
        hit = f"the {_nth(experiment.nth)} {experiment.operation}"
        yield f"  fault {experiment.trouble.name}: {hit} is {experiment.trouble.means}"
        yield ""
        yield from self._sides(first)
        yield ""
        yield from self._journal(first, whole=whole)
        yield from self._coached(first)
        yield ""
        if verdict.level == "defect":
            yield from self._keep(first)
        for other in found[1 : _MOST_OTHERS + 1]:
            yield f"  also: {_in_short(other)}"
        if len(found) > _MOST_OTHERS + 1:
            yield f"  and {len(found) - _MOST_OTHERS - 1} more"
        if not whole:
            yield f"  alone: {self._style(self._again(first), fg='cyan')}"

    def _sides(self, result: Result) -> Iterator[str]:
        """What comes of the test without and with the fault, and what is otherwise in the state."""
        failure = result.run.failure
        what = "the suite" if result.experiment.clean.test.is_suite else "the test"
        outcome = {"passed": f"{what} passes", "stopped": "did not end"}.get(result.run.outcome, f"{what} fails")
        if failure is not None:
            outcome = f"{failure.type}: {(failure.message.splitlines() or [''])[0]}"
        clean, tortured = [f"{what} passes"], [outcome]
        for left, right in _state(result):
            clean.append(left)
            tortured.append(right)
        half = (_WIDTH - 6) // 2
        yield f"  {self._style('clean'.ljust(half), dim=True)}  {self._style('tortured', dim=True)}"
        for left, right in zip_longest(clean, tortured, fillvalue=""):
            lines = zip_longest(textwrap.wrap(left, half), textwrap.wrap(right, half), fillvalue="")
            for one, other in lines:
                marked = other if left == right else self._style(other, fg="red")
                yield f"  {one:{half}}  {marked}".rstrip()

    def _journal(self, result: Result, *, whole: bool) -> Iterator[str]:
        for box in result.run.boxes:
            if not box.hits and not whole:
                continue
            first = next((index for index, entry in enumerate(box.entries) if is_hit(entry)), 0)
            begin = 0 if whole else max(0, first - 2)
            end = len(box.entries) if whole else begin + _MOST_REQUESTS
            if begin:
                yield self._style(f"  … {begin} before", dim=True)
            base = box.entries[first]["elapsedMs"] if box.entries else 0
            for entry in box.entries[begin:end]:
                seconds = (entry["elapsedMs"] - base) / 1000
                mark = self._style(f"  ← {result.experiment.trouble.name}", fg="yellow") if is_hit(entry) else ""
                yield f"  {entry['id']:>7} {seconds:+7.2f} s  {shown(entry)}{mark}"
            if len(box.entries) > end:
                yield self._style(f"  … {len(box.entries) - end} more", dim=True)

    def _coached(self, result: Result) -> Iterator[str]:
        """What the coach says of the tortured requests, and neither of those without the fault nor the verdict."""
        clean, box = _boxes(result)
        usual = {finding.message for finding in coached(clean.entries)} if clean else set()
        detail = result.verdict.detail.removeprefix("It ")
        for finding in coached(box.entries) if box else ():
            text = finding.message
            if finding.level == WARNING and text not in usual and not (detail and text.endswith(detail)):
                yield from textwrap.wrap(f"coach: {text}", _WIDTH, initial_indent="  ", subsequent_indent="    ")

    def _keep(self, result: Result) -> Iterator[str]:
        text = test_to_keep(result)
        if text is None:
            return
        place = result.experiment.clean.test.place
        yield self._style(f"  a test to keep, in {_relative(place.file) if place else 'the tests'}:", dim=True)
        yield from (f"    {line}".rstrip() for line in text.splitlines())
        yield ""

    def _again(self, result: Result) -> str:
        return f"mockflow torture --again {result.experiment.id} -- {shlex.join(self._command)}"

    # -- the rest

    def _notes(self) -> Iterator[str]:
        groups: dict[tuple[str, str], list[Result]] = {}
        for result in self._campaign.of("note"):
            groups.setdefault((result.verdict.name, result.experiment.operation), []).append(result)
        for (name, operation), found in groups.items():
            faults = ", ".join(dict.fromkeys(_fault(one) for one in found))
            head = self._style(f"{name} · {operation}", fg="yellow")
            yield f"{head}  {faults}: {_cut(found[0].verdict.detail, 70)}"
        if groups:
            yield ""

    def _others(self) -> Iterator[str]:
        for result in self._campaign.of("void"):
            if result.verdict.name == "unsteady":
                yield f"unsteady  {_in_short(result)}: {_cut(result.verdict.detail)}"
        for left in self._campaign.left_out:
            yield f"left out  {left.test}: {_cut(left.reason)}"
        yield from self._accepted.told(self._campaign.defects)

    def _reached(self) -> Iterator[str]:
        entries = [
            entry
            for run in (*(one.run for one in self._campaign.cleans), *(one.run for one in self._campaign.results))
            for box in run.boxes
            for entry in box.entries
        ]
        if entries:
            yield from table(count(entries))
            yield ""

    def _summary(self) -> str:
        campaign = self._campaign
        counts = dict.fromkeys(LEVELS, 0)
        for result in campaign.results:
            counts[result.verdict.name] += 1
        found = ", ".join(f"{number} {name}" for name, number in counts.items() if number)
        new = len(self._accepted.new(campaign.defects))
        tests = "1 test" if len(campaign.cleans) == 1 else f"{len(campaign.cleans)} tests"
        text = f"{len(campaign.results)} experiments on {tests} in {campaign.seconds:.1f} s: "
        text += f"{new} {'defect' if new == 1 else 'defects'} ({found or 'nothing ran'})"
        left = len(campaign.plan) - len(campaign.results)
        if left:
            text += f"; {left} did not run{' before Ctrl-C' if campaign.interrupted else ' within --time'}"
        if campaign.copies:
            text += f"; {campaign.copies} parametrised copies of tests were left to --all"
        return self._style(text, bold=True, fg="red" if new else "green")

    def _style(self, text: str, **how: object) -> str:
        return click.style(text, **how) if self._colors else text  # type: ignore[arg-type]


def place_of(result: Result) -> Place | None:
    """The line of the test that a finding is about: where it failed, or sent what the fault hit, or begins."""
    failure, sent = result.run.failure, sent_of(result)
    failed = None if failure is None else failure.place
    asked = None if sent is None else sent.place
    first, second = (failed, asked) if result.verdict.name in _SEEN_WHERE_IT_FAILS else (asked, failed)
    return first or second or result.experiment.clean.test.place


def _state(result: Result) -> Iterator[tuple[str, str]]:
    """The rows that differ, side by side; of those that are there more than once, all."""
    difference = result.verdict.difference
    for clean, tortured in difference.changed:
        fields = differing(clean, tortured)
        yield _few(clean, fields), _few(tortured, fields)
    clean_box, box = _boxes(result)
    for row in dict.fromkeys((*difference.less, *difference.more)):
        sides = [
            [
                text
                for text in map(Row, side.rows if side else ())
                if (text.kind, text.name) == (row.kind, row.name)
            ]
            for side in (clean_box, box)
        ]
        if not any(sides):
            continue
        for one, other in zip_longest(*sides):
            yield (_few(one, []) if one else "–"), (_few(other, []) if other else "–")


def _boxes(result: Result) -> tuple[Box | None, Box | None]:
    box = next((box for box in result.run.boxes if box.hits), None)
    boxes = result.experiment.clean.run.boxes
    clean = next((one for one in boxes if box is not None and one.label == box.label), None)
    return clean, box


def _where(result: Result) -> str:
    """The test; of a suite that runs as a whole, what the sandbox was for."""
    label = next((box.label for box in result.run.boxes if box.hits and box.label), None)
    return label or result.experiment.clean.test.id


def _few(row: Row, fields: Sequence[str]) -> str:
    """A row with its name and some fields."""
    told = "".join(f", {field} {row.fields.get(field)!r}" for field in fields)
    return f'{row.kind} "{row.name}"{told}'


def _fault(result: Result) -> str:
    trouble = result.experiment.trouble
    return f"{trouble.name} after" if trouble.after and trouble.name in ("500", "hang") else trouble.name


def _in_short(result: Result) -> str:
    experiment = result.experiment
    return (
        f"{_fault(result)} at the {_nth(experiment.nth)} {experiment.operation} in {_where(result)} "
        f"({experiment.id})"
    )


def _nth(number: int) -> str:
    return {1: "first", 2: "second", 3: "third"}.get(number, f"{number}th")


def _cut(text: str, width: int = _WIDTH) -> str:
    line = " ".join(text.split())
    return line if len(line) <= width else f"{line[: width - 1]}…"


def _relative(file: str) -> str:
    try:
        return str(Path(file).resolve().relative_to(Path.cwd().resolve()))
    except ValueError:
        return file
