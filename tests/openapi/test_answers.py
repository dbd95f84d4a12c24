"""What the API really answers, in a walk through all operations, is what the document says; its examples, too."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from mockflow.app import sandboxes_of
from mockflow.http import openapi
from mockflow.operations import OPERATIONS, Operation
from tests.conftest import MakeApp
from tests.openapi import walking
from tests.openapi.walking import JSON, Walker, content_of, described, documented, offences, path_of
from tests.support import BOUND, Api


def test_every_answer_of_every_operation_is_as_documented(make_app: MakeApp) -> None:
    app = make_app()
    workspaces = {one["name"]: one["id"] for one in sandboxes_of(app).default.store.workspaces.records()}
    seen: set[tuple[str, int]] = set()
    nobody, new, ann, ben = (Walker(app, seen) for _ in range(4))
    walking.sign_up(new, "new@example.com")
    ann.sign_in("ann@example.com")
    ben.sign_in("ben@example.com")
    walking.walk_users(ann)
    walking.walk_tasks(ann)
    ids = walking.own(ann)
    walking.walk_refusals(ann, nobody, ben, ids)
    walking.walk_places_of_others(ann, ben, workspaces)
    walking.walk_faults(ann, ids)
    assert ann.post("/api/v1/user/logout").status_code == 200
    expected = {(one.name, int(status)) for one in OPERATIONS for status in described(one.name)["responses"]}
    assert seen == expected


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_the_walk_would_see_an_answer_that_is_not_as_documented(operation: Operation) -> None:
    for status in described(operation.name)["responses"]:
        content = content_of(documented(operation.name, int(status)))
        schema, example = content["schema"], content["example"]
        assert offences(schema, {**example, "more": 1}) != []
        assert all(offences(schema, {**example, key: [1]}) != [] for key in example)
        assert all(offences(schema, {one: example[one] for one in example if one != key}) for key in example)


@pytest.mark.parametrize("kind", ["date", "date-time"])
def test_the_walk_would_see_a_day_that_does_not_exist(kind: str) -> None:
    day = "2030-02-30" + ("T00:00:00Z" if kind == "date-time" else "")
    assert offences({"type": "string", "format": kind}, day) != []
    assert offences({"type": "string", "format": kind}, day.replace("-30", "-28")) == []


# -- examples


def examples_in(part: Any, place: str = "") -> Iterator[tuple[str, JSON, Any]]:
    """Every example of the document, with the schema that it is one of."""
    if isinstance(part, list):
        for number, inner in enumerate(part):
            yield from examples_in(inner, f"{place}/{number}")
    if not isinstance(part, dict):
        return
    if "example" in part:
        yield place, part["schema"], part["example"]
    if isinstance(part.get("examples"), list):
        yield from ((place, part, one) for one in part["examples"])
    for name, inner in part.items():
        if name not in ("example", "examples"):
            yield from examples_in(inner, f"{place}/{name}")


EXAMPLES = list(examples_in(openapi.document()))


@pytest.mark.parametrize(("place", "schema", "example"), EXAMPLES, ids=[place for place, _, _ in EXAMPLES])
def test_an_example_fits_its_schema(place: str, schema: JSON, example: Any) -> None:
    assert offences(schema, example) == [], place


def test_every_body_and_every_answer_has_an_example() -> None:
    for operation in OPERATIONS:
        found = described(operation.name)
        for content in found.get("requestBody", {"content": {}})["content"].values():
            assert content["example"], operation.name
        for status in found["responses"]:
            assert content_of(documented(operation.name, int(status)))["example"] is not None, operation.name
        assert ("requestBody" in found) == bool({"body", "form"} & set(BOUND[operation.name].takes))


def masked(content: Any) -> Any:
    """What differs from run to run taken out."""
    text = re.sub(r"\b(?:c[a-z0-9]{24}|tag_[0-9a-z]{26})\b", "ID", json.dumps(content))
    return json.loads(re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "MOMENT", text))


def send_example(api: Api, name: str, ids: dict[str, str], **changes: Any) -> Any:
    """Send the example of an operation's body; its answer has to be the example of its answer."""
    operation, found = BOUND[name].operation, described(name)
    options: dict[str, Any] = {}
    for kind, content in found.get("requestBody", {"content": {}})["content"].items():
        options["json" if kind == "application/json" else "data"] = {**content["example"], **changes}
    if name == "updateProfile":
        options["content_type"] = "multipart/form-data"
    reply = api.call(operation.method, path_of(name, **ids), **options)
    (status,) = BOUND[name].gives
    assert reply.status_code == status, (name, reply.text)
    assert masked(reply.json) == masked(content_of(documented(name, status))["example"]), name
    return reply.json


def test_the_examples_of_accounts_get_the_answers_of_the_examples(make_app: MakeApp) -> None:
    new = Api(make_app(seeds="demo"))
    send_example(new, "requestSignUpCode", {})
    code = new.get("/_mockflow/outbox").json["messages"][0]["code"]
    send_example(new, "completeSignUp", {}, code=code)
    send_example(new, "getPreferences", {})
    demo = Api(new.app)
    send_example(demo, "signIn", {})
    send_example(demo, "checkAuth", {})
    for name in (
        "updateProfile",
        "updateName",
        "updatePassword",
        "updatePreferences",
        "signOut",
    ):
        send_example(demo, name, {})


def test_the_examples_of_tasks_and_tags_get_the_answers_of_the_examples(make_app: MakeApp) -> None:
    demo = Api(make_app(seeds="minimal")).sign_in("demo@flowtask.test")
    task = send_example(demo, "createTask", {})["todo"]["id"]
    send_example(demo, "updateTask", {"task_id": task})
    send_example(demo, "deleteTask", {"task_id": task})
    tag = send_example(demo, "createTag", {})["tag"]["id"]
    send_example(demo, "updateTag", {"tag_id": tag})


def test_the_examples_of_projects_get_the_answers_of_the_examples(make_app: MakeApp) -> None:
    demo = Api(make_app(seeds="minimal")).sign_in("demo@flowtask.test")
    project = send_example(demo, "createProject", {})["project"]["id"]
    send_example(demo, "updateProject", {"project_id": project})
    ids = {"project_id": project, "section_id": ""}
    ids["section_id"] = send_example(demo, "createSection", ids)["section"]["id"]
    for name in ("updateSection", "deleteSection", "deleteProject"):
        send_example(demo, name, ids)
