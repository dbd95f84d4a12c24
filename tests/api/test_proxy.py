"""Behind a proxy (`--proxy`): what it says of its client counts, and nobody else can say it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import MakeApp
from tests.support import Api, Reply

SIGN_IN = "/api/v1/user/signin"
BODY = {"email": "ann@example.com", "password": "Passw0rd!"}
SAID = {
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "api.example.com",
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Prefix": "/flowtask",
}


def signed_in(make_app: MakeApp, said: dict[str, str], *, peer: str = "127.0.0.1", **settings: Any) -> Reply:
    api = Api(make_app(**settings))
    return api.call("POST", SIGN_IN, json=BODY, headers=said, environ_base={"REMOTE_ADDR": peer})


@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", "10.1.2.3", "172.17.0.1", "192.168.0.7", "fd00::1"])
def test_a_proxy_nearby_is_believed(make_app: MakeApp, peer: str) -> None:
    cookie = signed_in(make_app, SAID, peer=peer, proxy=True).headers["Set-Cookie"]
    assert "; Secure" in cookie
    assert "Path=/flowtask/" in cookie


@pytest.mark.parametrize(
    ("peer", "proxy"), [("127.0.0.1", False), ("8.8.8.8", True), ("nonsense", True), ("", True)]
)
def test_nobody_else_is(make_app: MakeApp, peer: str, proxy: bool) -> None:
    cookie = signed_in(make_app, SAID, peer=peer, proxy=proxy).headers["Set-Cookie"]
    assert "Secure" not in cookie
    assert "Path=/;" in cookie


@pytest.mark.parametrize(
    "said",
    [
        {"X-Forwarded-Proto": "gopher"},
        {"X-Forwarded-Prefix": "/a b"},
        {"X-Forwarded-Prefix": "//evil.example"},
        {"X-Forwarded-Prefix": "/a;Path=/"},
        {"X-Forwarded-Proto": ""},
    ],
)
def test_what_makes_no_sense_is_passed_over(make_app: MakeApp, said: dict[str, str]) -> None:
    cookie = signed_in(make_app, said, proxy=True).headers["Set-Cookie"]
    assert "Secure" not in cookie
    assert "Path=/;" in cookie


def test_only_the_nearest_proxy_counts(make_app: MakeApp) -> None:
    said = {"X-Forwarded-Proto": "https, http", "X-Forwarded-Prefix": "/evil, /near"}
    cookie = signed_in(make_app, said, proxy=True).headers["Set-Cookie"]
    assert "Secure" not in cookie
    assert "Path=/near/" in cookie


def test_a_quota_without_a_session_is_for_the_clients_address(make_app: MakeApp) -> None:
    api = Api(make_app(proxy=True, rate_limit=(1, 60)))

    def status(address: str) -> int:
        said = {"X-Forwarded-For": f"1.2.3.4, {address}"}
        base = {"REMOTE_ADDR": "10.0.0.1"}
        return api.call("GET", "/api/v1/auth-check", headers=said, environ_base=base).status_code

    assert [status("203.0.113.1"), status("203.0.113.2"), status("203.0.113.1")] == [200, 200, 429]


def test_addresses_are_those_that_the_client_sees(make_app: MakeApp) -> None:
    api = Api(make_app(proxy=True, allow_hosts=("api.example.com",)))
    about = api.call("GET", "/s/box/", headers={**SAID, "Accept": "application/json"}).json
    assert about["url"] == "https://api.example.com/flowtask/s/box"
