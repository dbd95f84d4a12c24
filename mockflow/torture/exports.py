"""What came of it for machines: JSON, JUnit's XML, annotations of GitHub Actions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from mockflow.torture.accepting import Accepted
from mockflow.torture.campaign import Campaign, Result
from mockflow.torture.report import place_of

VERSION = 1


def as_json(campaign: Campaign, accepted: Accepted) -> dict[str, Any]:
    """The plan, the results of what was run, and the tests that were left out with their reasons."""
    return {
        "version": VERSION,
        "plan": [
            {
                "id": one.id,
                "test": one.clean.test.id,
                "operation": one.operation,
                "nth": one.nth,
                "fault": one.trouble.name,
                "phase": "after" if one.trouble.after else "before",
                "rule": one.rule,
            }
            for one in campaign.plan
        ],
        "results": [_result(one, accepted) for one in campaign.results],
        "leftOut": [{"test": one.test, "reason": one.reason} for one in campaign.left_out],
    }


def _result(result: Result, accepted: Accepted) -> dict[str, Any]:
    return {
        "id": result.experiment.id,
        "verdict": result.verdict.name,
        "level": result.verdict.level,
        "detail": _detail(result, accepted),
        "requests": result.run.requests,
        "seconds": round(result.run.seconds, 3),
    }


def _detail(result: Result, accepted: Accepted) -> str:
    reason = accepted.reason(result) if result.verdict.level == "defect" else None
    return result.verdict.detail if reason is None else f"{result.verdict.detail} Accepted: {reason}"


def junit(campaign: Campaign, accepted: Accepted, *, strict: bool) -> str:
    """A test case for each experiment; those that count have failed, those that show nothing were skipped."""
    suite = ElementTree.Element(
        "testsuite", name="mockflow torture", tests=str(len(campaign.results)), time=f"{campaign.seconds:.3f}"
    )
    failures = 0
    for result in campaign.results:
        one = result.experiment
        name = f"{one.trouble.name} at {one.operation} {one.nth} [{one.id}]"
        case = ElementTree.SubElement(
            suite, "testcase", classname=one.clean.test.id, name=name, time=f"{result.run.seconds:.3f}"
        )
        if counts(result, accepted, strict=strict):
            failures += 1
            detail = _detail(result, accepted)
            ElementTree.SubElement(case, "failure", type=result.verdict.name, message=detail).text = one.rule
        elif result.verdict.level in ("void", "defect"):
            ElementTree.SubElement(case, "skipped", message=f"{result.verdict.name}: {_detail(result, accepted)}")
    suite.set("failures", str(failures))
    ElementTree.indent(suite)
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def counts(result: Result, accepted: Accepted, *, strict: bool) -> bool:
    """Whether a result makes the whole of it fail."""
    if result.verdict.level == "defect":
        return accepted.reason(result) is None
    return strict and result.verdict.level == "note"


def annotated(campaign: Campaign, accepted: Accepted, *, strict: bool) -> Iterator[str]:
    """A line for each finding, which GitHub shows at its place in the tests."""
    for result in campaign.results:
        if not counts(result, accepted, strict=strict):
            continue
        place, one = place_of(result), result.experiment
        where = ""
        if place is not None:
            where = f"file={_escaped(_relative(place.file), property_=True)},line={place.line},"
        title = _escaped(f"{result.verdict.name}: {one.operation}, {one.trouble.name}", property_=True)
        yield f"::error {where}title={title}::{_escaped(result.verdict.detail)}"


def _relative(file: str) -> str:
    try:
        return Path(file).resolve().relative_to(Path.cwd().resolve()).as_posix()
    except ValueError:
        return file


def _escaped(text: str, *, property_: bool = False) -> str:
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return text.replace(":", "%3A").replace(",", "%2C") if property_ else text
