"""CORS: a browser client on another port signs in and sends its cookie (contract, section 1)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import MakeApp
from tests.support import PASSWORD, Api, Reply

ORIGIN = "Access-Control-Allow-Origin"
CREDENTIALS = "Access-Control-Allow-Credentials"
SIGN_IN = "/api/v1/user/signin"
TODO = "/api/v2/todo"

LOOPBACK = [
    "http://localhost",
    "http://localhost:3000",
    "https://localhost:5173",
    "http://127.0.0.1:8080",
    "https://127.0.0.1",
    "http://[::1]:4000",
    "capacitor://localhost",
    "ionic://localhost:8100",
]
FOREIGN = [
    "https://evil.example",
    "http://evil.example:3000",
    "http://localhost.evil.example",
    "http://127.0.0.1.evil.example:3000",
    "http://mylocalhost:3000",
    "http://192.168.0.10:3000",
    "http://evil.example#localhost",
    "://localhost",
    "localhost:3000",
    "null",
    "*",
    "",
]


def _asks(api: Api, origin: str, method: str = "GET", path: str = TODO, **options: Any) -> Reply:
    return api.call(method, path, headers={"Origin": origin}, **options)


def _preflight(api: Api, origin: str, path: str = TODO, wanted: str = "PATCH") -> Reply:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": wanted,
        "Access-Control-Request-Headers": "content-type",
    }
    return api.call("OPTIONS", path, headers=headers)


def _list(response: Reply, header: str) -> list[str]:
    return sorted(response.headers[header].replace(" ", "").split(","))


def _access_headers(response: Reply) -> list[str]:
    return [name for name, _ in response.headers if name.lower().startswith("access-control-")]


@pytest.mark.parametrize("origin", LOOPBACK)
def test_a_page_of_this_machine_may_read_answers(ann: Api, origin: str) -> None:
    response = _asks(ann, origin)
    assert response.status_code == 200
    assert response.headers.getlist(ORIGIN) == [origin]
    assert response.headers.getlist(CREDENTIALS) == ["true"]
    assert "Origin" in _list(response, "Vary")


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", SIGN_IN, {"email": "ann@example.com"}, 400),
        ("GET", TODO, None, 401),
        ("GET", "/api/v2/nothing", None, 404),
        ("PUT", TODO, None, 404),
        ("POST", SIGN_IN, {"padding": "x" * 102_400}, 413),
    ],
)
def test_errors_can_be_read_too(nobody: Api, method: str, path: str, body: Any, status: int) -> None:
    response = _asks(nobody, "http://localhost:3000", method, path, json=body)
    assert response.status_code == status
    assert response.headers[ORIGIN] == "http://localhost:3000"
    assert response.headers[CREDENTIALS] == "true"
    assert "Origin" in _list(response, "Vary")


def test_a_page_on_another_port_can_sign_in(nobody: Api) -> None:
    body = {"email": "ann@example.com", "password": PASSWORD}
    response = _asks(nobody, "http://localhost:3000", "POST", SIGN_IN, json=body)
    assert response.headers["Set-Cookie"].startswith("connect.sid=")
    assert response.headers[CREDENTIALS] == "true"
    assert _asks(nobody, "http://localhost:3000").status_code == 200


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_foreign_page_gets_nothing(ann: Api, origin: str) -> None:
    for response in (_asks(ann, origin), _preflight(ann, origin)):
        assert _access_headers(response) == []
        assert "Origin" in _list(response, "Vary")


def test_a_request_without_an_origin_is_answered_without_permissions(ann: Api) -> None:
    response = ann.get(TODO)
    assert _access_headers(response) == []
    assert "Origin" in _list(response, "Vary")


@pytest.mark.parametrize("origin", LOOPBACK)
@pytest.mark.parametrize("path", [TODO, f"{TODO}/bulk", SIGN_IN, "/api/v1/auth-check"])
def test_a_preflight_needs_no_session(nobody: Api, origin: str, path: str) -> None:
    response = _preflight(nobody, origin, path)
    assert response.status_code == 204
    assert response.content == b""
    assert response.headers[ORIGIN] == origin
    assert response.headers[CREDENTIALS] == "true"
    assert "Origin" in _list(response, "Vary")
    assert response.headers["Cache-Control"] == "no-store, private"


def test_a_preflight_names_the_methods_and_headers(nobody: Api) -> None:
    response = _preflight(nobody, "http://localhost:3000")
    assert _list(response, "Access-Control-Allow-Methods") == sorted("GET POST PUT PATCH DELETE OPTIONS".split())
    assert _list(response, "Access-Control-Allow-Headers") == ["Authorization", "Content-Type"]


def test_a_preflight_changes_nothing(ann: Api) -> None:
    task = ann.task()
    response = _preflight(ann, "http://localhost:3000", f"{TODO}/{task['id']}", "DELETE")
    assert response.status_code == 204
    assert ann.shown(task["id"]) is not None


def test_named_origins_are_let_in_beside_those_of_this_machine(make_app: MakeApp) -> None:
    api = Api(make_app(cors_origins=("https://app.example", "http://shop.example:8080")))
    for origin in ("https://app.example", "http://shop.example:8080", "http://localhost:3000"):
        for response in (_asks(api, origin), _preflight(api, origin)):
            assert response.headers[ORIGIN] == origin
            assert response.headers[CREDENTIALS] == "true"


@pytest.mark.parametrize(
    "origin",
    [
        "http://app.example",
        "https://app.example:8443",
        "https://www.app.example",
        "https://app.example.evil.example",
        "http://shop.example",
    ],
)
def test_only_exactly_the_named_origins_are_let_in(make_app: MakeApp, origin: str) -> None:
    api = Api(make_app(cors_origins=("https://app.example", "http://shop.example:8080")))
    assert _access_headers(_asks(api, origin)) == []
    assert _access_headers(_preflight(api, origin)) == []


def test_a_page_may_read_when_to_come_back(nobody: Api) -> None:
    for _ in range(6):
        reply = nobody.call(
            "POST",
            "/api/v1/user/signup/send-otp",
            json={"email": "new@example.com"},
            headers={"Origin": "http://localhost:5173"},
        )
    assert reply.status_code == 429
    assert "Retry-After" in reply.headers["Access-Control-Expose-Headers"]


def test_a_preflight_has_no_content_type(nobody: Api) -> None:
    headers = {"Origin": "http://localhost:5173", "Access-Control-Request-Method": "PATCH"}
    reply = nobody.call("OPTIONS", "/api/v2/todo", headers=headers)
    assert (reply.status_code, reply.content) == (204, b"")
    assert "Content-Type" not in reply.headers
