"""The test to keep of a finding: what torture did, written down, so that it fails until the client is mended."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from mockflow.torture.campaign import Result
from mockflow.torture.judging import MOST_REPETITIONS
from mockflow.torture.runs import Box, Sent
from mockflow.torture.states import Row, differing
from mockflow.torture.traffic import is_hit, times

_STORM = 20
"""A fault that lasts for so long is one for ever, and lets a test end."""
_ALMOST = 0.98
_NAMES = ("title", "name", "email")


def test_to_keep(result: Result) -> str | None:
    """A function to put below the test that it calls; None where that cannot be called from another."""
    call = result.experiment.clean.test.call
    values = call.get("values", {})
    mine = _box_of(result)
    if not call or call["unittest"] or call["parameters"] != sorted(values) or mine is None:
        return None
    if result.run.failure is not None and result.run.failure.kind == "journal":
        return None  # a careful client would fail such a test as well
    if mine.label != result.experiment.clean.test.id:
        return None  # no sandbox of the plugin, where `mockflow.fault` would put the rule
    return _Kept(result, mine).text()


test_to_keep.__test__ = False  # type: ignore[attr-defined]  # so that pytest does not take it for one


def _box_of(result: Result) -> Box | None:
    return next((box for box in result.run.boxes if box.hits), None)


def sent_of(result: Result) -> Sent | None:
    """Where the request that was hit was sent from, if that is known."""
    box = _box_of(result)
    if box is None or len(result.run.boxes) != 1 or len(result.run.sent) < len(box.entries):
        return None
    index = next((index for index, entry in enumerate(box.entries) if is_hit(entry)), None)
    return None if index is None else result.run.sent[index]


class _Kept:
    """The text for one finding."""

    def __init__(self, result: Result, box: Box) -> None:
        self._result, self._box = result, box
        self._experiment, self._verdict = result.experiment, result.verdict
        self._trouble = result.experiment.trouble
        self._call = result.experiment.clean.test.call
        sent = sent_of(result)
        self._in_test = sent is not None and sent.phase == "call"
        self._operation = result.experiment.operation
        self._clean = next(box for box in result.experiment.clean.run.boxes if box.label == self._box.label)

    def text(self) -> str:
        """All of it."""
        body = [*self._body()]
        head = f"{'async ' if self._call['async'] else ''}def {self._name()}({', '.join(self._fixtures())}):"
        lines = [head, *(f"    {line}" for line in body)]
        return "\n".join((["import pytest\n\n"] if "pytest." in "\n".join(body) else []) + lines)

    def _name(self) -> str:
        operation = re.sub(r"([A-Z])", r"_\1", self._operation).lower()
        when = "_after" if self._trouble.after and self._trouble.name in ("500", "hang") else ""
        return f"{self._call['function']}_under_{self._trouble.name.replace('-', '_')}{when}_of_{operation}"

    def _fixtures(self) -> list[str]:
        """What the new test takes: where the fault hits in a fixture, those are only asked for under it."""
        own = [name for name in self._call["arguments"] if name not in self._call["values"]]
        wanted = own if self._plain else ["request"]
        return list(dict.fromkeys(["mockflow", *wanted]))

    @property
    def _plain(self) -> bool:
        return self._in_test or self._call["async"]

    def _invocation(self) -> str:
        arguments = []
        for name in self._call["arguments"]:
            if name in self._call["values"]:
                arguments.append(f"{name}={self._call['values'][name]!r}")
            elif name == "mockflow" or self._plain:
                arguments.append(name)
            else:
                arguments.append(f'request.getfixturevalue("{name}")')
        target = f"{self._call['class']}()." if self._call["class"] else ""
        wait = "await " if self._call["async"] else ""
        return f"{wait}{target}{self._call['function']}({', '.join(arguments)})"

    def _fault(self) -> str:
        """`mockflow.fault(…)` with the rule as keyword arguments."""
        keys = self._trouble.keywords()
        if self._trouble.lasting:
            keys["times"] = _STORM
        skip = self._experiment.nth - 1 - (self._in_fixtures() if self._plain else 0)
        if skip > 0:
            keys["skip"] = skip
        told = ", ".join(f"{key}={_literal(value)}" for key, value in keys.items())
        return f'mockflow.fault(operation="{self._operation}", {told})'

    def _in_fixtures(self) -> int:
        """How many requests of the operation come before the test itself begins."""
        early = [sent.phase == "setup" for sent in self._result.run.sent]
        return sum(
            early and entry["operation"] == self._operation
            for early, entry in zip(early, self._box.entries, strict=False)
        )

    def _body(self) -> Iterator[str]:
        """The fault, the call, and what has to be so afterwards."""
        name, refuses = self._verdict.name, self._trouble.refuses
        caught = ""
        if refuses:
            caught = ", pytest.raises(Exception)"
            if name in ("crash", "hid-it"):
                caught += " as told"
        yield f"with {self._fault()}{caught}:"
        yield f"    {self._invocation()}"
        yield from self._afterwards(name, refuses)

    def _afterwards(self, name: str, refuses: bool) -> Iterator[str]:
        if name in ("crash", "hid-it") and refuses:
            failure = self._result.run.failure
            kind = "AssertionError" if failure is None else failure.type.rpartition(".")[2]
            yield f'assert told.type.__name__ != "{kind}"'
        elif name in ("duplicate", "lost", "wrong-data") and (name == "duplicate" or not refuses):
            yield from self._state()
        elif name == "no-timeout":
            most = round(self._trouble.keywords()["hang"] * 1000 * _ALMOST)
            yield f'for sent in mockflow.requests(operation="{self._operation}"):'
            yield f"    assert (sent.duration_ms or 0) < {most}"
        elif name == "impatient":
            first = self._experiment.nth - 1
            least = round((self._trouble.retry_after or 0) * 1000 * _ALMOST)
            yield f'told, again = mockflow.requests(operation="{self._operation}")[{first}:{first + 2}]'
            yield f"assert again.elapsed_ms - told.elapsed_ms >= {least}"
        elif name in ("retry-storm", "sign-in-loop"):
            yield self._at_most(MOST_REPETITIONS)
        elif name == "repeats-refusal":
            yield self._at_most(0)

    def _at_most(self, more: int) -> str:
        return f'mockflow.assert_called(operation="{self._operation}", at_most={self._usual() + more})'

    def _usual(self) -> int:
        return max(1, times(self._clean.entries, self._operation))

    def _state(self) -> Iterator[str]:
        """What is in the sandbox in the end, as after a clean run."""
        difference = self._verdict.difference
        if difference.changed:
            clean, tortured = difference.changed[0]
            masked = self._experiment.clean.masks
            fields = [*_NAMES, *differing(clean, tortured)]
            wanted = [f'row.startswith("{clean.kind} ")']
            wanted += [
                text for field in fields if (clean.kind, field) not in masked for text in _has(clean, field)
            ]
            yield f"assert any({' and '.join(wanted)} for row in mockflow.rows())"
        else:
            row = (*difference.more, *difference.less)[0]
            test, count = self._count(row)
            yield f"assert sum({test} for row in mockflow.rows()) == {count}"

    def _count(self, row: Row) -> tuple[str, int]:
        """How to count things like one, and how many there are after a clean run."""
        field = next(field for field in _NAMES if field in row.fields)
        kind = f"{row.kind} "
        if (row.kind, field) in self._experiment.clean.masks:
            return f'row.startswith("{kind}")', sum(text.startswith(kind) for text in self._clean.rows)
        part = _part(row, field)
        count = sum(text.startswith(kind) and part in text for text in self._clean.rows)
        return f'row.startswith("{kind}") and {part!r} in row', count


def _has(row: Row, field: str) -> Iterator[str]:
    """What a row has to have, to have a field like another."""
    if field in row.fields:
        yield f"{_part(row, field)!r} in row"
    elif field not in _NAMES:
        yield repr(f'"{field}":') + " not in row"


def _part(row: Row, field: str) -> str:
    return f'"{field}": {json.dumps(row.fields[field], ensure_ascii=False)}'


def _literal(value: object) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return f"{value:g}" if isinstance(value, float) else repr(value)
