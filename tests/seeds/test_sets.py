"""The shipped seed sets: what each promises."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mockflow.seeding.file import load
from mockflow.seeding.planting import SeedChoice, plant
from mockflow.seeding.sets import names
from tests.conftest import NOW, MakeApp
from tests.support import JSON, Api

TODAY = NOW.date()


def state(seeds: str, seed: int = 42, now: datetime = NOW, locale: str = "en_US") -> Any:
    return plant(SeedChoice(seeds, seed, locale, now))


def day(task: JSON) -> date:
    return date.fromisoformat(task["dueDate"])


@pytest.fixture
def demo(make_app: MakeApp) -> Api:
    """The first persona of `demo`."""
    return Api(make_app(seeds="demo")).sign_in("demo@flowtask.test")


LARGE = pytest.param("large", marks=pytest.mark.minutes)


def test_there_are_five() -> None:
    assert names() == ["demo", "edge", "empty", "large", "minimal"]


@pytest.mark.parametrize("seeds", ["demo", "edge", "empty", "minimal"])
def test_a_start_state_repeats_itself(seeds: str) -> None:
    assert state(seeds) == state(seeds)


@pytest.fixture
def invented(tmp_path: Path) -> str:
    """A set whose data is all Faker's."""
    path = tmp_path / "invented.yaml"
    fake = "fake: {projects: 3, sections: 2, tags: 3, tasks: 30}"
    persona = f"{{email: a@example.com, password: Passw0rd!, for: tests, {fake}}}"
    path.write_text(f"about: All invented.\npersonas: [{persona}]\n")
    return str(path)


def invented_words(found: Any) -> list[str]:
    return [task["title"] for task in found["tasks"]] + [project["name"] for project in found["projects"]]


def test_what_is_invented_repeats_itself(invented: str) -> None:
    assert state(invented) == state(invented)
    assert [len(state(invented)[table]) for table in ("tasks", "projects", "sections", "tags")] == [30, 4, 6, 3]


def test_another_seed_gives_other_ids_and_other_inventions(invented: str) -> None:
    first, second = state(invented), state(invented, seed=43)
    assert {task["id"] for task in first["tasks"]}.isdisjoint(task["id"] for task in second["tasks"])
    assert invented_words(first) != invented_words(second)


def test_another_locale_gives_other_names(invented: str) -> None:
    assert invented_words(state(invented, locale="ja_JP")) != invented_words(state(invented))


@pytest.mark.parametrize("seeds", ["demo", "edge", "minimal", LARGE])
def test_every_persona_can_sign_in(make_app: MakeApp, seeds: str) -> None:
    app = make_app(seeds=seeds)
    for persona in load(seeds).personas:
        assert persona.purpose
        if persona.password is None:
            assert Api(app).post("/_mockflow/sessions", email=persona.email).status_code == 201
        else:
            Api(app).sign_in(persona.email, persona.password)


@pytest.mark.parametrize("seeds", ["demo", "edge", LARGE])
def test_every_answer_about_the_data_keeps_to_the_contract(make_app: MakeApp, seeds: str) -> None:
    """The client compares each answer with the declared shape."""
    api = Api(make_app(seeds=seeds)).sign_in("demo@flowtask.test")
    for path in ("todo", "projects", "projects/inbox", "projects/personal?search=", "tag", "todo/search?q=a"):
        assert api.call("GET", f"/api/v2/{path}").status_code == 200
    for project in api.get("/api/v2/projects").json["projects"]:
        assert api.get(f"/api/v2/projects/{project['id']}/sections").status_code == 200


def test_empty_has_no_account() -> None:
    assert len(state("empty")["users"]) == 0


def test_minimal_has_one_account_and_its_inbox() -> None:
    found = state("minimal")
    assert {name: len(records) for name, records in found.items() if records} == {
        "meta": 1,
        "users": 1,
        "projects": 1,
    }


def test_large_has_ten_thousand_tasks() -> None:
    assert len(state("large")["tasks"]) == 10_000


def test_demo_has_three_personas_and_a_shared_workspace(demo: Api) -> None:
    personas = demo.get("/_mockflow/accounts").json["accounts"]
    assert [persona["email"] for persona in personas] == [
        "demo@flowtask.test",
        "lee@flowtask.test",
        "gina@flowtask.test",
    ]
    assert personas[0]["password"] == "Passw0rd!"
    assert (personas[2]["password"], personas[2]["provider"]) == (None, "google")
    lee = Api(demo.app).sign_in("lee@flowtask.test")
    assert {project["id"] for project in demo.get("/api/v2/projects").json["projects"]} & {
        project["id"] for project in lee.get("/api/v2/projects").json["projects"]
    }


def test_demo_fills_today_and_overdue(demo: Api) -> None:
    open_tasks = [task for task in demo.tasks(completed="false") if task["dueDate"]]
    assert [task for task in open_tasks if day(task) == TODAY]
    assert [task for task in open_tasks if day(task) < TODAY]


def test_demo_fills_upcoming_all_and_inbox(demo: Api) -> None:
    open_tasks = demo.tasks(completed="false")
    week = TODAY + timedelta(days=7)
    assert [task for task in open_tasks if task["dueDate"] and TODAY < day(task) <= week]
    assert [task for task in open_tasks if not task["dueDate"]]
    assert demo.get("/api/v2/projects/inbox").json["inbox"]["todos"]


def test_demo_fills_completed_today_yesterday_this_week_and_older(demo: Api) -> None:
    ages = {(TODAY - date.fromisoformat(task["completedAt"][:10])).days for task in demo.tasks(completed="true")}
    assert {0, 1} <= ages
    assert [age for age in ages if 1 < age < 7]
    assert [age for age in ages if age >= 7]


def test_demo_moves_with_the_clock(make_app: MakeApp) -> None:
    later = Api(make_app(seeds="demo", clock=NOW + timedelta(days=1000))).sign_in("demo@flowtask.test")
    earlier = Api(make_app(seeds="demo")).sign_in("demo@flowtask.test")
    assert [
        day(task) - day(other)
        for task, other in zip(later.tasks(), earlier.tasks(), strict=True)
        if task["dueDate"]
    ]
    assert {
        (day(task) - day(other)).days
        for task, other in zip(later.tasks(), earlier.tasks(), strict=True)
        if task["dueDate"]
    } == {1000}


def test_edge_has_what_breaks_clients(make_app: MakeApp) -> None:
    api = Api(make_app(seeds="edge")).sign_in("demo@flowtask.test")
    tasks = api.tasks()
    titles = "".join(task["title"] for task in tasks)
    assert max(len(task["title"]) for task in tasks) == 500
    assert max(len(task["tags"]) for task in tasks) >= 200
    assert max(len(task["sortKey"]) for task in tasks) > 100
    assert {"\u05d0", "\u0301", "\U0001f469", "<", "\u200b"} <= set(titles)
    assert {"2028-02-29", "0001-01-01", "9999-12-31"} <= {task["dueDate"] for task in tasks}
    assert [
        project
        for project in api.get("/api/v2/projects/personal", search="").json["personalProjects"]
        if not project["todos"]
    ]
