"""The handle for JavaScript tests: used in Node against a real server, its names, and how it is served."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import playwright
import pytest

import mockflow
from mockflow.faults.grammar import PLACES
from mockflow.faults.presets import PRESETS
from mockflow.models.faults import Disconnect
from mockflow.models.journal import RequestFilter, RequestMatch
from mockflow.operations import OPERATIONS
from tests.conftest import MakeApp
from tests.running import DEADLINE, Running, serving
from tests.support import Api

HERE = Path(__file__).parent
PAGES = Path(mockflow.__file__).parent / "pages"
SCRIPT, TYPES = (PAGES / "client.js").read_text(), (PAGES / "client.d.ts").read_text()
NODE = shutil.which("node") or str(Path(playwright.__file__).parent / "driver" / "node")


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with serving("--memory", "--clock", "2030-01-01", "--control-token", "secret") as running:
        yield running


def node(*arguments: str, cwd: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MOCKFLOW_")}
    return subprocess.run(
        [NODE, *arguments],
        cwd=cwd,
        env={**kept, "NO_PROXY": "*", **env},
        capture_output=True,
        text=True,
        timeout=DEADLINE * 3,
        check=False,
    )


def test_it_does_what_it_says(server: Running, tmp_path: Path) -> None:
    (tmp_path / "client.mjs").write_text(SCRIPT)  # a folder without package.json
    env = {
        "MOCKFLOW_URL": server.url,
        "MOCKFLOW_CONTROL_TOKEN": "secret",
        "MOCKFLOW_CLIENT_JS": (tmp_path / "client.mjs").as_uri(),
    }
    done = node("--test", "--test-reporter=tap", str(HERE / "handle.test.mjs"), cwd=tmp_path, env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(re.findall(r"^# pass (\d+)", done.stdout, re.MULTILINE)[0]) >= 25


# -- names


def union(name: str) -> list[str]:
    """The words of a type."""
    text = re.search(rf"(?:type {name} =|\b{name}\?:)([^;]+);", TYPES)
    assert text is not None
    return re.findall(r'"([^"]+)"', text[1])


def keys(name: str) -> list[str]:
    """The keys of an interface."""
    _, _, body = TYPES.partition(f"export interface {name} {{\n")
    return re.findall(r"^  (\w+)\??:", body.partition("\n}")[0], re.MULTILINE)


def array(name: str) -> list[str]:
    """The words of an array in the script."""
    text = re.search(rf"^const {name} = \[(.*)\];$", SCRIPT, re.MULTILINE)
    assert text is not None
    return re.findall(r'"(\w+)"', text[1])


def camel(key: str) -> str:
    first, *rest = key.split("-")
    return first + "".join(word.capitalize() for word in rest)


@pytest.mark.parametrize(
    ("told", "known"),
    [
        (union("Operation"), [operation.name for operation in OPERATIONS]),
        (union("PresetName"), PRESETS),
        (union("disconnect"), get_args(Disconnect)),
        (keys("FaultRule"), [camel(key) for key in PLACES]),
    ],
    ids=["operations", "presets", "disconnect", "keys"],
)
def test_the_types_name_what_the_server_knows(told: list[str], known: Any) -> None:
    assert told == list(known)


def test_the_script_knows_the_places_of_the_grammar() -> None:
    body = SCRIPT.partition("const PLACES = {\n")[2].partition("\n};")[0]
    found = re.findall(r"^  (\w+): (\[.*\]),$", body, re.MULTILINE)
    assert {key: tuple(json.loads(place)) for key, place in found} == {
        camel(key): place for key, place in PLACES.items()
    }


def test_the_script_and_its_types_name_the_same_parts_of_a_request() -> None:
    assert set(array("MATCH")) == set(keys("Match")) == set(RequestMatch.model_fields)
    assert set(array("FILTER")) == set(keys("Filter")) == set(RequestFilter.model_fields)


def test_the_types_have_all_that_the_script_has() -> None:
    for holder in ("Mockflow", "Sandbox", "Fault", "Preset", "Clock", "Outbox"):
        body = SCRIPT.partition(f"class {holder} ")[2].partition("\n}")[0]
        methods = set(re.findall(r"^  (?:async )?(\w+)\(", body, re.MULTILINE)) - {"constructor"}
        typed = TYPES.partition(f"export interface {holder} ")[2].partition("\n}")[0]
        assert set(re.findall(r"^  (\w+)(?:<[^>]*>)?\(", typed, re.MULTILINE)) - methods == set(), holder
        assert methods - set(re.findall(r"^  (\w+)(?:<[^>]*>)?\(", typed, re.MULTILINE)) == set(), holder


# -- how it is served

FILES = {"client.js": "text/javascript", "client.d.ts": "application/typescript"}


@pytest.mark.parametrize(("name", "kind"), FILES.items())
def test_both_files_are_served_with_their_types(nobody: Api, name: str, kind: str) -> None:
    reply = nobody.get(f"/_mockflow/{name}")
    assert (reply.status_code, reply.text) == (200, (PAGES / name).read_text())
    assert reply.headers["Content-Type"] == f"{kind}; charset=utf-8"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert len(reply.headers.getlist("Date")) == 1


@pytest.mark.parametrize("name", FILES)
def test_what_has_not_changed_is_not_sent_again(nobody: Api, name: str) -> None:
    first = nobody.get(f"/_mockflow/{name}")
    assert first.headers["Cache-Control"] == "no-cache"
    again = nobody.call("GET", f"/_mockflow/{name}", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.text, again.headers["ETag"]) == (304, "", first.headers["ETag"])
    other = nobody.call("GET", f"/_mockflow/{name}", headers={"If-None-Match": '"another"'})
    assert (other.status_code, other.text) == (200, first.text)


@pytest.mark.parametrize(
    ("origin", "may"),
    [
        ("http://localhost:5173", True),
        ("http://127.0.0.1:1", True),
        ("https://app.example.com", True),
        ("https://evil.example.com", False),
    ],
)
@pytest.mark.parametrize("prefix", ["", "/s/gw0"])
def test_a_page_of_this_machine_or_of_a_named_origin_may_import_it(
    make_app: MakeApp, prefix: str, origin: str, may: bool
) -> None:
    api = Api(make_app(cors_origins=("https://app.example.com",), control_token="s3cret"))
    reply = api.call("GET", f"{prefix}/_mockflow/client.js", headers={"Origin": origin})
    assert reply.status_code == 200
    assert reply.headers.get("Access-Control-Allow-Origin") == (origin if may else None)
    assert "Origin" in reply.headers["Vary"]


def test_a_rebound_name_gets_none(nobody: Api) -> None:
    headers = {"Host": "evil.example.com", "Origin": "http://localhost:5173"}
    reply = nobody.call("GET", "/_mockflow/client.js", headers=headers)
    assert (reply.status_code, reply.headers["Cache-Control"]) == (403, "no-store, private")
    assert "Access-Control-Allow-Origin" not in reply.headers


def test_it_makes_no_sandbox_and_is_not_journaled(nobody: Api) -> None:
    nobody.get("/s/gone/_mockflow/client.js")
    assert [one["name"] for one in nobody.get("/_mockflow/sandboxes").json["sandboxes"]] == ["default"]
    assert nobody.get("/_mockflow/requests").json["requests"] == []
