"""Walks through the API: clients that hold each answer against the OpenAPI document."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

from openapi_schema_validator import OAS31Validator

from mockflow.http import openapi
from mockflow.operations import BY_NAME, OPERATIONS
from tests.support import BOUND, PASSWORD, Api, Reply

JSON = dict[str, Any]
HEADERS = {"Set-Cookie", "Retry-After", "X-Mockflow-Request-Id"}
PNG = b"\x89PNG\r\n\x1a\n" + bytes(16)
UNKNOWN = dict.fromkeys(("task_id", "project_id", "section_id"), f"c{'0' * 24}") | {"tag_id": f"tag_{'0' * 26}"}


def described(name: str) -> JSON:
    """An operation as the document has it."""
    operation = BY_NAME[name]
    path = re.sub(r"<(\w+)>", r"{\1}", operation.path)
    found: JSON = openapi.document()["paths"][path][operation.method.lower()]
    return found


def documented(name: str, status: int) -> JSON:
    """What the document says of an operation's answer with a status, wherever it does."""
    found: JSON = described(name)["responses"][str(status)]
    shared = found.get("$ref", "").removeprefix("#/components/responses/")
    return dict(openapi.document()["components"]["responses"][shared]) if shared else found


def content_of(response: JSON) -> JSON:
    """The schema and the example of an answer."""
    return dict(response["content"]["application/json"])


def offences(schema: JSON, value: object) -> list[str]:
    """What is wrong with a value, formats of dates and moments included."""
    whole = {**schema, "components": openapi.document()["components"]}
    checker = OAS31Validator.FORMAT_CHECKER
    return [error.message for error in OAS31Validator(whole, format_checker=checker).iter_errors(value)]


class Walker(Api):
    """A client that holds each answer against the document and remembers which it saw."""

    def __init__(self, app: Any, seen: set[tuple[str, int]]) -> None:
        super().__init__(app)
        self.seen = seen

    def call(self, method: str, path: str, **options: Any) -> Reply:
        reply = super().call(method, path, **options)
        operation = self._operation(method, path) if path.startswith("/api/") else None
        if operation is not None:
            name = operation.operation.name
            self.seen.add((name, reply.status_code))
            response = documented(name, reply.status_code)
            assert offences(content_of(response)["schema"], reply.json) == [], (name, reply.text)
            sent = {header for header, _ in reply.headers}
            assert set(response["headers"]) == sent & HEADERS, (name, reply.status_code)
        return reply


def sign_up(api: Api, email: str) -> None:
    api.post("/api/v1/user/signup/send-otp", email=email)
    code = api.get("/_mockflow/outbox", to=email).json["messages"][-1]["code"]
    assert api.post("/api/v1/user/signup/verify", email=email, code=code, password=PASSWORD).status_code == 200


def own(api: Api) -> dict[str, str]:
    """Ids for every path, of things that are the client's."""
    project = api.project()["id"]
    section, task, tag = api.section(project), api.task(), api.tag()
    return {"task_id": task["id"], "project_id": project, "section_id": section["id"], "tag_id": tag["id"]}


def walk_users(api: Api) -> None:
    api.get("/api/v1/auth-check")
    api.call("POST", "/api/v1/user/profile", data={"name": "Ann", "image": (BytesIO(PNG), "a.png")})
    assert api.get("/api/v1/user/profile").json["user"]["image"]
    api.put("/api/v1/user/name", name="Anna")
    twice = {"newPassword": "yourpassword", "confirmNewPassword": "yourpassword"}
    api.put("/api/v1/user/password", currentPassword=PASSWORD, **twice)
    api.put("/api/v1/user/user-preferences", digestTime="07:30")
    assert api.get("/api/v1/user/user-preferences").json["digestTime"] == "07:30"


def walk_tasks(api: Api) -> None:
    tag, project = api.tag("urgent"), api.project("Launch")
    section = api.section(project["id"])
    full = api.task(
        "all of it", description="words", priority="low", dueDate="2028-02-29", dueTime="2028-02-29T10:00+01:00",
        isAllDay=False, color="#0af", reminder=True, tags=[tag["id"]], projectId=project["id"],
        projectSectionId=section["id"], recurrenceRule={"pattern": "monthly"}, recurrenceEndDate="2030-01-01",
    )  # fmt: skip
    api.task("its subtask", parentId=full["id"])
    assert len(api.tasks()) == 2
    assert all(api.get("/api/v2/todo/search", q="u").json.values())
    api.get("/api/v2/projects")
    api.get("/api/v2/projects/inbox")
    assert api.get("/api/v2/projects/personal", search="").json["personalProjects"]
    api.get(f"/api/v2/projects/{project['id']}")
    assert api.get(f"/api/v2/projects/{project['id']}/sections").json["sections"][0]["todos"]
    assert api.get("/api/v2/tag").json["tags"][0]["_count"] == {"todos": 1}
    api.get("/api/v2/tag/count")
    api.patch(f"/api/v2/todo/{full['id']}", completed=True)
    api.call("PATCH", f"/api/v2/todo/bulk?todoIds={full['id']}", json={"priority": None})
    api.delete("/api/v2/todo/bulk", todoIds=api.task()["id"])
    api.delete(f"/api/v2/todo/{full['id']}")
    api.put(f"/api/v2/projects/{project['id']}", taskDisplayPreferences={"viewMode": "board"})
    api.patch(f"/api/v2/projects/{project['id']}/sections/{section['id']}", name="other", prevIndex=None)
    api.delete(f"/api/v2/projects/{project['id']}/sections/{section['id']}")
    api.delete(f"/api/v2/projects/{project['id']}")
    api.patch(f"/api/v2/tag/{tag['id']}", color="blue")
    api.delete("/api/v2/tag/bulk", tagIds=tag["id"])


def path_of(name: str, **ids: str) -> str:
    return re.sub(r"<(\w+)>", lambda match: ids[match[1]], BY_NAME[name].path)


def walk_refusals(api: Api, nobody: Api, stranger: Api, ids: dict[str, str]) -> None:
    """What operations answer to nonsense, to too much, to nobody, to somebody else, to ids that are not there."""
    for operation in OPERATIONS:
        name, method = operation.name, operation.method
        if "body" in BOUND[name].takes:
            api.call(method, path_of(name, **ids), data="{", content_type="application/json")
            large = {"json": {"x": "x" * 110_000}, "query_string": {"todoIds": ids["task_id"]}}
            api.call(method, path_of(name, **ids), **large)
            text = {"data": "{}", "content_type": "application/json; charset=iso-8859-1"}
            api.call(method, path_of(name, **ids), query_string={"todoIds": ids["task_id"]}, **text)
        if operation.session:
            nobody.call(method, path_of(name, **ids))
        if "<" in operation.path:
            stranger.call(method, path_of(name, **ids))
            api.call(method, path_of(name, **UNKNOWN))
    api.post("/api/v1/user/profile")
    form = {"data": {"name": "Ann"}, "content_type": "multipart/form-data", "headers": {"Content-Encoding": "br"}}
    api.call("POST", "/api/v1/user/profile", **form)
    for path in ("todo/search", "todo/bulk", "tag/bulk", "projects/personal"):
        api.call("GET" if path in ("todo/search", "projects/personal") else "DELETE", f"/api/v2/{path}")
    api.get("/api/v2/todo", completed="TRUE")
    api.call("GET", "/api/v2/tag?search=a&search=b")


def walk_places_of_others(api: Api, ben: Api, workspaces: dict[str, str]) -> None:
    theirs = ben.project("Ben's")["id"]
    task, project = api.task()["id"], api.project()["id"]
    section = api.section(project)["id"]
    assert api.post("/api/v2/todo", title="x", projectId=theirs).status_code == 403
    assert api.call("PATCH", f"/api/v2/todo/bulk?todoIds={task}", json={"projectId": theirs}).status_code == 403
    assert api.post("/api/v2/projects", name="x", workspaceId=workspaces["Of Ben"]).status_code == 403
    assert api.patch(f"/api/v2/projects/{project}/sections/{section}", projectId=theirs).status_code == 403


def walk_faults(api: Api, ids: dict[str, str]) -> None:
    for operation in OPERATIONS:
        for status in (429, 500):
            headers = {"X-Mockflow-Fault": f"status={status}"}
            api.call(operation.method, path_of(operation.name, **ids), headers=headers)
