"""Forks, snapshots and whole states."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mockflow.app import sandboxes_of
from tests.conftest import MakeApp
from tests.sandboxes.test_isolation import CONTROL, Box, names
from tests.support import Api, fields_of


def fork(api: Api, **wanted: Any) -> Any:
    return api.post(f"{CONTROL}/sandboxes", **wanted)


# -- forks


def test_a_fork_has_data_sessions_clock_and_faults_of_its_source(ann: Api) -> None:
    ann.task("kept")
    ann.put(f"{CONTROL}/clock", advance=60)
    ann.post(f"{CONTROL}/faults", match={"operation": "listTags"}, effect={"status": 500}, times=2)
    cookie = ann.post(f"{CONTROL}/sessions", email="ann@example.com").json["cookie"]
    ann.client.get("/api/v2/tag")  # one of the two hits
    assert fork(ann, **{"name": "copy", "from": "default"}).json == {
        "name": "copy",
        "path": "/s/copy/",
        "seeds": ann.get(f"{CONTROL}/info").json["seeds"],
        "label": None,
        "expiresInSeconds": None,
    }
    client = ann.app.test_client(use_cookies=False)
    statuses = [client.get("/s/copy/api/v2/tag", headers={"Cookie": cookie}).status_code for _ in range(2)]
    assert statuses == [500, 200]
    shown = client.get("/s/copy/api/v2/todo", headers={"Cookie": cookie}).get_json()["todos"]
    assert [task["title"] for task in shown] == ["kept"]
    assert ann.get(f"/s/copy{CONTROL}/clock").json["now"] == "2026-03-10T12:01:00.000Z"
    assert ann.get(f"{CONTROL}/faults").json["faults"][0]["hits"] == 1  # the fork counts for itself


def test_a_fork_goes_its_own_way_and_resets_to_where_it_began(ann: Api) -> None:
    ann.task("kept")
    fork(ann, **{"name": "copy", "from": "default"})
    copy = Box(ann, "copy")
    copy.sign_in("ann@example.com").task("only here")
    ann.task("only there")
    assert [task["title"] for task in copy.tasks()] == ["kept", "only here"]
    copy.post(f"{CONTROL}/reset")
    assert [task["title"] for task in copy.sign_in("ann@example.com").tasks()] == ["kept"]
    assert [task["title"] for task in ann.tasks()] == ["kept", "only there"]


def test_a_fork_draws_as_its_source_would_have(ann: Api) -> None:
    fork(ann, **{"name": "copy", "from": "default"})
    assert Box(ann, "copy").sign_in("ann@example.com").task("x") == ann.task("x")


def test_a_fork_without_a_source_is_in_the_state_of_the_start(ann: Api) -> None:
    ann.task()
    assert fork(ann).json["name"] == "box-1"
    assert fork(ann).json["name"] == "box-2"
    assert ann.get(f"/s/box-1{CONTROL}/info").json["counts"]["todos"] == 0


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"name": "Red"}, ["name"]),
        ({"name": ""}, ["name"]),
        ({"name": "default"}, ["name"]),
        ({"name": "taken"}, ["name"]),
        ({"from": "nowhere"}, ["from"]),
        ({"ttlSeconds": 0}, ["ttlSeconds"]),
        ({"ttlSeconds": "5"}, ["ttlSeconds"]),
        ({"form": "default"}, ["form"]),
    ],
)
def test_a_bad_fork_makes_nothing(nobody: Api, wanted: dict[str, Any], field: list[str]) -> None:
    fork(nobody, name="taken")
    assert fields_of(fork(nobody, **wanted)) == [field]
    assert names(nobody) == ["default", "taken"]


def test_a_sandbox_is_deleted_and_its_name_begins_anew(ann: Api) -> None:
    red = Box(ann, "red")
    red.sign_in("ann@example.com").task()
    assert ann.call("DELETE", f"{CONTROL}/sandboxes/red", json={}).json == {"deleted": 1}
    assert names(ann) == ["default"]
    assert red.get("/api/v2/todo").status_code == 401


@pytest.mark.parametrize(("name", "status"), [("nowhere", 404), ("default", 400)])
def test_what_is_not_there_or_has_to_be_is_not_deleted(ann: Api, name: str, status: int) -> None:
    assert ann.call("DELETE", f"{CONTROL}/sandboxes/{name}", json={}).status_code == status
    assert names(ann) == ["default"]


def test_a_sandbox_whose_time_is_over_is_gone(make_app: MakeApp) -> None:
    sandboxes = sandboxes_of(make_app())
    sandboxes.create("short", None, 1e-9)
    sandboxes.create("long", None, 1000.0)
    assert [lodger.sandbox.name for lodger in sandboxes.listed()] == ["default", "long"]
    assert sandboxes.known("short") is None


# -- snapshots


def test_a_snapshot_brings_back_everything(ann: Api) -> None:
    task = ann.task("kept")
    ann.post("/api/v1/user/signup/send-otp", email="new@example.com")
    ann.post(f"{CONTROL}/faults", match={"operation": "listTags"}, effect={"status": 500})
    assert ann.call("PUT", f"{CONTROL}/snapshots/before", json={}).json["name"] == "before"
    ann.delete(f"/api/v2/todo/{task['id']}")
    ann.call("DELETE", f"{CONTROL}/outbox", json={})
    ann.call("DELETE", f"{CONTROL}/faults", json={})
    ann.put(f"{CONTROL}/clock", advance="P1D")
    assert ann.get("/api/v2/todo").status_code == 401
    assert ann.post(f"{CONTROL}/snapshots/before/restore").json == {"restored": "before"}
    assert [found["title"] for found in ann.tasks()] == ["kept"]  # the session is back as well
    assert len(ann.get(f"{CONTROL}/outbox").json["messages"]) == 1
    assert len(ann.get(f"{CONTROL}/faults").json["faults"]) == 1
    assert ann.get(f"{CONTROL}/clock").json["now"] == "2026-03-10T12:00:00.000Z"


def test_snapshots_are_listed_replaced_and_deleted(ann: Api) -> None:
    for name in ("a", "b", "a"):
        ann.call("PUT", f"{CONTROL}/snapshots/{name}", json={})
    assert [found["name"] for found in ann.get(f"{CONTROL}/snapshots").json["snapshots"]] == ["a", "b"]
    assert ann.call("DELETE", f"{CONTROL}/snapshots/a", json={}).json == {"deleted": 1}
    assert ann.call("DELETE", f"{CONTROL}/snapshots/a", json={}).status_code == 404
    assert ann.post(f"{CONTROL}/snapshots/a/restore").status_code == 404


def test_a_snapshot_can_be_forked(ann: Api) -> None:
    ann.task("kept")
    ann.call("PUT", f"{CONTROL}/snapshots/before", json={})
    ann.task("later")
    assert fork(ann, **{"name": "copy", "from": "before"}).status_code == 201
    assert [task["title"] for task in Box(ann, "copy").sign_in("ann@example.com").tasks()] == ["kept"]


@pytest.mark.parametrize("name", ["a%20b", "a" * 65, "%2e%2e%2fx"])
def test_a_snapshot_with_a_bad_name_is_refused(ann: Api, name: str) -> None:
    assert ann.call("PUT", f"{CONTROL}/snapshots/{name}", json={}).status_code in (400, 404)
    assert ann.get(f"{CONTROL}/snapshots").json["snapshots"] == []


def test_a_restored_snapshot_is_in_the_file(make_app: MakeApp, tmp_path: Any) -> None:
    path = tmp_path / "data.json"
    ann = Api(make_app(data=path)).sign_in("ann@example.com")
    ann.call("PUT", f"{CONTROL}/snapshots/before", json={})
    ann.task("later")
    ann.post(f"{CONTROL}/snapshots/before/restore")
    restored = ann.get(f"{CONTROL}/data").json
    sandboxes_of(ann.app).close()
    saved = json.loads(path.read_bytes())
    assert saved == restored
    assert saved["tasks"] == {}
    assert not (tmp_path / "data.json.changes").exists()


# -- whole states


def test_a_state_moves_to_another_server(ann: Api, make_app: MakeApp) -> None:
    ann.task("moved")
    document = ann.get(f"{CONTROL}/data").json
    other = Api(make_app(seeds="empty"))
    assert other.call("PUT", f"{CONTROL}/data", json=document).status_code == 200
    assert [task["title"] for task in other.sign_in("ann@example.com").tasks()] == ["moved"]
    assert other.task("x")["id"] == ann.task("x")["id"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: {},
        lambda data: {**data, "tasks": {}, "users": {}},
        lambda data: {**data, "tasks": {"1": {}}},
        lambda data: {**data, "notes": {}},
        lambda data: {**data, "meta": {"1": {**data["meta"]["1"], "schema": 99}}},
        lambda data: {**data, "tags": []},
    ],
)
def test_a_state_that_is_half_right_is_refused_and_changes_nothing(ann: Api, damage: Any) -> None:
    ann.task("still here")
    before = ann.get(f"{CONTROL}/data").content
    reply = ann.call("PUT", f"{CONTROL}/data", json=damage(ann.get(f"{CONTROL}/data").json))
    assert reply.status_code == 400
    assert ann.get(f"{CONTROL}/data").content == before
