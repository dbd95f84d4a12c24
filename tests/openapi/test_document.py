"""The document: all operations and nothing else, each with what it can answer; printed, kept and served alike."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from mockflow.http import openapi
from mockflow.http.openapi import prose
from mockflow.operations import OPERATIONS, Operation
from tests.conftest import MakeApp
from tests.openapi.walking import JSON, described, documented
from tests.running import mockflow, serving
from tests.support import BOUND, Api

KEPT = Path(__file__).parent.parent.parent / "docs" / "openapi.json"
REFRESH = "docs/openapi.json is out of date. Refresh it: mockflow openapi > docs/openapi.json"

each_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)

# Beside 429 and 500, which any operation answers when they are asked for.
ERRORS = {
    "requestSignUpCode": {400, 413, 415},
    "completeSignUp": {400, 413, 415},
    "signIn": {400, 413, 415},
    "checkAuth": set(),
    "signOut": {401},
    "getProfile": {401},
    "updateProfile": {400, 401, 415},
    "updateName": {400, 401, 413, 415},
    "updatePassword": {400, 401, 413, 415},
    "getPreferences": {401},
    "updatePreferences": {400, 401, 413, 415},
    "listTasks": {400, 401},
    "createTask": {400, 401, 403, 413, 415},
    "updateTask": {400, 401, 403, 404, 413, 415},
    "deleteTask": {401, 403, 404},
    "searchTasks": {400, 401},
    "updateTasks": {400, 401, 403, 413, 415},
    "deleteTasks": {400, 401},
    "listProjects": {401},
    "getInbox": {401},
    "listPersonalProjects": {400, 401},
    "createProject": {400, 401, 403, 413, 415},
    "getProject": {401, 403, 404},
    "updateProject": {400, 401, 403, 404, 413, 415},
    "deleteProject": {401, 403, 404},
    "listSections": {401, 403, 404},
    "createSection": {400, 401, 403, 404, 413, 415},
    "updateSection": {400, 401, 403, 404, 413, 415},
    "deleteSection": {401, 403, 404},
    "listTags": {400, 401},
    "createTag": {400, 401, 413, 415},
    "updateTag": {400, 401, 403, 404, 413, 415},
    "countTags": {401},
    "deleteTags": {400, 401},
}


def parameters(name: str) -> dict[str, JSON]:
    return {parameter["name"]: parameter for parameter in described(name).get("parameters", [])}


def test_it_is_valid_openapi() -> None:
    OpenAPIV31SpecValidator(openapi.document()).validate()


def test_the_kept_document_is_the_present_one() -> None:
    assert KEPT.read_text(encoding="utf-8") == openapi.text(), REFRESH


def test_the_command_prints_it_without_a_server() -> None:
    run = mockflow("openapi")
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout == KEPT.read_text(encoding="utf-8"), REFRESH


def test_the_operations_are_in_it_and_nothing_else() -> None:
    named = [
        (operation["operationId"], method.upper(), path)
        for path, methods in openapi.document()["paths"].items()
        for method, operation in methods.items()
    ]
    expected = [(one.name, one.method, re.sub(r"<(\w+)>", r"{\1}", one.path)) for one in OPERATIONS]
    assert sorted(named) == sorted(expected)
    assert len(named) == 34


@each_operation
def test_an_operation_documents_each_status_it_can_answer(operation: Operation) -> None:
    success = set(BOUND[operation.name].gives)
    expected = success | ERRORS[operation.name] | {429, 500}
    assert list(described(operation.name)["responses"]) == [str(status) for status in sorted(expected)]


@each_operation
def test_an_operation_is_told_in_words(operation: Operation) -> None:
    found = described(operation.name)
    assert found["summary"] == operation.summary
    assert found["tags"] == [operation.group]
    assert found["description"].endswith(".")
    assert all(
        documented(operation.name, int(status))["description"].endswith(".") for status in found["responses"]
    )


@each_operation
def test_the_session_is_asked_for_where_it_is_needed(operation: Operation) -> None:
    assert described(operation.name).get("security") == (None if operation.session else [])
    assert openapi.document()["security"] == [{"session": []}]


@each_operation
def test_the_parameters_of_the_path_are_there(operation: Operation) -> None:
    found = [name for name, parameter in parameters(operation.name).items() if parameter["in"] == "path"]
    assert found == re.findall(r"<(\w+)>", operation.path)


@each_operation
def test_429_says_how_long_to_wait(operation: Operation) -> None:
    assert "Retry-After" in documented(operation.name, 429)["headers"]


def test_lists_in_a_query_are_told_as_they_are_read() -> None:
    commas = {name: parameters(name)[key] for name, key in (("listTasks", "tagIds"), ("deleteTags", "tagIds"))}
    assert {name: parameter["explode"] for name, parameter in commas.items()} == {
        "listTasks": False,
        "deleteTags": False,
    }
    assert {name: parameter["required"] for name, parameter in commas.items()} == {
        "listTasks": False,
        "deleteTags": True,
    }
    assert parameters("listTags")["ids"]["explode"] is True
    assert parameters("listPersonalProjects")["search"]["required"] is True


def test_the_upload_is_a_form_with_a_file() -> None:
    (kind,) = described("updateProfile")["requestBody"]["content"]
    assert kind == "multipart/form-data"
    form = openapi.document()["components"]["schemas"]["ProfileForm"]
    assert list(form["properties"]) == ["name", "image"]
    assert form["required"] == ["name"]


# -- served


@pytest.mark.parametrize("host", ["my_mockflow:4747", "[::1]:4747", "localhost"])
def test_the_document_and_the_root_say_the_name_that_they_were_asked_under(nobody: Api, host: str) -> None:
    served = nobody.call("GET", "/s/gw0/_mockflow/openapi.json", headers={"Host": host}).json
    assert [server["url"] for server in served["servers"]] == [f"http://{host}/s/gw0"]
    root = nobody.call("GET", "/s/gw0/", headers={"Host": host}).json
    assert (root["url"], root["docs"]) == (f"http://{host}/s/gw0", f"http://{host}/s/gw0/_mockflow/docs")


def test_the_served_document_differs_in_its_servers_alone(nobody: Api) -> None:
    served = nobody.get("/_mockflow/openapi.json").json
    assert [server["url"] for server in served["servers"]] == ["http://localhost"]
    assert {**served, "servers": openapi.document()["servers"]} == json.loads(KEPT.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("path", "headers", "url"),
    [
        ("/s/gw0/_mockflow/openapi.json", {}, "http://localhost/s/gw0"),
        ("/_mockflow/openapi.json", {"X-Mockflow-Sandbox": "gw0"}, "http://localhost/s/gw0"),
        ("/s/gw0/_mockflow/openapi.json", {"X-Mockflow-Sandbox": "gw1"}, "http://localhost/s/gw0"),
        ("/s/default/_mockflow/openapi.json", {}, "http://localhost/s/default"),
    ],
)
def test_in_a_sandbox_its_address_has_the_prefix(
    nobody: Api, path: str, headers: dict[str, str], url: str
) -> None:
    served = nobody.call("GET", path, headers=headers).json
    assert [server["url"] for server in served["servers"]] == [url]


def test_another_app_is_told_its_own_address(make_app: MakeApp) -> None:
    first, second = Api(make_app()), Api(make_app())
    first.call("GET", "/s/one/_mockflow/openapi.json")
    assert second.get("/_mockflow/openapi.json").json["servers"][0]["url"] == "http://localhost"
    assert openapi.document()["servers"][0]["url"] == "http://localhost:4747"


def test_a_server_serves_it_under_its_own_port() -> None:
    with serving("--memory") as server:
        status, served = server.request("GET", "/_mockflow/openapi.json")
        assert (status, served["servers"][0]["url"]) == (200, f"http://127.0.0.1:{server.port}")


def test_a_start_does_not_make_it() -> None:
    script = (
        "import sys; from mockflow.serving import run; from mockflow.app import create_app; "
        "from mockflow.settings import Settings; create_app(Settings(seeds='empty')); "
        "sys.exit('mockflow.http.openapi' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


# -- what is told in words is told of something that is there


@pytest.mark.parametrize("table", [prose.NOTES, prose.EXAMPLES, dict.fromkeys(prose.SETS_COOKIE)])
def test_a_table_of_words_names_operations_alone(table: Mapping[str, object]) -> None:
    assert set(table) <= {operation.name for operation in OPERATIONS}


def test_no_example_was_left_without_words() -> None:
    assert f'"{prose.ANY_TEXT}"' not in openapi.text()
