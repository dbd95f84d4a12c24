"""Searching: contract, section 4."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import JSON, Api, fields_of


def search(api: Api, text: str) -> JSON:
    response = api.get("/api/v2/todo/search", q=text)
    assert response.status_code == 200, response.text
    return dict(response.json)


def titles(api: Api, text: str) -> list[str]:
    return [hit["title"] for hit in search(api, text)["todos"]]


def names(api: Api, kind: str, text: str) -> list[str]:
    return [hit["name"] for hit in search(api, text)[kind]]


def shuffled(count: int) -> list[int]:
    return [number * 7 % count for number in range(count)]


def test_the_hits_are_grouped_and_have_their_fields_in_order(ann: Api) -> None:
    project = ann.project("launch 2026")
    tag = ann.tag("launch", color="red")
    fields: JSON = {"description": "with cake", "priority": "low", "dueDate": "2026-03-11"}
    parent = ann.task("the launch", projectId=project["id"], **fields)
    child = ann.task("the launch party", parentId=parent["id"])
    found = search(ann, "launch")
    keys = ("id", "title", "description", "priority", "dueDate", "completed", "parentId", "projectId")
    assert list(found) == ["todos", "tags", "projects"]
    assert [list(hit.items()) for hit in found["todos"]] == [
        [(key, task[key]) for key in keys] for task in (parent, child)
    ]
    assert [list(hit.items()) for hit in found["tags"]] == [
        [("id", tag["id"]), ("name", "launch"), ("color", "red")]
    ]
    assert [list(hit.items()) for hit in found["projects"]] == [
        [("id", project["id"]), ("name", "launch 2026"), ("slug", "launch-2026"), ("personal", True)]
    ]


def test_what_nothing_matches_finds_nothing(ann: Api) -> None:
    ann.task("walk")
    assert search(ann, "launch") == {"todos": [], "tags": [], "projects": []}


@pytest.mark.parametrize("query", [{}, {"q": ""}, {"q": " "}, {"q": "\t\n"}])
def test_a_blank_search_is_refused(ann: Api, query: dict[str, Any]) -> None:
    assert fields_of(ann.get("/api/v2/todo/search", **query)) == [["q"]]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("launch", True),
        ("LAUNCH", True),
        ("LaUnCh", True),
        ("re-launch", True),
        ("aunc", True),
        ("re", True),
        ("plan", True),
        ("the plan", True),
        ("plan THE", True),
        ("  launch   plan  ", True),
        ("launch zürich", True),
        ("ZÜRICH", True),
        ("crew launch", True),
        ("launch moon", False),
        ("launches", False),
        ("launchthe", False),
        ("%", False),
        (".*", False),
    ],
)
def test_every_term_has_to_be_a_part_of_a_word_in_title_or_description(ann: Api, text: str, found: bool) -> None:
    ann.task("Plan the re-launch", description="with the Crew in Zürich")
    ann.task("walk", description=None)
    assert titles(ann, text) == (["Plan the re-launch"] if found else [])


def test_hits_are_ranked_by_where_and_how_they_match(ann: Api) -> None:
    ranked = [
        ("a launch", None),
        ("a launcher", None),
        ("a prelaunch", None),
        ("described 1", "a launch"),
        ("described 2", "a launcher"),
        ("described 3", "a prelaunch"),
    ]
    for title, description in reversed(ranked):
        ann.task(title, description=description)
    assert titles(ann, "launch") == titles(ann, "LAUNCH") == [title for title, _ in ranked]


def test_every_term_counts_in_the_ranking(ann: Api) -> None:
    ranked = [
        "launch party",
        "launcher party",
        "launcher partygoers",
        "prelaunch partygoers",
        "prelaunch teaparty",
    ]
    for title in reversed(ranked):
        ann.task(title)
    assert titles(ann, "launch party") == titles(ann, "party launch") == ranked


def test_the_best_match_of_a_task_counts(ann: Api) -> None:
    ann.task("a launcher")
    ann.task("prelaunch launch", description="prelaunch")
    ann.task("described", description="launch")
    ann.task("launch too", description="launch")
    assert titles(ann, "launch") == ["prelaunch launch", "launch too", "a launcher", "described"]


def test_punctuation_does_not_make_a_word_less_whole(ann: Api) -> None:
    ann.task("the launcher")
    ann.task("(Launch), at last")
    assert titles(ann, "launch") == ["(Launch), at last", "the launcher"]


def test_completed_tasks_and_subtasks_are_found(ann: Api) -> None:
    parent = ann.task("launch")
    ann.task("launch party", parentId=parent["id"])
    ann.patch(f"/api/v2/todo/{parent['id']}", completed=True)
    assert [(hit["completed"], hit["parentId"]) for hit in search(ann, "launch")["todos"]] == [
        (True, None),
        (True, parent["id"]),
    ]


def test_at_most_20_tasks_are_found_the_best_of_them(ann: Api) -> None:
    for number in range(21):
        ann.task(f"prelaunch {number}")
    ann.task("launch")
    found = titles(ann, "launch")
    assert len(found) == len(set(found)) == 20
    assert found[0] == "launch"


def test_20_tasks_are_found(ann: Api) -> None:
    for number in range(20):
        ann.task(f"launch {number}")
    assert len(titles(ann, "launch")) == 20


@pytest.mark.parametrize("count", [10, 11, 13])
def test_at_most_10_tags_are_found_in_order_of_name(ann: Api, count: int) -> None:
    for number in shuffled(count):
        ann.tag(f"launch {number:02}")
    assert names(ann, "tags", "launch") == [f"launch {number:02}" for number in range(10)]


@pytest.mark.parametrize("count", [10, 11, 13])
def test_at_most_10_projects_are_found_in_order_of_name(ann: Api, count: int) -> None:
    for number in shuffled(count):
        ann.project(f"launch {number:02}")
    assert names(ann, "projects", "launch") == [f"launch {number:02}" for number in range(10)]


@pytest.mark.parametrize(
    ("text", "found"), [("LAUNCH", True), ("aunc", True), ("q4 launch", True), ("launch q5", False)]
)
def test_tags_and_projects_are_found_by_name(ann: Api, text: str, found: bool) -> None:
    ann.tag("re-Launch Q4")
    ann.project("re-Launch Q4")
    ann.tag("walk")
    ann.project("walk")
    expected = ["re-Launch Q4"] if found else []
    assert names(ann, "tags", text) == names(ann, "projects", text) == expected


def test_the_inbox_is_found(ann: Api) -> None:
    assert search(ann, "inbox")["projects"] == [
        {"id": ann.inbox_id(), "name": "Inbox", "slug": "inbox", "personal": False}
    ]


def test_what_is_somebody_elses_is_not_found(ann: Api, ben: Api, workspaces: dict[str, str]) -> None:
    ben.task("launch", tags=[ben.tag("launch")["id"]], projectId=ben.project("launch")["id"])
    ben.project("launch of Ben", workspaceId=workspaces["Of Ben"])
    assert search(ann, "launch") == {"todos": [], "tags": [], "projects": []}


def test_projects_of_the_callers_workspaces_are_found(ann: Api, ben: Api, workspaces: dict[str, str]) -> None:
    ben.project("launch together", workspaceId=workspaces["Shared"])
    [hit] = search(ann, "launch")["projects"]
    assert (hit["name"], hit["personal"]) == ("launch together", False)


def test_a_search_finds_what_is_there_now(ann: Api) -> None:
    task = ann.task("launch")
    ann.patch(f"/api/v2/todo/{task['id']}", title="start")
    assert titles(ann, "launch") == []
    assert titles(ann, "start") == ["start"]
    ann.delete(f"/api/v2/todo/{task['id']}")
    assert titles(ann, "start") == []
