"""What a faulted request is answered, whichever way the rule came in."""

from __future__ import annotations

import json
from typing import Any

import pytest
from werkzeug.test import TestResponse

from mockflow.faults.presets import PRESETS
from tests.conftest import MakeApp
from tests.support import Api

FAULTS = "/_mockflow/faults"
CHECK = "/api/v1/auth-check"
TODO = "/api/v2/todo"
ORIGIN = {"Origin": "http://localhost:3000"}


def ask(api: Api, path: str = CHECK, method: str = "GET", **options: Any) -> TestResponse:
    """A request whose answer need not be one that its operation declares."""
    return api.client.open(path, method=method, **options)


def with_fault(fault: str, **more: str) -> dict[str, str]:
    return {"X-Mockflow-Fault": fault, **more}


def add(api: Api, **rule: Any) -> str:
    reply = api.post(FAULTS, **rule)
    assert reply.status_code == 201, reply.text
    return str(reply.json["id"])


def titles(api: Api) -> list[str]:
    return [task["title"] for task in api.tasks()]


# -- a status


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 418, 429, 499, 500, 502, 503, 504, 599])
@pytest.mark.parametrize("phase", ["before", "after"])
def test_a_status_has_its_documented_shape(nobody: Api, status: int, phase: str) -> None:
    add(nobody, effect={"status": status}, phase=phase)
    reply = nobody.get(CHECK)  # compared with the shape of errors
    shapes: dict[int, dict[str, Any]] = {400: {"errors": []}, 401: {"isAuthenticated": False}}
    more = shapes.get(status, {})
    assert reply.status_code == status
    assert {**reply.json, **more} == reply.json
    assert set(reply.json) == {"message", "msg", *more}


@pytest.mark.parametrize(
    ("effect", "waits"),
    [
        ({"status": 429}, "1"),
        ({"status": 429, "retryAfter": 30}, "30"),
        ({"status": 429, "retryAfter": 0}, "0"),
        ({"status": 503, "retryAfter": 5}, "5"),
        ({"status": 503}, None),
        ({"status": 401}, None),
    ],
)
def test_a_429_and_whoever_is_told_says_when_to_come_back(
    nobody: Api, effect: dict[str, Any], waits: str | None
) -> None:
    add(nobody, effect=effect)
    assert nobody.get(CHECK).headers.get("Retry-After") == waits


def test_a_message_of_ones_own_is_both_messages(nobody: Api) -> None:
    add(nobody, effect={"status": 429, "message": "slow down"})
    assert nobody.get(CHECK).json == {"message": "slow down", "msg": "slow down"}


def test_headers_are_added(nobody: Api) -> None:
    add(nobody, effect={"status": 503, "headers": {"X-Shard": "7", "Content-Type": "text/html"}})
    reply = ask(nobody)
    assert (reply.headers["X-Shard"], reply.headers.getlist("Content-Type")) == ("7", ["text/html"])


@pytest.mark.parametrize("body", [{}, [], {"a": [1, None]}, "text", 0, False, "", [[]]])
def test_any_json_can_be_the_body(nobody: Api, body: Any) -> None:
    add(nobody, effect={"status": 500, "body": body})
    reply = ask(nobody)
    assert (reply.status_code, reply.get_json()) == (500, body)


# -- broken JSON


@pytest.mark.parametrize("phase", ["before", "after"])
@pytest.mark.parametrize("path", [CHECK, TODO, "/api/v2/projects"])
def test_malformed_is_a_200_whose_json_breaks_off(ann: Api, path: str, phase: str) -> None:
    reply = ask(ann, path, headers=with_fault(f"malformed=true; phase={phase}"))
    assert (reply.status_code, reply.content_type) == (200, "application/json; charset=utf-8")
    with pytest.raises(json.JSONDecodeError):
        json.loads(reply.data)
    assert reply.data


# -- an expired session


@pytest.mark.parametrize("phase", ["before", "after"])
def test_an_expired_session_is_over_until_the_next_sign_in(ann: Api, phase: str) -> None:
    add(ann, effect={"expireSession": True}, times=1, phase=phase)
    first = ann.get(TODO)
    assert (first.status_code, first.json["isAuthenticated"]) == (401, False)
    assert first.headers["X-Mockflow-Fault"]
    later = ann.get(TODO)
    assert (later.status_code, later.headers.get("X-Mockflow-Fault")) == (401, None)
    assert ann.get(CHECK).json == {"isAuthenticated": False}
    ann.sign_in("ann@example.com")
    assert ann.get(TODO).status_code == 200


def test_only_the_session_that_asked_is_over(ann: Api, ben: Api) -> None:
    other = Api(ann.app).sign_in("ann@example.com")
    add(ann, effect={"expireSession": True}, match={"user": "ann@example.com"}, times=1)
    assert [api.get(TODO).status_code for api in (ben, ann, other)] == [200, 401, 200]


# -- phases


@pytest.mark.parametrize("fault", ["status=500", "status=401", "malformed=true", "expire-session=true", "hang=0"])
@pytest.mark.parametrize("phase", ["before", "after"])
def test_in_phase_after_the_task_is_there_though_its_answer_is_not(ann: Api, fault: str, phase: str) -> None:
    reply = ask(ann, TODO, "POST", json={"title": "twice"}, headers=with_fault(f"{fault}; phase={phase}"))
    assert reply.status_code != 201 or fault == "hang=0"  # which the connection sees to
    ann.sign_in("ann@example.com")
    assert titles(ann) == (["twice"] if phase == "after" else [])


def test_a_fault_comes_before_what_the_operation_checks(nobody: Api, ann: Api) -> None:
    add(nobody, effect={"status": 503})
    for api, method, path, body in (
        (nobody, "GET", TODO, None),
        (ann, "GET", "/api/v2/projects/nothing", None),
        (ann, "POST", TODO, {"title": 5}),
        (ann, "POST", TODO, [1]),
    ):
        assert ask(api, path, method, json=body).status_code == 503


def test_a_latency_alone_leaves_the_answer_and_is_named(nobody: Api) -> None:
    name = add(nobody, latency={"ms": 600_000})  # the connection would see to it
    reply = nobody.get(CHECK)
    assert (reply.json, reply.headers["X-Mockflow-Fault"]) == ({"isAuthenticated": False}, name)


# -- what a browser needs


@pytest.mark.parametrize(
    "fault", ["status=429", "malformed=true", "expire-session=true", "latency=1", "status=401"]
)
@pytest.mark.parametrize("phase", ["before", "after"])
def test_a_page_may_read_a_faulted_answer(ann: Api, fault: str, phase: str) -> None:
    reply = ask(ann, TODO, headers=with_fault(f"id=named; {fault}; phase={phase}", **ORIGIN))
    assert reply.headers["X-Mockflow-Fault"] == "named"
    assert reply.headers["Access-Control-Allow-Origin"] == ORIGIN["Origin"]
    assert reply.headers["Access-Control-Allow-Credentials"] == "true"
    exposed = reply.headers["Access-Control-Expose-Headers"].split(", ")
    assert "X-Mockflow-Fault" in exposed
    assert ("Retry-After" in exposed) == ("429" in fault)
    assert reply.headers["Cache-Control"] == "no-store, private"


def test_a_page_may_send_the_headers_that_fault(nobody: Api) -> None:
    asked = {**ORIGIN, "Access-Control-Request-Method": "GET"}
    for name in ("x-mockflow-fault", "prefer"):
        reply = ask(nobody, method="OPTIONS", headers={**asked, "Access-Control-Request-Headers": name})
        assert name in reply.headers["Access-Control-Allow-Headers"].lower()


# -- ways in


def test_a_rule_in_a_header_is_for_that_request_alone(nobody: Api) -> None:
    reply = ask(nobody, headers=with_fault("status=503; retry-after=5"))
    assert (reply.status_code, reply.headers["Retry-After"]) == (503, "5")
    assert nobody.get(CHECK).status_code == 200
    assert nobody.get(FAULTS).json == {"faults": []}


def test_a_rule_in_a_header_leaves_the_rules_in_force_uncounted(nobody: Api) -> None:
    add(nobody, effect={"status": 500}, times=1)
    assert ask(nobody, headers=with_fault("503")).status_code == 503
    assert [ask(nobody).status_code for _ in range(2)] == [500, 200]


def test_a_rule_in_a_header_still_has_to_match(ann: Api) -> None:
    assert ask(ann, headers=with_fault("500; operation=createTask")).status_code == 200
    assert ask(ann, headers=with_fault("500; user=ben@example.com")).status_code == 200
    assert ask(ann, headers=with_fault("500; user=ann@example.com; operation=checkAuth")).status_code == 500


@pytest.mark.parametrize(
    ("prefer", "status"),
    [
        ("code=429", 429),
        ('code="503"', 503),
        ("Code = 404", 404),
        ("wait=5, code=500", 500),
        ("respond-async; code=500", 500),
        ("example=code, dynamic=true", 200),
        ("barcode=500", 200),
        ("return=minimal", 200),
    ],
)
def test_a_status_can_be_preferred(nobody: Api, prefer: str, status: int) -> None:
    reply = ask(nobody, headers={"Prefer": prefer})
    assert reply.status_code == status
    assert ("X-Mockflow-Fault" in reply.headers) == (status != 200)
    assert ("Retry-After" in reply.headers) == (status == 429)


def test_a_rule_is_there_from_the_start(make_app: MakeApp) -> None:
    api = Api(make_app(faults=("401", "id=second; 500; operation=checkAuth")))
    reply = api.get(CHECK)
    assert (reply.status_code, reply.json["isAuthenticated"]) == (401, False)
    assert reply.headers["X-Mockflow-Fault"] == "fault-1"
    assert [rule["id"] for rule in api.get(FAULTS).json["faults"]] == ["fault-1", "second"]


# -- presets


def use(api: Api, name: str) -> list[dict[str, Any]]:
    reply = api.post(f"{FAULTS}/presets/{name}")
    assert reply.status_code == 201, reply.text
    return list(reply.json["faults"])


def test_the_presets_are_listed_with_their_rules(nobody: Api) -> None:
    listed = nobody.get(f"{FAULTS}/presets").json["presets"]
    assert [preset["name"] for preset in listed] == list(PRESETS)
    for preset in listed:
        assert list(preset) == ["name", "imitates", "rules"]
        expected = [{**rule, "matched": 0, "hits": 0} for rule in preset["rules"]]
        assert use(nobody, preset["name"]) == expected
        assert nobody.call("PUT", FAULTS, json=preset["rules"]).status_code == 200
        assert nobody.call("DELETE", FAULTS, json={}).status_code == 200


def test_a_preset_takes_no_rule_of_ones_own_away(nobody: Api) -> None:
    own = {"id": "flaky", "match": {"operation": "createTask"}, "effect": {"status": 503}}
    assert nobody.call("POST", FAULTS, json=own).status_code == 201
    reply = nobody.post(f"{FAULTS}/presets/flaky")
    assert (reply.status_code, reply.json["errors"][0]["code"]) == (400, "not_unique")
    assert "'flaky'" in reply.json["message"]
    assert [rule["effect"] for rule in nobody.get(FAULTS).json["faults"]] == [{"status": 503}]
    assert nobody.call("DELETE", f"{FAULTS}/flaky", json={}).status_code == 200
    assert nobody.post(f"{FAULTS}/presets/flaky").status_code == 201


def test_a_preset_twice_begins_anew_and_an_unknown_one_is_404(nobody: Api) -> None:
    use(nobody, "flaky-network")
    assert nobody.post(f"{FAULTS}/presets/flaky-network").status_code == 201
    assert len(nobody.get(FAULTS).json["faults"]) == 2
    reply = nobody.post(f"{FAULTS}/presets/nothing")
    assert reply.status_code == 404
    assert "flaky" in reply.json["message"]


@pytest.mark.parametrize(
    ("name", "first"),
    [("expired-session", [401, 401, 401]), ("rate-limited", [429, 429, 429, 200]), ("outage", [503] * 5)],
)
def test_a_preset_answers_as_documented(ann: Api, name: str, first: list[int]) -> None:
    use(ann, name)
    replies = [ann.get(TODO) for _ in first]
    assert [reply.status_code for reply in replies] == first
    waits = {429: "1", 503: "30"}
    assert [reply.headers.get("Retry-After") for reply in replies] == [waits.get(status) for status in first]


def test_an_outage_is_over_after_half_a_minute(nobody: Api) -> None:
    use(nobody, "outage")
    for seconds, status in ((0, 503), (29, 503), (1, 200)):
        nobody.put("/_mockflow/clock", advance=seconds)
        assert nobody.get(CHECK).status_code == status


@pytest.mark.parametrize(("name", "share"), [("flaky", 0.1), ("flaky-network", 0.19), ("lost-responses", 0.3)])
def test_a_preset_that_draws_hits_as_often_as_documented(nobody: Api, name: str, share: float) -> None:
    use(nobody, name)
    hit = sum("X-Mockflow-Fault" in ask(nobody).headers for _ in range(500))
    assert abs(hit / 500 - share) < 0.06


def test_a_session_expires_only_where_there_is_one(nobody: Api, ann: Api) -> None:
    nobody.post("/_mockflow/faults/presets/expired-session")
    nobody.get("/api/v1/auth-check")  # no session: the rule waits
    assert ann.get("/api/v2/todo").status_code == 401
    assert ann.sign_in("ann@example.com").get("/api/v2/todo").status_code == 200


def test_a_body_that_is_no_json_goes_out_as_it_is(nobody: Api) -> None:
    page = "<html><body>502 Bad Gateway \u2013 nginx</body></html>"
    add(nobody, effect={"status": 502, "headers": {"Content-Type": "text/html; charset=utf-8"}, "body": page})
    reply = nobody.client.get("/api/v1/auth-check")
    assert (reply.status_code, reply.content_type, reply.text) == (502, "text/html; charset=utf-8", page)


def test_a_body_of_null_is_a_body(nobody: Api) -> None:
    nobody.post("/_mockflow/faults", effect={"status": 500, "body": None})
    assert nobody.client.get("/api/v1/auth-check").get_data() == b"null"
