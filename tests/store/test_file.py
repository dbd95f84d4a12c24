"""The data file: plain TinyDB once it is closed, held by one process, refused rather than damaged."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tinydb import TinyDB

from mockflow.app import create_app, sandboxes_of
from mockflow.errors import DataUnusable
from mockflow.settings import Settings
from mockflow.store import open_file, storage
from tests.conftest import NOW, PEOPLE, MakeApp
from tests.store.stores import wait_for_saves
from tests.support import Api


def reopened(path: Path, make_app: MakeApp) -> Api:
    return Api(make_app(data=path))


def content(path: Path) -> Any:
    return json.loads(path.read_text())


def names(folder: Path) -> list[str]:
    return sorted(found.name for found in folder.iterdir())


def held(folder: Path) -> dict[str, bytes]:
    return {found.name: found.read_bytes() for found in folder.iterdir()}


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A data file as a server left it."""
    path = tmp_path / "data.json"
    app = create_app(Settings(data=path, seeds=PEOPLE, clock=NOW))
    Api(app).sign_in("ann@example.com").task("kept")
    sandboxes_of(app).close()
    return path


def test_plain_tinydb_opens_the_file(kept: Path) -> None:
    with TinyDB(kept, access_mode="r") as database:
        assert [task["title"] for task in database.table("tasks")] == ["kept"]
        assert len(database.table("users")) == 3


def test_everything_is_there_after_a_restart(kept: Path, make_app: MakeApp) -> None:
    api = reopened(kept, make_app).sign_in("ann@example.com")
    assert [task["title"] for task in api.tasks()] == ["kept"]
    assert api.task("next")["sortKey"] == "a1"


def test_ids_are_not_given_out_twice_after_a_restart(kept: Path, make_app: MakeApp) -> None:
    api = reopened(kept, make_app).sign_in("ann@example.com")
    ids = [api.task(f"task {number}")["id"] for number in range(20)]
    assert len({*ids, *(task["id"] for task in api.tasks())}) == 21


def test_an_answered_write_is_on_the_disk_at_once(tmp_path: Path, make_app: MakeApp) -> None:
    folder = tmp_path / "running"
    api = reopened(folder / "data.json", make_app).sign_in("ann@example.com")
    api.task("written")
    assert names(folder) == ["data.json", "data.json.changes", "data.json.lock"]
    shutil.copytree(folder, tmp_path / "killed")
    after = reopened(tmp_path / "killed" / "data.json", make_app).sign_in("ann@example.com")
    assert after.tasks() == api.tasks() != []


def test_a_clean_stop_leaves_one_plain_file(tmp_path: Path, make_app: MakeApp) -> None:
    path = tmp_path / "data.json"
    api = reopened(path, make_app).sign_in("ann@example.com")
    task = api.task("written")
    sandboxes_of(api.app).close()
    assert [found["id"] for found in content(path)["tasks"].values()] == [task["id"]]
    assert names(tmp_path) == ["data.json", "data.json.lock"]


def test_a_failed_request_leaves_the_file_as_it_was(tmp_path: Path, make_app: MakeApp) -> None:
    path = tmp_path / "data.json"
    api = reopened(path, make_app).sign_in("ann@example.com")
    before = held(tmp_path)
    assert api.post("/api/v2/todo", title="x", projectId="nowhere").status_code == 400
    assert held(tmp_path) == before


def test_the_seeds_never_overwrite_a_file(kept: Path, make_app: MakeApp) -> None:
    before = kept.read_bytes()
    make_app(data=kept, seeds="demo")
    assert kept.read_bytes() == before


def test_reset_overwrites_it(kept: Path, make_app: MakeApp) -> None:
    api = Api(make_app(data=kept, seeds="minimal", reset=True)).sign_in("demo@flowtask.test")
    assert api.tasks() == []


def test_a_link_to_the_file_stays_a_link(kept: Path, tmp_path: Path, make_app: MakeApp) -> None:
    link = tmp_path / "link.json"
    link.symlink_to(kept)
    api = reopened(link, make_app).sign_in("ann@example.com")
    api.task("through the link")
    assert names(tmp_path) == ["data.json", "data.json.changes", "data.json.lock", "link.json"]
    sandboxes_of(api.app).close()
    assert link.is_symlink()
    assert len(content(kept)["tasks"]) == 2


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        pytest.param(lambda _: b"", "is not a JSON file", id="empty"),
        pytest.param(lambda text: text[: len(text) // 2], "is not a JSON file", id="cut in half"),
        pytest.param(lambda _: b"\xff\xfe\x00", "is not a JSON file", id="binary"),
        pytest.param(lambda _: b"[1, 2]", "is not a TinyDB file", id="an array"),
        pytest.param(lambda _: b"{}", r"meta: This table is missing", id="no tables"),
        pytest.param(
            lambda _: b'{"_default": {"1": {"a": 1}}}',
            "_default: This table is none of ours",
            id="another TinyDB file",
        ),
        pytest.param(lambda text: text.replace(b'"title":', b'"titel":'), "title: Required", id="no title"),
        pytest.param(
            lambda text: text.replace(b'"title":"kept"', b'"title":7'),
            r"tasks\.1\.title: This is of the wrong type",
            id="wrong type",
        ),
        pytest.param(
            lambda text: text.replace(b'"schema":2', b'"schema":99'), "newer mockflow", id="newer schema"
        ),
        pytest.param(
            lambda text: text.replace(b'"parentId":null', b'"parentId":"c0"'), "not in tasks", id="lost parent"
        ),
        pytest.param(
            lambda text: text.replace(b'"dueDate":null', b'"dueDate":"2026-02-30"', 1),
            r"tasks\.1\.dueDate: This is not a day such as",
            id="no day",
        ),
        pytest.param(
            lambda text: text.replace(b'"dueDate":null', b'"dueDate":"2026-W11-2"', 1), "not a day", id="a week"
        ),
        pytest.param(
            lambda text: text.replace(b'"priority":null', b'"priority":"urgent"', 1), "not high", id="no priority"
        ),
        pytest.param(
            lambda text: text.replace(b'"expiresAt":"2026', b'"expiresAt":"soon', 1),
            r"sessions\.1\.expiresAt: This is not a moment",
            id="no moment",
        ),
        pytest.param(lambda _: b'{"meta": []}', "meta: This table is missing", id="meta is a list"),
        pytest.param(lambda _: b'{"meta": {"1": []}}', "not a numbered record", id="meta holds a list"),
        pytest.param(lambda text: text.replace(b'"id":"meta"', b'"id":"beta"'), "one record", id="another meta"),
        pytest.param(lambda text: text.replace(b'"tags":[]', b'"tags":[{}]'), "wrong type", id="tags of objects"),
        pytest.param(lambda text: text[:-1] + b',"notes":{}}', "none of ours", id="a table of somebody else"),
        pytest.param(
            lambda text: text.replace(b'"isDefault":true', b'"isDefault":false', 1), "one Inbox", id="no Inbox"
        ),
        pytest.param(
            lambda text: text.replace(b"ben@example", b"ann@example"),
            "same e-mail is there twice",
            id="an e-mail twice",
        ),
    ],
)
def test_a_file_that_cannot_be_used_stops_the_start_and_is_left_alone(
    kept: Path, make_app: MakeApp, damage: Callable[[bytes], bytes], reason: str
) -> None:
    kept.write_bytes(damaged := damage(kept.read_bytes()))
    with pytest.raises(DataUnusable, match=reason):
        make_app(data=kept)
    with pytest.raises(DataUnusable):
        make_app(data=kept, reset=True)
    assert kept.read_bytes() == damaged
    kept.unlink()
    make_app(data=kept)  # nothing holds the lock


def test_a_second_store_on_the_same_file_is_refused(kept: Path) -> None:
    first = open_file(kept)
    code = f"from mockflow.store import open_file; from pathlib import Path; open_file(Path({str(kept)!r}))"
    second = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "held by another process" in second.stderr
    first.close()
    open_file(kept).close()


def test_a_write_that_fails_is_a_clear_500_and_changes_nothing(
    tmp_path: Path, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = reopened(tmp_path / "data.json", make_app).sign_in("ann@example.com")
    before, tasks = held(tmp_path), api.tasks()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        reply = api.post("/api/v2/todo", title="too much")
    assert reply.status_code == 500
    assert "No space left on device" in reply.json["message"]
    assert (held(tmp_path), api.tasks()) == (before, tasks)
    api.task("there is room again")


def test_saves_in_the_background_do_not_mind_whole_states_that_come_and_go(
    tmp_path: Path, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "_LOG_ROOM", 100)
    folder = tmp_path / "running"
    api = reopened(folder / "data.json", make_app).sign_in("ann@example.com")
    document = api.get("/_mockflow/data").json
    assert api.call("PUT", "/_mockflow/snapshots/first", json={}).status_code == 200
    for number in range(12):
        for _ in range(8):
            api.task("x" * 500)
        if number % 4 == 0:
            assert api.call("PUT", "/_mockflow/data", json=document).status_code == 200
        elif number % 4 == 1:
            assert api.post("/_mockflow/snapshots/first/restore").status_code == 200
        elif number % 4 == 2:
            assert api.post("/_mockflow/reset").status_code == 200
        api.sign_in("ann@example.com").task("last")
    keeper = sandboxes_of(api.app).default.store.keeper
    assert keeper is not None
    wait_for_saves(keeper)
    shutil.copytree(folder, tmp_path / "killed")
    after = Api(make_app(data=tmp_path / "killed" / "data.json"))
    assert after.get("/_mockflow/data").json == api.get("/_mockflow/data").json


def test_the_file_keeps_its_rights(kept: Path, make_app: MakeApp) -> None:
    kept.chmod(0o600)
    reopened(kept, make_app).sign_in("ann@example.com").task()
    assert kept.stat().st_mode & 0o777 == 0o600


def test_a_loop_of_links_is_refused(tmp_path: Path, make_app: MakeApp) -> None:
    (tmp_path / "a.json").symlink_to(tmp_path / "b.json")
    (tmp_path / "b.json").symlink_to(tmp_path / "a.json")
    with pytest.raises(DataUnusable):
        make_app(data=tmp_path / "a.json")
