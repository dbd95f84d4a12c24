"""What tests hold in the hand: a client that checks every answer against what its operation declares."""

from __future__ import annotations

import json
from typing import Any

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from mockflow.http.api.binding import BoundOperation
from mockflow.http.api.groups import GROUPS
from mockflow.models.base import ERRORS, Error

JSON = dict[str, Any]
PASSWORD = "Passw0rd!"
BOUND: dict[str, BoundOperation] = {name: bound for views in GROUPS for name, bound in views.bound.items()}


class Reply:
    """An answer: status, headers, bytes, and what is in them."""

    def __init__(self, response: TestResponse) -> None:
        self.status_code = response.status_code
        self.headers = response.headers
        self.content: bytes = response.get_data()

    @property
    def text(self) -> str:
        """The body as text."""
        return self.content.decode()

    @property
    def json(self) -> Any:
        """The body's JSON, keys in the order they were sent."""
        return json.loads(self.content)


class Api:
    """A client with a cookie jar of its own.

    Every answer is compared with what its operation declares: an undocumented status, a missing or an extra key
    fails the test that sees it.
    """

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client = app.test_client()

    def call(self, method: str, path: str, **options: Any) -> Reply:
        """Send a request; `json=`, `query_string=`, `data=`, `headers=` as in Werkzeug's client."""
        reply = Reply(self.client.open(path, method=method, **options))
        if path.startswith("/api/") and method != "OPTIONS":
            _check(self._operation(method, path), reply)
        return reply

    def get(self, path: str, **query: Any) -> Reply:
        """GET with a query."""
        return self.call("GET", path, query_string=query)

    def post(self, path: str, **body: Any) -> Reply:
        """POST with a JSON body."""
        return self.call("POST", path, json=body)

    def put(self, path: str, **body: Any) -> Reply:
        """PUT with a JSON body."""
        return self.call("PUT", path, json=body)

    def patch(self, path: str, **body: Any) -> Reply:
        """PATCH with a JSON body."""
        return self.call("PATCH", path, json=body)

    def delete(self, path: str, **query: Any) -> Reply:
        """DELETE with a query."""
        return self.call("DELETE", path, query_string=query)

    def sign_in(self, email: str, password: str = PASSWORD) -> Api:
        """Start a session; gives itself back."""
        response = self.post("/api/v1/user/signin", email=email, password=password)
        assert response.status_code == 200, response.text
        return self

    # -- short ways to what most tests need

    def task(self, title: str = "a task", **fields: Any) -> JSON:
        """Create a task."""
        response = self.post("/api/v2/todo", title=title, **fields)
        assert response.status_code == 201, response.text
        return dict(response.json["todo"])

    def project(self, name: str = "a project", **fields: Any) -> JSON:
        """Create a project, personal unless the fields say otherwise."""
        response = self.post("/api/v2/projects", name=name, **(fields or {"personal": True}))
        assert response.status_code == 200, response.text
        return dict(response.json["project"])

    def section(self, project_id: str, name: str = "a section") -> JSON:
        """Create a section."""
        response = self.post(f"/api/v2/projects/{project_id}/sections", name=name)
        assert response.status_code == 200, response.text
        return dict(response.json["section"])

    def tag(self, name: str = "a tag", **fields: Any) -> JSON:
        """Create a tag."""
        response = self.post("/api/v2/tag", name=name, **fields)
        assert response.status_code == 201, response.text
        return dict(response.json["tag"])

    def tasks(self, **query: Any) -> list[JSON]:
        """List the tasks, full objects."""
        return list(self.get("/api/v2/todo", **query).json["todos"])

    def shown(self, task_id: str) -> JSON | None:
        """One task as the list shows it."""
        return next((task for task in self.tasks() if task["id"] == task_id), None)

    def inbox_id(self) -> str:
        """The id of the Inbox."""
        return str(self.get("/api/v2/projects/inbox").json["inbox"]["id"])

    def _operation(self, method: str, path: str) -> BoundOperation | None:
        try:
            endpoint, _ = self.app.url_map.bind("localhost").match(path.partition("?")[0], method)
        except HTTPException:
            return None
        return BOUND[endpoint.rpartition(".")[2]]


def fields_of(response: Reply) -> list[list[str | int]]:
    """The paths of the offending fields of a 400."""
    assert response.status_code == 400, response.text
    return [error["path"] for error in response.json["errors"]]


def _check(operation: BoundOperation | None, response: Reply) -> None:
    assert response.headers["Content-Type"] == "application/json; charset=utf-8", response.text
    shape = operation.gives.get(response.status_code) if operation else None
    if shape is not None:
        shape.model_validate_json(response.content)
        return
    assert response.status_code >= 400, f"{response.status_code} is not declared: {response.text}"
    error = ERRORS.get(response.status_code, Error).model_validate_json(response.content)
    assert error.message == error.msg
    assert error.message
