"""What a test that fails says: why requests do not match, and which requests there were."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from mockflow.testing.records import Entry, headline

_WIDTH = 300


def explained(match: Mapping[str, Any], verdict: Mapping[str, Any]) -> str:
    """Why a verdict is what it is: the closest requests, field by field."""
    asked = ", ".join(f"{name}={value!r}" for name, value in match.items()) or "any request"
    told = verdict["message"].replace("DELETE requests before", "Call forget() before")
    lines = [f"{asked}: {told}"]
    if verdict["closest"]:
        lines.append("Closest:")
    for entry in verdict["closest"]:
        lines.append(f"  {headline(entry)}")
        lines += [f"    {_compared(field)}" for field in entry["fields"]]
    return "\n".join(lines)


def _compared(field: Mapping[str, Any]) -> str:
    if field["ok"]:
        return f"  {field['field']} = {field['actual']!r}"
    if "note" in field:
        return f"- {field['field']} expected {field['expected']!r}: {field['note']}"
    found = "is not there" if field.get("missing") else f"is {field['actual']!r}"
    return f"- {field['field']} {found}, expected {field['expected']!r}"


def lines_of(entry: Entry) -> Iterator[str]:
    """A request in a few lines, with the beginning of its bodies."""
    yield str(entry)
    if entry.error:
        yield f"    {entry.error}"
    for label, part in (("sent", entry.request), ("got", entry.response)):
        if part.body is not None:
            text = json.dumps(part.body, ensure_ascii=False)
            yield f"    {label} {text if len(text) <= _WIDTH else text[:_WIDTH] + '…'}"
