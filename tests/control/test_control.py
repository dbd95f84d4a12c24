"""The control API: what it answers and does."""

from __future__ import annotations

from typing import Any

import pytest

from mockflow import __version__
from mockflow.app import sandboxes_of
from tests.conftest import MakeApp
from tests.support import Api, Reply, fields_of

CONTROL = "/_mockflow"


def message_codes(api: Api) -> list[str]:
    return [message["code"] for message in api.get(f"{CONTROL}/outbox").json["messages"]]


@pytest.mark.parametrize("path", ["health", "ready"])
def test_health_tells_version_and_uptime(nobody: Api, path: str) -> None:
    body = nobody.get(f"{CONTROL}/{path}").json
    assert list(body) == ["status", "version", "uptimeSeconds"]
    assert (body["status"], body["version"]) == ("ok", __version__)
    assert body["uptimeSeconds"] >= 0


def test_info_tells_what_the_sandbox_holds(make_app: MakeApp) -> None:
    api = Api(make_app(seeds="minimal", seed=7)).sign_in("demo@flowtask.test")
    api.task()
    assert api.get(f"{CONTROL}/info").json == {
        "sandbox": "default",
        "seeds": "minimal",
        "seed": 7,
        "clock": {"now": "2026-03-10T12:00:00.000Z", "mode": "frozen"},
        "counts": {"users": 1, "todos": 1, "projects": 1, "sections": 0, "tags": 0},
        "faults": 0,
        "requests": 2,
        "data": "memory",
    }


def test_control_answers_are_not_cached(nobody: Api) -> None:
    assert nobody.get(f"{CONTROL}/info").headers["Cache-Control"] == "no-store, private"


def test_accounts_are_the_personas(nobody: Api) -> None:
    assert nobody.get(f"{CONTROL}/accounts").json["accounts"][2] == {
        "email": "oli@example.com",
        "password": None,
        "name": "Oli",
        "provider": "google",
        "for": "an account without a password",
    }


# -- reset


def test_reset_brings_back_the_start_state_exactly(ann: Api) -> None:
    def look() -> list[Any]:
        signed_in = Api(ann.app).sign_in("ann@example.com")
        seen: list[Any] = [signed_in.get(f"/api/v2/{path}").json for path in ("todo", "tag", "projects")]
        seen += [signed_in.get("/api/v1/user/profile").json, signed_in.get("/api/v1/user/user-preferences").json]
        return [*seen, message_codes(signed_in)]

    before = look()
    ann.task("a task", tags=[ann.tag()["id"]], projectId=ann.project()["id"])
    ann.put("/api/v1/user/name", name="Anna")
    ann.put("/api/v1/user/user-preferences", dailyDigest=True)
    ann.post("/api/v1/user/signup/send-otp", email="new@example.com")
    ann.put(f"{CONTROL}/clock", advance=3600)
    assert ann.post(f"{CONTROL}/reset").status_code == 200
    assert look() == before


def test_reset_ends_sessions_and_forgets_limits(nobody: Api, ann: Api) -> None:
    for _ in range(6):
        last = nobody.post("/api/v1/user/signup/send-otp", email="new@example.com")
    assert last.status_code == 429
    ann.post(f"{CONTROL}/reset")
    assert ann.get("/api/v2/todo").status_code == 401
    assert nobody.post("/api/v1/user/signup/send-otp", email="new@example.com").status_code == 200


def test_after_a_reset_the_same_requests_give_the_same_bytes(nobody: Api) -> None:
    def story() -> list[bytes]:
        nobody.post(f"{CONTROL}/reset")
        api = Api(nobody.app)
        seen = [api.post("/api/v1/user/signup/send-otp", email="new@example.com").content]
        seen.append(api.get(f"{CONTROL}/outbox").content)
        api.post(
            "/api/v1/user/signup/verify", email="new@example.com", code=message_codes(api)[0], password="Passw0rd!"
        )
        seen += [api.post("/api/v2/tag", name=f"tag {number}").content for number in range(5)]
        seen += [api.post("/api/v2/todo", title=f"task {number}").content for number in range(5)]
        return [*seen, api.get("/api/v2/todo").content, api.get("/api/v1/user/profile").content]

    assert story() == story()


def test_a_failed_request_does_not_change_what_comes_after(make_app: MakeApp) -> None:
    first, second = (Api(make_app()).sign_in("ann@example.com") for _ in range(2))
    assert second.post("/api/v2/todo", title="x", tags=["nothing"]).status_code == 400
    assert first.task() == second.task()


def test_reset_can_choose_other_seeds_seed_and_clock(nobody: Api) -> None:
    body = nobody.post(f"{CONTROL}/reset", seeds="minimal", seed=1, clock="2030-01-01T00:00:00Z").json
    assert (body["seeds"], body["seed"], body["counts"]["users"]) == ("minimal", 1, 1)
    assert body["clock"] == {"now": "2030-01-01T00:00:00.000Z", "mode": "frozen"}
    assert nobody.post(f"{CONTROL}/reset").json["counts"]["users"] == 3


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"seeds": "nonsense"}, ["seeds"]),
        ({"seeds": "/etc/passwd"}, ["seeds"]),
        ({"seed": "1"}, ["seed"]),
        ({"clock": "today"}, ["clock"]),
        ({"clok": "2030-01-01T00:00:00Z"}, ["clok"]),
        ({"clock": "0999-12-31T23:59:59Z"}, ["clock"]),
        ({"clock": "9001-01-01T00:00:00Z"}, ["clock"]),
        ({"seed": 2**63}, ["seed"]),
    ],
)
def test_a_bad_reset_changes_nothing(ann: Api, body: dict[str, Any], field: list[str]) -> None:
    ann.task("still here")
    assert fields_of(ann.post(f"{CONTROL}/reset", **body)) == [field]
    assert [task["title"] for task in ann.tasks()] == ["still here"]


def test_a_data_file_is_reset_to_the_seeds_it_was_made_with(make_app: MakeApp, tmp_path: Any) -> None:
    path = tmp_path / "data.json"
    first = Api(make_app(data=path, seeds="minimal", seed=5)).sign_in("demo@flowtask.test")
    before = first.get("/api/v2/projects").content
    first.task()
    sandboxes_of(first.app).close()
    again = Api(make_app(data=path, seeds="demo"))
    body = again.post(f"{CONTROL}/reset").json
    assert (body["seeds"], body["seed"], body["counts"]["todos"]) == ("minimal", 5, 0)
    assert again.sign_in("demo@flowtask.test").get("/api/v2/projects").content == before


# -- sessions


def test_a_session_is_started_without_a_password(nobody: Api) -> None:
    reply = nobody.post(f"{CONTROL}/sessions", email="OLI@example.com")
    assert reply.status_code == 201
    assert nobody.get("/api/v1/auth-check").json == {"isAuthenticated": True, "email": "oli@example.com"}
    body = reply.json
    assert body["cookie"] == f"connect.sid={body['value']}"
    assert reply.headers["Set-Cookie"].startswith(body["cookie"])
    assert body["expiresAt"] == "2026-03-11T12:00:00.000Z"
    other = Api(nobody.app)
    other.client.set_cookie(body["name"], body["value"])
    assert other.get("/api/v1/auth-check").json["email"] == "oli@example.com"


def test_sessions_of_one_or_of_all_are_ended(nobody: Api, ann: Api, ben: Api) -> None:
    assert nobody.call("DELETE", f"{CONTROL}/sessions", json={"email": "ann@example.com"}).json == {"ended": 1}
    assert (ann.get("/api/v2/todo").status_code, ben.get("/api/v2/todo").status_code) == (401, 200)
    assert nobody.call("DELETE", f"{CONTROL}/sessions", json={}).json == {"ended": 1}
    assert ben.get("/api/v2/todo").status_code == 401


def test_sessions_that_are_over_are_not_counted_as_ended(ann: Api) -> None:
    ann.put(f"{CONTROL}/clock", advance="P2D")
    assert ann.call("DELETE", f"{CONTROL}/sessions", json={}).json == {"ended": 0}


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_a_session_of_nobody_is_refused(nobody: Api, method: str) -> None:
    reply = nobody.call(method, f"{CONTROL}/sessions", json={"email": "no@example.com"})
    assert fields_of(reply) == [["email"]]


# -- outbox


def test_the_outbox_holds_the_message_with_the_code(nobody: Api) -> None:
    nobody.post("/api/v1/user/signup/send-otp", email="New@example.com")
    (message,) = nobody.get(f"{CONTROL}/outbox").json["messages"]
    assert list(message) == ["id", "to", "kind", "subject", "text", "code", "sentAt"]
    assert (message["to"], message["kind"]) == ("new@example.com", "sign-up-code")
    assert message["code"] in message["text"]
    assert message["sentAt"] == "2026-03-10T12:00:00.000Z"


def test_the_outbox_is_filtered_by_address_and_kind_oldest_first_and_cleared(nobody: Api) -> None:
    for email in ("a@example.com", "b@example.com", "a@example.com"):
        nobody.post("/api/v1/user/signup/send-otp", email=email)

    def seen(**query: str) -> list[str]:
        return [message["to"][0] for message in nobody.get(f"{CONTROL}/outbox", **query).json["messages"]]

    assert seen() == ["a", "b", "a"]
    assert seen(to="A@example.com") == ["a", "a"]
    assert seen(kind="sign-up-code", to="b@example.com") == ["b"]
    assert seen(kind="other") == []
    assert nobody.call("DELETE", f"{CONTROL}/outbox", json={}).json == {"deleted": 3}
    assert seen() == []


# -- clock


def change(api: Api, **body: Any) -> Reply:
    return api.put(f"{CONTROL}/clock", **body)


@pytest.mark.parametrize(
    ("body", "now"),
    [
        ({"advance": 90}, "2026-03-10T12:01:30.000Z"),
        ({"advance": 0.25}, "2026-03-10T12:00:00.250Z"),
        ({"advance": "PT5M"}, "2026-03-10T12:05:00.000Z"),
        ({"advance": "P1DT1H"}, "2026-03-11T13:00:00.000Z"),
        ({"advance": "P1W"}, "2026-03-17T12:00:00.000Z"),
        ({"advance": "-PT0.5S"}, "2026-03-10T11:59:59.500Z"),
        ({"advance": -60}, "2026-03-10T11:59:00.000Z"),
        ({"advance": "90"}, "2026-03-10T12:01:30.000Z"),
        ({"advance": "90s"}, "2026-03-10T12:01:30.000Z"),
        ({"advance": "5m"}, "2026-03-10T12:05:00.000Z"),
        ({"advance": "24h"}, "2026-03-11T12:00:00.000Z"),
        ({"advance": "1d"}, "2026-03-11T12:00:00.000Z"),
        ({"advance": "1h30m"}, "2026-03-10T13:30:00.000Z"),
        ({"advance": "-1.5s"}, "2026-03-10T11:59:58.500Z"),
        ({"advance": "250ms"}, "2026-03-10T12:00:00.250Z"),
        ({"freeze": "2027-01-01T00:00:00+01:00"}, "2026-12-31T23:00:00.000Z"),
        ({"freeze": "2030-01-31"}, "2030-01-31T00:00:00.000Z"),
        ({"set": "2030-01-31"}, "2030-01-31T00:00:00.000Z"),
        ({"set": "2027-01-01T00:00:00Z"}, "2027-01-01T00:00:00.000Z"),
    ],
)
def test_a_frozen_clock_moves_when_told(nobody: Api, body: dict[str, Any], now: str) -> None:
    assert change(nobody, **body).json == {"now": now, "mode": "frozen"}
    assert nobody.get(f"{CONTROL}/clock").json == {"now": now, "mode": "frozen"}


def test_everything_follows_the_clock(ann: Api) -> None:
    change(ann, set="2030-06-01T10:00:00Z")
    assert ann.get("/api/v2/todo").status_code == 401
    ann.sign_in("ann@example.com")
    assert ann.task()["createdAt"] == "2030-06-01T10:00:00.000Z"


def test_a_running_clock_is_shifted_and_comes_back(make_app: MakeApp) -> None:
    api = Api(make_app(clock=None))
    assert api.get(f"{CONTROL}/clock").json["mode"] == "real"
    shifted = change(api, set="2031-01-01T00:00:00Z").json
    assert (shifted["mode"], shifted["now"][:10]) == ("shifted", "2031-01-01")
    assert change(api, advance="P31D").json["now"][:10] == "2031-02-01"
    assert change(api, freeze="2032-01-01T00:00:00Z").json["mode"] == "frozen"
    assert api.call("DELETE", f"{CONTROL}/clock", json={}).json["mode"] == "real"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"freeze": "2027-01-01T00:00:00Z", "advance": 1},
        {"freeze": "2027-02-29"},
        {"freeze": "2027-1-1"},
        {"freeze": 5},
        {"freeze": "9999-12-31T23:59:59.999Z"},
        {"set": "0001-01-01T00:00:00Z"},
        {"advance": "5 minutes"},
        {"advance": True},
        {"advance": 1e300},
        {"advance": "P99999Y"},
        {"advance": "5M"},
        {"advance": "m"},
        {"advance": ""},
        {"advance": "-"},
        {"advance": "1e3"},
        {"advance": "30m1h"},
        {"advance": "٥m"},
        {"advance": "9" * 15 + "d"},
        {"advance": "P" + "9" * 400 + "D"},
        {"advance": "P1M"},
        {"advance": "P"},
        {"advance": "PT"},
        {"advance": "P1DT"},
        {"advance": 86400 * 366 * 9000},
        {"advance": [1]},
        {"stop": "now"},
    ],
)
def test_a_bad_change_of_the_clock_moves_nothing(nobody: Api, body: dict[str, Any]) -> None:
    assert change(nobody, **body).status_code == 400
    assert nobody.get(f"{CONTROL}/clock").json == {"now": "2026-03-10T12:00:00.000Z", "mode": "frozen"}


@pytest.mark.parametrize("clock", ["1000-01-01T00:00:00Z", "9000-12-31T23:59:59.999Z"])
@pytest.mark.parametrize("seeds", ["demo", "edge"])
def test_everything_works_at_the_ends_of_time(make_app: MakeApp, clock: str, seeds: str) -> None:
    api = Api(make_app(session_ttl=10**9))
    assert api.post(f"{CONTROL}/reset", clock=clock, seeds=seeds).status_code == 200
    assert api.post("/api/v1/user/signup/send-otp", email="new@example.com").status_code == 200
    api.sign_in("demo@flowtask.test").task(dueDate="9999-12-31", recurrenceRule={"pattern": "daily"})
    ids = ",".join(task["id"] for task in api.tasks())
    reply = api.call("PATCH", "/api/v2/todo/bulk", query_string={"todoIds": ids}, json={"completed": True})
    assert reply.status_code == 200
