"""Who may use the control API: tools on this machine, not web pages, not names that were rebound to it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import MakeApp
from tests.support import Api

INFO = "/_mockflow/info"


@pytest.mark.parametrize(
    "host",
    [
        "localhost", "localhost:4747", "LOCALHOST", "localhost.", "app.localhost", "127.0.0.1:1", "127.9.9.9",
        "[::1]:4747", "10.1.2.3:4747", "[fe80::1]", "mockflow", "mockflow:4747",
    ],
)  # fmt: skip
def test_loopback_addresses_and_plain_names_are_served(nobody: Api, host: str) -> None:
    assert nobody.call("GET", INFO, headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example.com",
        "localhost.evil.com",
        "127.0.0.1.evil.com:4747",
        "a.b",
        "[::1",
        "evil.com@localhost",
        "localhost/.evil.com",
        "localhost?.evil.com",
        "localhost#.evil.com",
        "[::1].evil.com",
        "localhost:80:evil.com",
    ],
)
def test_other_hosts_are_refused(nobody: Api, host: str) -> None:
    reply = nobody.call("GET", INFO, headers={"Host": host})
    assert reply.status_code in (400, 403)
    assert reply.json["message"] == reply.json["msg"]


def test_a_host_can_be_allowed(make_app: MakeApp) -> None:
    api = Api(make_app(allow_hosts=("Mock.Example.com",)))
    assert api.call("GET", INFO, headers={"Host": "mock.example.com:4747"}).status_code == 200


def test_the_api_itself_is_served_under_any_name(nobody: Api) -> None:
    assert nobody.call("GET", "/api/v1/auth-check", headers={"Host": "evil.example.com"}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://localhost:5173"},
        {"Origin": "https://evil.example.com"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "evil://localhost"},
        {"Origin": "https://"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "Cross-Site"},
    ],
)
@pytest.mark.parametrize(("method", "path"), [("GET", "info"), ("POST", "reset"), ("DELETE", "outbox")])
def test_pages_of_another_origin_are_kept_out(ann: Api, headers: dict[str, str], method: str, path: str) -> None:
    ann.task("still here")
    reply = ann.call(method, f"/_mockflow/{path}", headers=headers, json={} if method != "GET" else None)
    assert reply.status_code == 403
    assert "Access-Control-Allow-Origin" not in reply.headers
    assert len(ann.tasks()) == 1


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"Sec-Fetch-Site": "cross-site"}, 403), ({"Host": "evil.example.com"}, 403), ({}, 401)],
)
def test_a_call_that_is_refused_makes_no_sandbox(make_app: MakeApp, headers: dict[str, str], status: int) -> None:
    api = Api(make_app(control_token="s3cret"))
    assert api.call("GET", "/s/red/_mockflow/info", headers=headers).status_code == status
    there = api.call("GET", "/_mockflow/sandboxes", headers={"Authorization": "Bearer s3cret"})
    assert [found["name"] for found in there.json["sandboxes"]] == ["default"]


def test_its_own_pages_may_use_it(nobody: Api) -> None:
    headers = {"Origin": "http://localhost:4747", "Host": "localhost:4747", "Sec-Fetch-Site": "same-origin"}
    assert nobody.call("POST", "/_mockflow/reset", headers=headers, json={}).status_code == 200


def test_a_preflight_gets_no_permission(nobody: Api) -> None:
    headers = {"Origin": "http://localhost:5173", "Access-Control-Request-Method": "POST"}
    reply = nobody.call("OPTIONS", "/_mockflow/reset", headers=headers)
    assert reply.status_code >= 400
    assert not [name for name, _ in reply.headers if name.startswith("Access-Control")]


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "reset"), ("POST", "sessions"), ("DELETE", "sessions"), ("DELETE", "outbox"), ("PUT", "clock"),
     ("DELETE", "clock")],
)  # fmt: skip
@pytest.mark.parametrize("content_type", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_writes_that_a_page_could_send_blind_are_refused(
    ann: Api, method: str, path: str, content_type: str | None
) -> None:
    ann.task("still here")
    reply = ann.call(method, f"/_mockflow/{path}", data=b"{}", content_type=content_type)
    assert reply.status_code == 400
    assert "Content-Type: application/json" in reply.json["message"]
    assert len(ann.tasks()) == 1


@pytest.mark.parametrize(
    "authorization", [None, "Bearer wrong", "Basic s3cret", "Bearer s3cret ", "s3cre", "s3cret"]
)
@pytest.mark.parametrize("path", ["health", "info", "accounts"])
def test_a_token_is_asked_for_on_every_call(make_app: MakeApp, authorization: str | None, path: str) -> None:
    api = Api(make_app(control_token="s3cret"))
    headers: dict[str, Any] = {"Authorization": authorization} if authorization else {}
    assert api.call("GET", f"/_mockflow/{path}", headers=headers).status_code == 401
    headers = {"Authorization": "bearer s3cret"}
    assert api.call("GET", f"/_mockflow/{path}", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/_mockflow/nothing", None),
        ("DELETE", "/_mockflow/info", "GET"),
        ("PUT", "/_mockflow/reset", "POST"),
    ],
)
def test_unknown_routes_are_404_in_the_error_shape(
    nobody: Api, method: str, path: str, allowed: str | None
) -> None:
    reply = nobody.call(method, path, json={})
    assert reply.status_code == 404
    assert reply.headers.get("Allow") == allowed
    assert reply.json["message"] == reply.json["msg"]


def test_paths_that_are_no_routes_are_guarded_too(nobody: Api) -> None:
    assert nobody.call("GET", "/_mockflow/nothing", headers={"Host": "evil.example.com"}).status_code == 403
