"""The rate limit: a real quota, on the clock of the sandbox."""

from __future__ import annotations

import pytest

from tests.conftest import MakeApp
from tests.support import Api, Reply

CONTROL = "/_mockflow"
CHECK = "/api/v1/auth-check"
LIMIT, SECONDS = 5, 60


@pytest.fixture
def api(make_app: MakeApp) -> Api:
    """A client of an app that allows 5 requests in 60 seconds."""
    return Api(make_app(rate_limit=(LIMIT, SECONDS)))


def standing(reply: Reply) -> tuple[int, int, int]:
    """Limit, remaining and reset as the headers tell."""
    limit, remaining, reset = (int(reply.headers[f"RateLimit-{name}"]) for name in ("Limit", "Remaining", "Reset"))
    return limit, remaining, reset


def advance(api: Api, seconds: float) -> None:
    assert api.put(f"{CONTROL}/clock", advance=seconds).status_code == 200


def used_up(api: Api) -> Reply:
    """Ask until it is refused."""
    statuses = [api.get(CHECK).status_code for _ in range(LIMIT)]
    assert statuses == [200] * LIMIT
    reply = api.get(CHECK)
    assert reply.status_code == 429, reply.text
    return reply


def signed_in(api: Api, email: str) -> Api:
    other = Api(api.app)
    assert other.post(f"{CONTROL}/sessions", email=email).status_code == 201
    return other


def test_every_answer_tells_how_it_stands(api: Api) -> None:
    assert [standing(api.get(CHECK)) for _ in range(LIMIT)] == [(5, left, 60) for left in (4, 3, 2, 1, 0)]
    advance(api, 20)
    refused = api.get(CHECK)
    assert (refused.status_code, standing(refused)) == (429, (5, 0, 40))


def test_past_the_limit_comes_429_in_the_documented_shape(api: Api) -> None:
    reply = used_up(api)
    assert reply.headers["Retry-After"] == reply.headers["RateLimit-Reset"] == "60"
    assert "5 in 60 seconds" in reply.json["message"]
    assert "X-Mockflow-Fault" not in reply.headers


@pytest.mark.parametrize("asked_again", [0, 1, 20])
@pytest.mark.parametrize("late", [0, 0.25, 30, 59.999])
def test_who_waits_exactly_as_long_as_told_gets_through(make_app: MakeApp, late: float, asked_again: int) -> None:
    api = Api(make_app(rate_limit=(LIMIT, SECONDS)))
    used_up(api)
    advance(api, late)
    for _ in range(asked_again):
        assert api.get(CHECK).status_code == 429
    wait = int(api.get(CHECK).headers["Retry-After"])
    assert 1 <= wait <= SECONDS
    advance(api, wait)
    reply = api.get(CHECK)
    assert (reply.status_code, standing(reply)) == (200, (5, 4, 60))


def test_who_does_not_wait_as_long_is_refused_again(api: Api) -> None:
    wait = int(used_up(api).headers["Retry-After"])
    advance(api, wait - 1)
    assert api.get(CHECK).headers["Retry-After"] == "1"


def test_each_session_has_a_quota_of_its_own(api: Api) -> None:
    ann, again, ben = (signed_in(api, f"{name}@example.com") for name in ("ann", "ann", "ben"))
    used_up(ann)
    for other in (again, ben, api):
        assert standing(other.get(CHECK)) == (5, 4, 60)


def test_without_a_session_an_address_has_one(api: Api) -> None:
    used_up(api)
    other = Api(api.app)
    other.client.set_cookie("connect.sid", "nonsense")
    assert other.get(CHECK).status_code == 429
    elsewhere = api.call("GET", CHECK, environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert (elsewhere.status_code, standing(elsewhere)) == (200, (5, 4, 60))


def test_errors_and_unknown_routes_count_and_tell_it_too(api: Api) -> None:
    replies = [api.get("/api/v2/todo"), api.get("/api/v2/nothing"), api.post("/api/v1/user/signin", email="x")]
    assert [reply.status_code for reply in replies] == [401, 404, 400]
    assert [standing(reply)[1] for reply in replies] == [4, 3, 2]


def test_a_faulted_answer_counts_and_tells_it_too(make_app: MakeApp) -> None:
    api = Api(make_app(rate_limit=(2, 60), faults=("503",)))
    replies = [api.get(CHECK) for _ in range(3)]
    assert [reply.status_code for reply in replies] == [503, 503, 429]
    assert [standing(reply)[1] for reply in replies] == [1, 0, 0]


def test_what_is_refused_is_not_carried_out(api: Api) -> None:
    ann = signed_in(api, "ann@example.com")
    for number in range(LIMIT + 1):
        reply = ann.post("/api/v2/todo", title=f"task {number}")
    assert reply.status_code == 429
    advance(api, SECONDS)
    assert len(ann.tasks()) == LIMIT


def test_control_calls_and_preflights_are_not_counted(api: Api) -> None:
    preflight = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "GET"}
    for _ in range(LIMIT + 1):
        control = api.get(f"{CONTROL}/info")
        asked = api.call("OPTIONS", CHECK, headers=preflight)
        assert (control.status_code, asked.status_code) == (200, 204)
        assert not [name for reply in (control, asked) for name in reply.headers if "RateLimit" in str(name)]
    assert standing(api.get(CHECK)) == (5, 4, 60)


def test_a_page_may_read_how_it_stands(api: Api) -> None:
    for status in [200] * LIMIT + [429]:
        reply = api.call("GET", CHECK, headers={"Origin": "http://localhost:3000"})
        assert reply.status_code == status
        assert reply.headers["Access-Control-Allow-Origin"] == "http://localhost:3000"
        exposed = reply.headers["Access-Control-Expose-Headers"]
        assert {"RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"} <= set(exposed.split(", "))
        assert ("Retry-After" in exposed) == (status == 429)


def test_a_reset_forgets_what_was_counted(api: Api) -> None:
    used_up(api)
    api.post(f"{CONTROL}/reset")
    assert standing(api.get(CHECK)) == (5, 4, 60)


def test_a_clock_set_back_locks_nobody_out(api: Api) -> None:
    used_up(api)
    advance(api, -3600)
    assert standing(api.get(CHECK)) == (5, 4, 60)


def test_without_a_limit_nothing_is_told(nobody: Api) -> None:
    for _ in range(70):
        reply = nobody.get(CHECK)
        assert reply.status_code == 200
    assert not [name for name, _ in reply.headers if name.startswith("RateLimit")]
