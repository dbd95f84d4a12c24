"""`GET data?form=rows`: the state in comparable form."""

from __future__ import annotations

import json
from typing import Any

from tests.support import Api

DATA = "/_mockflow/data"


def rows(api: Api) -> list[str]:
    found: list[str] = api.get(DATA, form="rows").json["rows"]
    return found


def fields(api: Api, kind: str, name: str) -> dict[str, Any]:
    """The one row of a kind that has a name."""
    all_: list[dict[str, Any]] = [
        json.loads(row.partition(" ")[2]) for row in rows(api) if row.startswith(f"{kind} ")
    ]
    (found,) = (one for one in all_ if name in (one.get("title"), one.get("name")))
    return found


def test_references_are_names(ann: Api) -> None:
    project = ann.project("Launch")
    section, tag = ann.section(project["id"], "Doing"), ann.tag("urgent", color="red")
    parent = ann.task(
        "Write it", projectId=project["id"], projectSectionId=section["id"], tags=[tag["id"]], priority="high"
    )
    ann.task("Proofread", parentId=parent["id"])
    assert fields(ann, "task", "Write it") == {
        "title": "Write it", "priority": "high", "isAllDay": True, "completed": False, "reminder": False,
        "user": "ann@example.com", "project": "Launch", "section": "Doing", "tags": ["urgent"],
    }  # fmt: skip
    assert fields(ann, "task", "Proofread")["parent"] == "Write it"
    assert fields(ann, "section", "Doing") == {"name": "Doing", "project": "Launch"}
    assert fields(ann, "tag", "urgent") == {"name": "urgent", "color": "red", "user": "ann@example.com"}
    assert fields(ann, "project", "Launch")["user"] == "ann@example.com"


def test_neither_ids_nor_moments_nor_secrets_nor_sort_keys_are_in_it(ann: Api) -> None:
    task = ann.task("Write it")
    ann.patch(f"/api/v2/todo/{task['id']}", completed=True)
    text = "\n".join(rows(ann))
    for secret in (task["id"], task["sortKey"], task["createdAt"], task["projectId"], "passwordHash"):
        assert f'"{secret}"' not in text


def test_the_same_done_at_another_time_in_another_order_gives_the_same_rows(ann: Api) -> None:
    before = ann.get(DATA, form="rows").json
    for titles in (("one", "two"), ("two", "one")):
        ann.post("/_mockflow/reset")
        ann.put("/_mockflow/clock", advance="PT1H")
        ann.sign_in("ann@example.com")
        for title in titles:
            ann.task(title)
        if titles[0] == "one":
            first = ann.get(DATA, form="rows").json
    assert ann.get(DATA, form="rows").json == first
    assert first["rows"] == sorted(first["rows"])
    assert first["digest"] != before["digest"]


def test_another_form_is_refused(ann: Api) -> None:
    reply = ann.call("GET", "/_mockflow/data?form=columns")
    assert reply.status_code == 400
    assert "form" in reply.json["message"]
