"""Changing the password, and setting the first one (contract, section 3)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import PASSWORD, Api, Reply, fields_of

ANN, OLI = "ann@example.com", "oli@example.com"
NEXT = "another password"


def _change(api: Api, new: object = NEXT, confirm: object = None, **fields: Any) -> Reply:
    repeated = new if confirm is None else confirm
    return api.put("/api/v1/user/password", newPassword=new, confirmNewPassword=repeated, **fields)


def _opens(api: Api, email: str, password: str) -> bool:
    response = Api(api.app).post("/api/v1/user/signin", email=email, password=password)
    return response.status_code == 200


def _user(api: Api) -> Any:
    return api.get("/api/v1/user/profile").json["user"]


# -- an account with a password


def test_the_password_can_be_changed(ann: Api) -> None:
    before = _user(ann)
    response = _change(ann, currentPassword=PASSWORD)
    assert response.status_code == 200
    assert response.json == {"msg": "Password updated sucessfully"}
    assert _opens(ann, ANN, NEXT)
    assert not _opens(ann, ANN, PASSWORD)
    assert _user(ann) == before


def test_a_changed_password_is_the_current_one(ann: Api) -> None:
    _change(ann, currentPassword=PASSWORD)
    assert fields_of(_change(ann, "a third password", currentPassword=PASSWORD)) == [["currentPassword"]]
    assert _change(ann, "a third password", currentPassword=NEXT).status_code == 200
    assert _opens(ann, ANN, "a third password")


def test_the_passwords_of_others_stay(ann: Api, ben: Api) -> None:
    _change(ann, currentPassword=PASSWORD)
    assert _opens(ben, "ben@example.com", PASSWORD)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"currentPassword": None},
        {"currentPassword": ""},
        {"currentPassword": "not Ann's password"},
        {"currentPassword": PASSWORD.lower()},
        {"currentPassword": NEXT},
        {"currentPassword": 12345678},
        {"currentPassword": [PASSWORD]},
    ],
)
def test_a_wrong_or_missing_current_password_is_refused(ann: Api, fields: dict[str, Any]) -> None:
    assert fields_of(_change(ann, **fields)) == [["currentPassword"]]
    assert _opens(ann, ANN, PASSWORD)
    assert not _opens(ann, ANN, NEXT)


@pytest.mark.parametrize("confirm", ["another passwort", "Another password", NEXT + " ", ""])
def test_a_confirmation_that_differs_is_refused(ann: Api, confirm: str) -> None:
    assert fields_of(_change(ann, NEXT, confirm, currentPassword=PASSWORD)) == [["confirmNewPassword"]]
    assert _opens(ann, ANN, PASSWORD)
    assert not _opens(ann, ANN, NEXT)


@pytest.mark.parametrize("new", ["", "a" * 7, "é" * 7, "a" * 1001, "é" * 1001])
def test_a_new_password_has_to_have_8_to_1000_characters(ann: Api, new: str) -> None:
    assert fields_of(_change(ann, new, currentPassword=PASSWORD)) == [["newPassword"]]
    assert _opens(ann, ANN, PASSWORD)


@pytest.mark.parametrize("new", ["a" * 8, "é" * 8, "a" * 1000, "é" * 1000, "yourpassword", "12345678"])
def test_a_new_password_of_8_to_1000_characters_is_accepted(ann: Api, new: str) -> None:
    assert _change(ann, new, currentPassword=PASSWORD).status_code == 200
    assert _opens(ann, ANN, new)


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, [["confirmNewPassword"], ["newPassword"]]),
        ({"newPassword": NEXT}, [["confirmNewPassword"]]),
        ({"confirmNewPassword": NEXT}, [["newPassword"]]),
        ({"newPassword": None, "confirmNewPassword": NEXT}, [["newPassword"]]),
        ({"newPassword": NEXT, "confirmNewPassword": None}, [["confirmNewPassword"]]),
        ({"newPassword": 12345678, "confirmNewPassword": 12345678}, [["confirmNewPassword"], ["newPassword"]]),
    ],
)
def test_new_password_and_confirmation_are_required_texts(
    ann: Api, body: dict[str, Any], fields: list[list[str]]
) -> None:
    response = ann.put("/api/v1/user/password", currentPassword=PASSWORD, **body)
    assert sorted(fields_of(response)) == fields
    assert _opens(ann, ANN, PASSWORD)


# -- an account that came through OAuth


def test_an_oauth_account_sets_its_first_password_without_a_current_one(oli: Api) -> None:
    assert not _opens(oli, OLI, NEXT)
    before = _user(oli)
    assert before["isPasswordSet"] is False
    response = _change(oli)
    assert response.status_code == 200
    assert response.json == {"msg": "Password updated sucessfully"}
    assert _opens(oli, OLI, NEXT)
    assert _user(oli) == {**before, "isPasswordSet": True}


def test_from_then_on_an_oauth_account_needs_its_current_password(oli: Api) -> None:
    _change(oli)
    assert fields_of(_change(oli, "a third password")) == [["currentPassword"]]
    assert fields_of(_change(oli, "a third password", currentPassword=PASSWORD)) == [["currentPassword"]]
    assert _change(oli, "a third password", currentPassword=NEXT).status_code == 200
    assert _opens(oli, OLI, "a third password")


@pytest.mark.parametrize(
    ("new", "confirm", "field"),
    [
        (NEXT, "another passwort", "confirmNewPassword"),
        ("a" * 7, "a" * 7, "newPassword"),
        ("a" * 1001, "a" * 1001, "newPassword"),
    ],
)
def test_a_refused_first_password_leaves_an_oauth_account_without_one(
    oli: Api, new: str, confirm: str, field: str
) -> None:
    assert fields_of(_change(oli, new, confirm)) == [[field]]
    assert _user(oli)["isPasswordSet"] is False
    assert not _opens(oli, OLI, new)
