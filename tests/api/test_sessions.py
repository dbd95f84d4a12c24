"""Signing in and out, and the session cookie (contract, sections 1 and 2)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mockflow.app import sandboxes_of
from mockflow.clock import Clock
from tests.conftest import MakeApp
from tests.support import PASSWORD, Api, Reply, fields_of

DAY = timedelta(hours=24)
MILLISECOND = timedelta(milliseconds=1)
PROFILE = "/api/v1/user/profile"


def _sign_in(api: Api, email: str = "ann@example.com", **options: Any) -> Reply:
    return api.call("POST", "/api/v1/user/signin", json={"email": email, "password": PASSWORD}, **options)


def _cookie(response: Reply) -> tuple[str, str, list[str]]:
    (header,) = response.headers.getlist("Set-Cookie")
    pair, *attributes = header.split("; ")
    name, _, value = pair.partition("=")
    return name, value, sorted(attributes)


def _token(api: Api, **options: Any) -> str:
    return _cookie(_sign_in(api, **options))[1]


def _with_token(api: Api, token: str) -> Api:
    other = Api(api.app)
    other.client.set_cookie("connect.sid", token)
    return other


def _auth(api: Api) -> Any:
    response = api.get("/api/v1/auth-check")
    assert response.status_code == 200
    return response.json


def _email(api: Api) -> str | None:
    answer = api.get(PROFILE)
    return str(answer.json["user"]["email"]) if answer.status_code == 200 else None


# -- signing in


def test_signing_in_starts_a_session(nobody: Api) -> None:
    response = _sign_in(nobody)
    assert response.status_code == 200
    assert response.json == {"msg": "Logged in successfully"}
    assert _email(nobody) == "ann@example.com"


def test_the_address_may_be_in_any_case(nobody: Api) -> None:
    assert _sign_in(nobody, "ANN@Example.Com").status_code == 200
    assert _auth(nobody) == {"isAuthenticated": True, "email": "ann@example.com"}


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, [["email"], ["password"]]),
        ({"email": "ann@example.com"}, [["password"]]),
        ({"password": PASSWORD}, [["email"]]),
        ({"email": "ann@example.com", "password": ""}, [["password"]]),
        ({"email": "ann@example.com", "password": None}, [["password"]]),
        ({"email": "ann@example.com", "password": 12345678}, [["password"]]),
        ({"email": "ann@example.com", "password": "passw0rd!"}, [["password"]]),
        ({"email": "ann@example.com", "password": PASSWORD + " "}, [["password"]]),
        ({"email": "oli@example.com", "password": PASSWORD}, [["password"]]),
        ({"email": "nobody@example.com", "password": PASSWORD}, [["email"]]),
    ],
)
def test_signing_in_is_refused(nobody: Api, body: dict[str, Any], fields: list[list[str]]) -> None:
    response = nobody.post("/api/v1/user/signin", **body)
    assert sorted(fields_of(response)) == fields
    assert "Set-Cookie" not in response.headers
    assert _auth(nobody) == {"isAuthenticated": False}


def test_a_refused_sign_in_leaves_the_session_alone(ann: Api) -> None:
    ann.post("/api/v1/user/signin", email="ben@example.com", password="not Ben's")
    assert _email(ann) == "ann@example.com"


# -- the cookie


@pytest.mark.parametrize(
    ("base_url", "extra"),
    [("http://localhost", []), ("http://127.0.0.1:4747", []), ("https://localhost:4747", ["Secure"])],
)
def test_the_cookie_has_exactly_these_attributes(nobody: Api, base_url: str, extra: list[str]) -> None:
    name, value, attributes = _cookie(_sign_in(nobody, base_url=base_url))
    assert name == "connect.sid"
    assert len(value) >= 20
    assert attributes == sorted(["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=86400", *extra])


def test_the_cookie_is_not_sent_again_with_other_answers(ann: Api) -> None:
    for path in (PROFILE, "/api/v1/auth-check", "/api/v2/todo", "/api/v2/nothing"):
        assert "Set-Cookie" not in ann.get(path).headers


@pytest.mark.parametrize(("base_url", "extra"), [("http://localhost", []), ("https://localhost", ["Secure"])])
def test_signing_out_clears_the_cookie(nobody: Api, base_url: str, extra: list[str]) -> None:
    _sign_in(nobody, base_url=base_url)
    response = nobody.call("POST", "/api/v1/user/logout", base_url=base_url)
    assert response.status_code == 200
    assert response.json == {"msg": "Logged out successfully"}
    assert _cookie(response) == (
        "connect.sid",
        "",
        sorted(["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=0", *extra]),
    )
    assert _auth(nobody) == {"isAuthenticated": False}


# -- how long a session lives


@pytest.mark.parametrize(("age", "lives"), [(DAY - MILLISECOND, True), (DAY, False), (2 * DAY, False)])
def test_a_session_lives_for_24_hours(ann: Api, clock: Clock, age: timedelta, lives: bool) -> None:
    clock.advance(age)
    response = ann.get(PROFILE)
    assert response.status_code == (200 if lives else 401)
    assert _auth(ann) == (
        {"isAuthenticated": True, "email": "ann@example.com"} if lives else {"isAuthenticated": False}
    )


def test_using_a_session_does_not_lengthen_it(ann: Api, clock: Clock) -> None:
    for _ in range(23):
        clock.advance(timedelta(hours=1))
        assert ann.get(PROFILE).status_code == 200
    clock.advance(timedelta(hours=1))
    assert ann.get(PROFILE).status_code == 401


def test_the_life_of_a_session_can_be_set(make_app: MakeApp) -> None:
    app = make_app(session_ttl=90)
    api, clock = Api(app), sandboxes_of(app).default.world.clock
    assert "Max-Age=90" in _cookie(_sign_in(api))[2]
    clock.advance(timedelta(seconds=90) - MILLISECOND)
    assert api.get(PROFILE).status_code == 200
    clock.advance(MILLISECOND)
    assert api.get(PROFILE).status_code == 401


def test_one_can_sign_in_again_after_a_session_expired(ann: Api, clock: Clock) -> None:
    clock.advance(DAY)
    assert _sign_in(ann).status_code == 200
    clock.advance(DAY - MILLISECOND)
    assert _email(ann) == "ann@example.com"


# -- signing out


def test_a_cookie_that_is_replayed_after_signing_out_is_refused(nobody: Api) -> None:
    token = _token(nobody)
    assert nobody.post("/api/v1/user/logout").status_code == 200
    thief = _with_token(nobody, token)
    response = thief.get(PROFILE)
    assert response.status_code == 401
    assert response.json["isAuthenticated"] is False
    assert _auth(thief) == {"isAuthenticated": False}
    assert thief.post("/api/v1/user/logout").status_code == 401


def test_signing_out_takes_no_body(ann: Api) -> None:
    assert ann.call("POST", "/api/v1/user/logout").status_code == 200
    assert ann.call("POST", "/api/v1/user/logout").status_code == 401


def test_an_expired_session_cannot_sign_out(ann: Api, clock: Clock) -> None:
    clock.advance(DAY)
    assert ann.post("/api/v1/user/logout").status_code == 401


@pytest.mark.parametrize("token", ["", "unknown", "s%3Aunknown.signature", "a" * 4000, "%00", "é"])
def test_an_unknown_session_is_no_session(nobody: Api, token: str) -> None:
    stranger = _with_token(nobody, token)
    assert stranger.get(PROFILE).status_code == 401
    assert stranger.post("/api/v1/user/logout").status_code == 401
    assert _auth(stranger) == {"isAuthenticated": False}


def test_auth_check_never_fails(nobody: Api) -> None:
    for options in ({"data": b"{", "content_type": "application/json"}, {"query_string": "isAuthenticated=true"}):
        response = nobody.call("GET", "/api/v1/auth-check", **options)
        assert (response.status_code, response.json) == (200, {"isAuthenticated": False})


# -- several sessions


def test_several_sessions_of_one_user_live_at_once(ann: Api) -> None:
    others = [Api(ann.app).sign_in("ann@example.com") for _ in range(3)]
    assert others[0].post("/api/v1/user/logout").status_code == 200
    assert others[0].get(PROFILE).status_code == 401
    assert [_email(api) for api in (ann, *others[1:])] == ["ann@example.com"] * 3


def test_sessions_of_different_users_do_not_mix(ann: Api, ben: Api) -> None:
    assert (_email(ann), _email(ben)) == ("ann@example.com", "ben@example.com")
    ben.post("/api/v1/user/logout")
    assert _email(ann) == "ann@example.com"


def test_signing_in_while_signed_in_starts_a_new_session(nobody: Api) -> None:
    first, second = _token(nobody), _token(nobody)
    assert first != second
    assert _email(nobody) == "ann@example.com"
    assert _token(nobody, email="ben@example.com") not in (first, second)
    assert _email(nobody) == "ben@example.com"


def test_a_session_never_takes_the_id_that_the_client_brought(nobody: Api) -> None:
    planted = "planted-by-an-attacker-0123456789"
    victim = _with_token(nobody, planted)
    assert _token(victim) != planted
    assert _with_token(nobody, planted).get(PROFILE).status_code == 401


def test_signing_up_starts_a_new_session_too(ann: Api) -> None:
    before = ann.client.get_cookie("connect.sid")
    assert before is not None
    ann.post("/api/v1/user/signup/send-otp", email="new@example.com")
    code = ann.get("/_mockflow/outbox", to="new@example.com").json["messages"][0]["code"]
    response = ann.post("/api/v1/user/signup/verify", email="new@example.com", code=code, password=PASSWORD)
    assert _cookie(response)[1] != before.value
    assert _email(ann) == "new@example.com"
    assert _email(_with_token(ann, before.value)) == "ann@example.com"


# -- stopping and starting


def test_sessions_outlive_the_server_when_there_is_a_data_file(make_app: MakeApp, tmp_path: Path) -> None:
    data = tmp_path / "data.json"
    first = make_app(data=data)
    token, gone = _token(Api(first)), Api(first).sign_in("ann@example.com")
    old = gone.client.get_cookie("connect.sid")
    assert old is not None
    gone.post("/api/v1/user/logout")
    sandboxes_of(first).close()

    second = make_app(data=data)
    api = _with_token(Api(second), token)
    assert _email(api) == "ann@example.com"
    assert _email(_with_token(api, old.value)) is None
    sandboxes_of(second).default.world.clock.advance(DAY)
    assert _email(api) is None


def test_two_apps_do_not_share_sessions(make_app: MakeApp) -> None:
    token = _token(Api(make_app()))
    assert _email(_with_token(Api(make_app()), token)) is None
