"""The page of operations says what the contract says, and all of it is routed."""

from __future__ import annotations

import inspect
import re

import pytest
from pydantic import BaseModel

from mockflow.http.api.groups import GROUPS
from mockflow.http.control.calls import Route
from mockflow.http.control.routes import ROUTES
from mockflow.operations import BY_NAME, OPERATIONS, Operation
from tests.conftest import MakeApp
from tests.support import BOUND

CONTRACT = {
    "accounts": """
        requestSignUpCode     POST   /api/v1/user/signup/send-otp                   200
        completeSignUp        POST   /api/v1/user/signup/verify                     200
        signIn                POST   /api/v1/user/signin                            200
        checkAuth             GET    /api/v1/auth-check                             200
        signOut               POST   /api/v1/user/logout                            200
    """,
    "users": """
        getProfile            GET    /api/v1/user/profile                           200
        updateProfile         POST   /api/v1/user/profile                           201
        updateName            PUT    /api/v1/user/name                              200
        updatePassword        PUT    /api/v1/user/password                          200
        getPreferences        GET    /api/v1/user/user-preferences                  200
        updatePreferences     PUT    /api/v1/user/user-preferences                  200
    """,
    "tasks": """
        listTasks             GET    /api/v2/todo                                   200
        createTask            POST   /api/v2/todo                                   201
        updateTask            PATCH  /api/v2/todo/:id                               200
        deleteTask            DELETE /api/v2/todo/:id                               200
        searchTasks           GET    /api/v2/todo/search                            200
        updateTasks           PATCH  /api/v2/todo/bulk                              200
        deleteTasks           DELETE /api/v2/todo/bulk                              200
    """,
    "projects": """
        listProjects          GET    /api/v2/projects                               200
        getInbox              GET    /api/v2/projects/inbox                         200
        listPersonalProjects  GET    /api/v2/projects/personal                      200
        createProject         POST   /api/v2/projects                               200
        getProject            GET    /api/v2/projects/:id                           200
        updateProject         PUT    /api/v2/projects/:id                           200
        deleteProject         DELETE /api/v2/projects/:id                           200
        listSections          GET    /api/v2/projects/:id/sections                  200
        createSection         POST   /api/v2/projects/:id/sections                  200
        updateSection         PATCH  /api/v2/projects/:id/sections/:sectionId       200
        deleteSection         DELETE /api/v2/projects/:id/sections/:sectionId       200
    """,
    "tags": """
        listTags              GET    /api/v2/tag                                    200
        createTag             POST   /api/v2/tag                                    201
        updateTag             PATCH  /api/v2/tag/:id                                200
        countTags             GET    /api/v2/tag/count                              200
        deleteTags            DELETE /api/v2/tag/bulk                               200
    """,
}
ROWS = [
    (name, group, method, path, int(status))
    for group, table in CONTRACT.items()
    for name, method, path, status in (line.split() for line in table.strip().splitlines())
]
WITHOUT_SESSION = {"requestSignUpCode", "completeSignUp", "signIn", "checkAuth"}
_PARAMETERS = {"<task_id>": ":id", "<project_id>": ":id", "<tag_id>": ":id", "<section_id>": ":sectionId"}

each_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)


def as_the_contract_writes_it(path: str) -> str:
    return re.sub(r"<\w+>", lambda match: _PARAMETERS[match[0]], path)


def test_the_page_holds_the_34_operations_of_the_contract_in_order() -> None:
    page = [
        (operation.name, operation.group, operation.method, as_the_contract_writes_it(operation.path))
        for operation in OPERATIONS
    ]
    assert page == [row[:4] for row in ROWS]
    assert len(page) == 34


def test_the_page_tells_which_operations_need_no_session() -> None:
    assert {operation.name for operation in OPERATIONS if not operation.session} == WITHOUT_SESSION


def test_every_operation_is_found_by_its_name_and_summed_up() -> None:
    assert list(BY_NAME.items()) == [(operation.name, operation) for operation in OPERATIONS]
    summaries = [operation.summary for operation in OPERATIONS]
    assert all(summary.strip() for summary in summaries)
    assert len(set(summaries)) == len(summaries)


@each_operation
def test_every_operation_is_routed(make_app: MakeApp, operation: Operation) -> None:
    path = re.sub(r"<\w+>", "c" + "0" * 24, operation.path)
    endpoint, ids = make_app().url_map.bind("localhost").match(path, operation.method)
    assert endpoint == f"{operation.group}.{operation.name}"
    assert [f"<{name}>" for name in ids] == re.findall(r"<\w+>", operation.path)


def test_nothing_but_the_operations_is_routed_under_api(make_app: MakeApp) -> None:
    routed = [
        (method, rule.rule)
        for rule in make_app().url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD"}
        if rule.rule.startswith("/api")
    ]
    assert sorted(routed) == sorted((operation.method, operation.path) for operation in OPERATIONS)


def test_the_groups_cover_all_operations_once() -> None:
    assert [views.blueprint.name for views in GROUPS] == list(CONTRACT)
    bound = [(views.blueprint.name, name) for views in GROUPS for name in views.bound]
    assert sorted(bound) == sorted((operation.group, operation.name) for operation in OPERATIONS)
    assert all(BOUND[operation.name].operation is operation for operation in OPERATIONS)


@pytest.mark.parametrize(("name", "status"), [(row[0], row[4]) for row in ROWS], ids=[row[0] for row in ROWS])
def test_every_view_declares_what_it_gives(name: str, status: int) -> None:
    gives = BOUND[name].gives
    assert list(gives) == [status]
    assert issubclass(gives[status], BaseModel)


@each_operation
def test_a_view_looks_up_what_its_path_names(operation: Operation) -> None:
    assert (BOUND[operation.name].finder is not None) == ("<" in operation.path)


@pytest.mark.parametrize("route", ROUTES, ids=[f"{route.method} {route.path}" for route in ROUTES])
def test_a_call_of_the_control_api_has_a_view_that_takes_what_its_path_names(route: Route) -> None:
    _exchange, *taken = inspect.signature(route.view).parameters
    assert set(taken) - {"query", "body"} == set(re.findall(r"<(\w+)>", route.path))
