"""Signing up with a one-time passcode (contract, section 2)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from mockflow.clock import Clock
from tests.support import PASSWORD, Api, Reply, fields_of

NEW = "new@example.com"
DAY = timedelta(hours=24)
LIFETIME = timedelta(minutes=5)
MILLISECOND = timedelta(milliseconds=1)
DEFAULTS = {
    "emailEnabled": True,
    "reminderBefore": 30,
    "taskRemainders": True,
    "automaticRemainder": True,
    "dailyDigest": False,
    "digestTime": None,
}


def _ask(api: Api, email: str = NEW) -> Reply:
    return api.post("/api/v1/user/signup/send-otp", email=email)


def _codes(api: Api, email: str = NEW) -> list[str]:
    return [message["code"] for message in api.get("/_mockflow/outbox", to=email).json["messages"]]


def _code(api: Api, email: str = NEW) -> str:
    assert _ask(api, email).status_code == 200
    return _codes(api, email)[-1]


def _verify(api: Api, code: str, email: str = NEW, password: str = PASSWORD) -> Reply:
    return api.post("/api/v1/user/signup/verify", email=email, code=code, password=password)


def _other(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def _is_signed_in(api: Api) -> bool:
    return bool(api.get("/api/v1/auth-check").json["isAuthenticated"])


# -- asking for a passcode


def test_a_passcode_of_six_digits_goes_to_the_outbox(nobody: Api) -> None:
    response = _ask(nobody)
    assert response.status_code == 200
    assert response.json == {"msg": "OTP sent successfully"}
    assert "Set-Cookie" not in response.headers
    (message,) = nobody.get("/_mockflow/outbox").json["messages"]
    assert message["to"] == NEW
    assert re.fullmatch(r"[0-9]{6}", message["code"])
    assert message["code"] in message["text"]


def test_every_passcode_has_six_digits(nobody: Api) -> None:
    codes = [_code(nobody, f"person{number}@example.com") for number in range(60)]
    assert all(re.fullmatch(r"[0-9]{6}", code) for code in codes)
    assert len(set(codes)) > 55


@pytest.mark.parametrize(
    "email",
    ["", " ", "plain", "@example.com", "a@", "a b@example.com", "a@b@example.com", "a@.", 12, None, True, []],
)
@pytest.mark.parametrize("path", ["signup/send-otp", "signup/verify", "signin"])
def test_an_address_is_refused_for_its_shape(nobody: Api, path: str, email: object) -> None:
    response = nobody.post(f"/api/v1/user/{path}", email=email, code="123456", password=PASSWORD)
    assert fields_of(response) == [["email"]]
    assert nobody.get("/_mockflow/outbox").json["messages"] == []


@pytest.mark.parametrize(
    "email",
    [
        *("a@example.com", "first.last+tag@sub.domain.example", "o'neil_1@flowtask.test", "x@host.invalid"),
        *("9@no-such-domain.zz", "UPPER@EXAMPLE.COM"),
    ],
)
def test_an_address_is_judged_by_its_shape_alone(nobody: Api, email: str) -> None:
    assert _verify(nobody, _code(nobody, email), email).status_code == 200


@pytest.mark.parametrize("email", ["ann@example.com", "Ann@Example.COM", "oli@example.com"])
def test_an_address_that_has_an_account_is_refused(nobody: Api, email: str) -> None:
    for response in (_ask(nobody, email), _verify(nobody, "123456", email)):
        assert fields_of(response) == [["email"]]
        assert "Set-Cookie" not in response.headers
    assert _codes(nobody, email) == []


@pytest.mark.parametrize(
    ("path", "missing"), [("signup/send-otp", ["email"]), ("signup/verify", ["code", "email", "password"])]
)
def test_all_fields_are_required(nobody: Api, path: str, missing: list[str]) -> None:
    response = nobody.post(f"/api/v1/user/{path}")
    assert sorted(fields_of(response)) == [[name] for name in missing]


# -- turning it into an account


def test_the_passcode_makes_an_account_and_signs_in(nobody: Api) -> None:
    response = _verify(nobody, _code(nobody))
    assert response.status_code == 200
    assert response.json == {"msg": "accout created sucessfully"}
    value, *attributes = response.headers["Set-Cookie"].split("; ")
    assert value.startswith("connect.sid=")
    assert sorted(attributes) == ["HttpOnly", "Max-Age=86400", "Path=/", "SameSite=Lax"]
    assert nobody.get("/api/v1/auth-check").json == {"isAuthenticated": True, "email": NEW}


def test_a_new_account_starts_with_an_inbox_and_defaults(nobody: Api) -> None:
    _verify(nobody, _code(nobody))
    user = nobody.get("/api/v1/user/profile").json["user"]
    assert {key: value for key, value in user.items() if key != "id"} == {
        "name": None,
        "email": NEW,
        "image": None,
        "isPasswordSet": True,
        "isOAuthLinked": False,
        "provider": None,
        "createdAt": "2026-03-10T12:00:00.000Z",
    }
    (inbox,) = nobody.get("/api/v2/projects").json["projects"]
    assert (inbox["name"], inbox["slug"], inbox["isDefault"]) == ("Inbox", "inbox", True)
    assert nobody.get("/api/v1/user/user-preferences").json == DEFAULTS
    assert nobody.tasks() == []


def test_addresses_are_stored_and_compared_in_lower_case(nobody: Api) -> None:
    code = _code(nobody, "Mixed.Case@Example.com")
    assert _codes(nobody, "mixed.case@example.com") == [code]
    assert _verify(nobody, code, "MIXED.case@example.COM").status_code == 200
    assert nobody.get("/api/v1/user/profile").json["user"]["email"] == "mixed.case@example.com"
    Api(nobody.app).sign_in("mixed.CASE@example.com")


@pytest.mark.parametrize("password", ["a" * 7, "a" * 1001, "", None, 12345678, ["yourpassword"]])
def test_a_bad_password_is_refused_and_leaves_the_passcode_usable(nobody: Api, password: object) -> None:
    code = _code(nobody)
    for _ in range(6):
        response = nobody.post("/api/v1/user/signup/verify", email=NEW, code=code, password=password)
        assert fields_of(response) == [["password"]]
        assert "Set-Cookie" not in response.headers
    assert _verify(nobody, code).status_code == 200


@pytest.mark.parametrize("password", ["a" * 8, "é" * 8, "a" * 1000, "é" * 1000, "yourpassword", "  spaces  "])
def test_a_password_of_8_to_1000_characters_is_accepted(nobody: Api, password: str) -> None:
    assert _verify(nobody, _code(nobody), password=password).status_code == 200
    Api(nobody.app).sign_in(NEW, password)


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", None, 123456])
def test_what_is_no_passcode_is_refused(nobody: Api, code: object) -> None:
    _ask(nobody)
    response = nobody.post("/api/v1/user/signup/verify", email=NEW, code=code, password=PASSWORD)
    assert fields_of(response) == [["code"]]


def test_a_wrong_passcode_makes_no_account(nobody: Api) -> None:
    code = _code(nobody)
    response = _verify(nobody, _other(code))
    assert fields_of(response) == [["code"]]
    assert "Set-Cookie" not in response.headers
    assert not _is_signed_in(nobody)
    assert nobody.post("/api/v1/user/signin", email=NEW, password=PASSWORD).status_code == 400
    assert _codes(nobody) == [code]
    assert _verify(nobody, code).status_code == 200


def test_a_passcode_that_was_never_asked_for_is_wrong(nobody: Api) -> None:
    assert fields_of(_verify(nobody, "000000")) == [["code"]]


def test_a_passcode_is_for_one_address_only(nobody: Api) -> None:
    code, others = _code(nobody), _code(nobody, "other@example.com")
    assert code != others
    assert fields_of(_verify(nobody, others)) == [["code"]]


def test_a_new_passcode_replaces_the_one_before(nobody: Api) -> None:
    first, second = _code(nobody), _code(nobody)
    assert first != second
    assert fields_of(_verify(nobody, first)) == [["code"]]
    assert _verify(nobody, second).status_code == 200


def test_a_passcode_can_be_used_once(nobody: Api) -> None:
    code = _code(nobody)
    assert _verify(nobody, code).status_code == 200
    again = Api(nobody.app)
    assert _verify(again, code, password="another password").status_code == 400
    assert not _is_signed_in(again)
    again.sign_in(NEW)


@pytest.mark.parametrize(("age", "status"), [(LIFETIME - MILLISECOND, 200), (LIFETIME, 400), (DAY, 400)])
def test_a_passcode_is_valid_for_five_minutes(nobody: Api, clock: Clock, age: timedelta, status: int) -> None:
    code = _code(nobody)
    clock.advance(age)
    assert _verify(nobody, code).status_code == status


def test_a_new_passcode_is_valid_for_five_minutes_of_its_own(nobody: Api, clock: Clock) -> None:
    _code(nobody)
    clock.advance(timedelta(minutes=4))
    code = _code(nobody)
    clock.advance(timedelta(minutes=4))
    assert _verify(nobody, code).status_code == 200


# -- limits


def test_five_passcodes_can_be_asked_for_in_24_hours(nobody: Api) -> None:
    assert [_ask(nobody).status_code for _ in range(6)] == [200] * 5 + [429]
    assert _ask(nobody, NEW.upper()).status_code == 429
    assert _ask(nobody, "other@example.com").status_code == 200


def test_a_request_over_the_limit_leaves_nothing_behind(nobody: Api, clock: Clock) -> None:
    codes = [_code(nobody) for _ in range(5)]
    clock.advance(timedelta(minutes=1))
    refused = [_ask(nobody) for _ in range(3)]
    assert [response.headers["Retry-After"] for response in refused] == ["86340"] * 3
    assert set(refused[0].json) == {"message", "msg"}
    assert _codes(nobody) == codes
    assert _verify(nobody, codes[-1]).status_code == 200


def test_the_limit_of_requests_rolls(nobody: Api, clock: Clock) -> None:
    for _ in range(5):
        assert _ask(nobody).status_code == 200
        clock.advance(timedelta(hours=1))
    response = _ask(nobody)
    assert (response.status_code, response.headers["Retry-After"]) == (429, str(19 * 3600))
    clock.advance(timedelta(hours=19) - MILLISECOND)
    assert _ask(nobody).headers["Retry-After"] == "1"
    clock.advance(MILLISECOND)
    assert _ask(nobody).status_code == 200
    assert _ask(nobody).headers["Retry-After"] == "3600"


def test_after_five_wrong_passcodes_even_the_right_one_is_refused(nobody: Api) -> None:
    code = _code(nobody)
    assert [_verify(nobody, _other(code)).status_code for _ in range(6)] == [400] * 5 + [429]
    response = _verify(nobody, code)
    assert (response.status_code, response.headers["Retry-After"]) == (429, "86400")
    assert set(response.json) == {"message", "msg"}
    assert _verify(nobody, _code(nobody)).status_code == 429
    assert not _is_signed_in(nobody)


def test_four_wrong_passcodes_leave_room_for_the_right_one(nobody: Api) -> None:
    code = _code(nobody)
    assert [_verify(nobody, _other(code)).status_code for _ in range(4)] == [400] * 4
    assert _verify(nobody, code).status_code == 200


def test_wrong_passcodes_are_counted_for_each_address(nobody: Api) -> None:
    code, others = _code(nobody), _code(nobody, "other@example.com")
    for _ in range(5):
        _verify(nobody, _other(code), NEW.upper())
    assert _verify(nobody, code).status_code == 429
    assert _verify(nobody, others, "other@example.com").status_code == 200


def test_the_limit_of_wrong_passcodes_rolls(nobody: Api, clock: Clock) -> None:
    wrong = _other(_code(nobody))
    for _ in range(5):
        assert _verify(nobody, wrong).status_code == 400
        clock.advance(timedelta(seconds=50))
    response = _verify(nobody, wrong)
    assert (response.status_code, response.headers["Retry-After"]) == (429, str(24 * 3600 - 250))
    clock.advance(DAY - timedelta(seconds=250) - MILLISECOND)
    code = _code(nobody)
    assert _verify(nobody, code).headers["Retry-After"] == "1"
    clock.advance(MILLISECOND)
    assert _verify(nobody, _other(code)).status_code == 400
    assert _verify(nobody, code).headers["Retry-After"] == "50"
    clock.advance(timedelta(seconds=50))
    assert _verify(nobody, code).status_code == 200
