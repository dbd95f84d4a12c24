"""Preferences (contract, section 3)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import JSON, Api, fields_of

PREFERENCES = "/api/v1/user/user-preferences"
DEFAULTS = {
    "emailEnabled": True,
    "reminderBefore": 30,
    "taskRemainders": True,
    "automaticRemainder": True,
    "dailyDigest": False,
    "digestTime": None,
}
SWITCHES = "emailEnabled taskRemainders automaticRemainder dailyDigest".split()
NO_SWITCH: list[object] = ["true", "", 0, 1, None, [], {}]


def _shown(api: Api) -> JSON:
    response = api.get(PREFERENCES)
    assert response.status_code == 200
    return dict(response.json)


def test_preferences_have_defaults(ann: Api, oli: Api) -> None:
    for api in (ann, oli):
        shown = _shown(api)
        assert shown == DEFAULTS
        assert shown["emailEnabled"] is True
        assert shown["dailyDigest"] is False


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[(name, value) for name in SWITCHES for value in (True, False)],
        *[("reminderBefore", minutes) for minutes in (0, 1, 45, 1440)],
        *[("digestTime", time) for time in ("00:00", "07:30", "12:00", "23:59", None)],
    ],
)
def test_each_preference_can_be_set_alone(ann: Api, ben: Api, name: str, value: object) -> None:
    response = ann.put(PREFERENCES, **{name: value})
    assert response.status_code == 200
    assert response.json == {"msg": "successfully updated the user preferences"}
    assert _shown(ann) == {**DEFAULTS, name: value}
    assert _shown(ben) == DEFAULTS


def test_all_preferences_can_be_set_at_once_and_back(ann: Api) -> None:
    others = {
        "emailEnabled": False,
        "reminderBefore": 0,
        "taskRemainders": False,
        "automaticRemainder": False,
        "dailyDigest": True,
        "digestTime": "06:15",
    }
    ann.put(PREFERENCES, **others)
    assert _shown(ann) == others
    ann.put(PREFERENCES, **DEFAULTS)
    assert _shown(ann) == DEFAULTS


def test_what_is_not_named_stays_as_it_was(ann: Api) -> None:
    ann.put(PREFERENCES, dailyDigest=True, digestTime="08:00")
    ann.put(PREFERENCES, reminderBefore=10)
    assert _shown(ann) == {**DEFAULTS, "dailyDigest": True, "digestTime": "08:00", "reminderBefore": 10}


@pytest.mark.parametrize(
    "body", [{}, {"theme": "dark"}, {"taskReminders": False}, {"automaticReminder": False, "EmailEnabled": False}]
)
def test_a_change_of_no_preference_is_refused(ann: Api, body: dict[str, Any]) -> None:
    response = ann.put(PREFERENCES, **body)
    assert response.status_code == 400
    assert "errors" in response.json
    assert _shown(ann) == DEFAULTS


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[(name, bad) for name in SWITCHES for bad in NO_SWITCH],
        *[("reminderBefore", bad) for bad in (-1, 1.5, "30", True, None, [30])],
        *[("digestTime", bad) for bad in ("24:00", "07:60", "7:30", "0730", "07:30:00", "7:30 am", "-1:30")],
        *[("digestTime", bad) for bad in ("", "07-30", "07:30 ", "+7:30", "٠٧:٣٠", 730, False, ["07:30"])],
    ],
)
def test_a_bad_value_is_refused_and_nothing_changes(ann: Api, name: str, value: object) -> None:
    changes = {"emailEnabled": False, "reminderBefore": 5, "digestTime": "09:00", name: value}
    (field,) = fields_of(ann.put(PREFERENCES, **changes))
    assert field[0] == name
    assert _shown(ann) == DEFAULTS
