"""Seed files: a user's own works like a shipped one; a mistake is told with file and line; none is written to."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mockflow.errors import SeedInvalid, SettingsInvalid
from mockflow.seeding.dates import resolve
from tests.conftest import NOW, MakeApp
from tests.support import Api

OWN = """\
about: My own.
personas:
  - email: me@example.com
    password: my own password
    for: myself
    tags: [{name: work}]
    projects: [{name: Home, sections: [Kitchen], view: board}]
    tasks:
      - title: Bake
        due: +1w 09:30
        project: Home
        section: Kitchen
        tags: [work]
        repeat: weekly
        subtasks:
          - {title: Buy flour, done: -1d 10:00}
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A seed file that only can be read."""
    path = tmp_path / "mine.yaml"
    path.write_text(OWN)
    path.chmod(stat.S_IRUSR)
    return path


def test_a_file_of_ones_own_is_planted(own: Path, make_app: MakeApp) -> None:
    before = own.read_bytes()
    api = Api(make_app(seeds=str(own))).sign_in("me@example.com", "my own password")
    bake, flour = api.tasks()
    assert (bake["dueDate"], bake["dueTime"]) == ("2026-03-17", "2026-03-17T09:30:00.000Z")
    assert (bake["isAllDay"], bake["recurrenceRule"]) == (False, {"pattern": "weekly", "interval": 1})
    assert [tag["name"] for tag in bake["tags"]] == ["work"]
    assert [child["title"] for child in bake["children"]] == ["Buy flour"]
    assert flour["completedAt"] == "2026-03-09T10:00:00.000Z"
    section = api.get(f"/api/v2/projects/{bake['projectId']}/sections").json["sections"][0]
    assert (section["name"], section["id"]) == ("Kitchen", bake["projectSectionId"])
    assert own.read_bytes() == before


@pytest.mark.parametrize(
    ("line", "was", "becomes", "told"),
    [
        (2, "personas:", "persons:", "persons: unknown key"),
        (3, "me@example.com", "me", "Expected an e-mail address"),
        (4, "my own password", "short", "password: String should have at least 8 characters"),
        (6, "{name: work}", "{name: work, color: beige}", "tags.0.color"),
        (9, "title: Bake", "titel: Bake", "tasks.0.titel: unknown key"),
        (10, "+1w 09:30", "soon", 'expected a date such as "today"'),
        (11, "project: Home", "project: Hom", "there is no project Hom"),
        (12, "section: Kitchen", "section: Bath", "there is no section Bath in Home"),
        (13, "tags: [work]", "tags: [play]", "there is no tag play"),
        (14, "weekly", "hourly", "repeat.pattern"),
        (16, "{title: Buy flour,", "{title: '',", "Must not be blank"),
        (16, "done: -1d 10:00", "subtasks: [{title: x}]", "a subtask cannot have subtasks"),
        (16, "-1d 10:00}", "-1d 10:00", "expected ',' or '}'"),
        (4, "password: my own password", "name: Me", "exactly one of password and provider"),
        (6, "[{name: work}]", "[{name: work}, {name: work}]", "there is work among these already"),
        (7, "view: board", "workspace: Nowhere", "there is no workspace Nowhere"),
        (10, "+1w 09:30", "2028-02-30", 'expected a date such as "today"'),
        (10, "due: +1w 09:30", "sortKey: '!!'", "Expected a fractional index key"),
        (10, "due: +1w 09:30", "title: Twice", "the key title is there twice"),
        (1, "My own.", "1" * 5000, "Exceeds the limit"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_file_and_line(
    tmp_path: Path, make_app: MakeApp, line: int, was: str, becomes: str, told: str
) -> None:
    path = tmp_path / "wrong.yaml"
    assert was in OWN
    path.write_text(OWN.replace(was, becomes, 1))
    with pytest.raises(SeedInvalid) as caught:
        make_app(seeds=str(path))
    assert told in caught.value.message
    place, _, _ = caught.value.message.removeprefix(f"{path}:").partition(":")
    assert abs(int(place) - line) <= 1  # a parser stops behind a mistake, a missing key is told at its owner


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("demoo", "demo, edge, empty, large, minimal"),
        ("", "demo, edge, empty, large, minimal"),
        ("..", "demo, edge, empty, large, minimal"),
        ("/nowhere/my.yaml", "no seed file '/nowhere/my.yaml'"),
        ("demo.yml", "no seed file 'demo.yml'"),
    ],
)
def test_a_set_that_does_not_exist_is_refused(make_app: MakeApp, name: str, told: str) -> None:
    with pytest.raises(SettingsInvalid, match=told):
        make_app(seeds=name)


def test_all_mistakes_are_told_at_once(tmp_path: Path, make_app: MakeApp) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(OWN.replace("title: Bake", "titel: Bake").replace("weekly", "hourly"))
    with pytest.raises(SeedInvalid) as caught:
        make_app(seeds=str(path))
    assert f"{path}:9: personas.0.tasks.0.titel: unknown key; " in caught.value.message
    assert f"{path}:14: personas.0.tasks.0.repeat.pattern: " in caught.value.message


def test_subtasks_are_in_their_parents_project(own: Path, make_app: MakeApp) -> None:
    bake, flour = Api(make_app(seeds=str(own))).sign_in("me@example.com", "my own password").tasks()
    assert flour["projectId"] == bake["projectId"]


@pytest.mark.parametrize(
    ("text", "day", "moment"),
    [
        ("today", "2026-03-10", None),
        ("now", "2026-03-10", "2026-03-10T12:00"),
        ("-3d", "2026-03-07", None),
        ("+1w 09:30", "2026-03-17", "2026-03-17T09:30"),
        ("-2h", "2026-03-10", "2026-03-10T10:00"),
        ("+13h", "2026-03-11", "2026-03-11T01:00"),
        ("2028-02-29", "2028-02-29", None),
        ("2026-01-01T00:30:00+14:00", "2025-12-31", "2025-12-31T10:30"),
    ],
)
def test_dates_are_relative_to_the_clock(text: str, day: str, moment: str | None) -> None:
    found = resolve(text, NOW)
    assert found.day.isoformat() == day
    assert found.moment == (moment and datetime.fromisoformat(moment).replace(tzinfo=UTC))


@pytest.mark.parametrize("text", ["", "tomorrow", "3d", "+3y", "-3d 25:00", "2027-02-29", "today9:30"])
def test_anything_else_is_no_date(text: str) -> None:
    with pytest.raises(ValueError, match="expected a date such as"):
        resolve(text, NOW)


def test_a_date_needs_no_quotes(tmp_path: Path, make_app: MakeApp) -> None:
    path = tmp_path / "dates.yaml"
    path.write_text(OWN.replace("+1w 09:30", "2028-02-29"))
    bake, _ = Api(make_app(seeds=str(path))).sign_in("me@example.com", "my own password").tasks()
    assert bake["dueDate"] == "2028-02-29"


@pytest.mark.parametrize("locale", ["fi_FI", "zh_CN", "th_TH", "de_DE"])
def test_invented_names_that_come_twice_are_told_apart(tmp_path: Path, make_app: MakeApp, locale: str) -> None:
    path = tmp_path / "many.yaml"
    fake = "fake: {projects: 150, sections: 2, tags: 60, tasks: 150}"
    path.write_text(f"about: x\npersonas: [{{email: a@example.com, password: Passw0rd!, for: x, {fake}}}]\n")
    api = Api(make_app(seeds=str(path), locale=locale)).sign_in("a@example.com")
    assert len({project["name"] for project in api.get("/api/v2/projects").json["projects"]}) == 151
