"""What a test holds in the hand: `Mockflow`, its clock, its outbox, its faults, and what they say."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import requests

from mockflow.client import ControlClient
from mockflow.errors import ServerRefused, ServerUnreachable
from mockflow.testing import Mockflow
from tests.support import PASSWORD

ANN = "ann@example.com"
START = "2030-01-01T00:00:00.000Z"


def call(box: Mockflow, method: str, path: str, body: Any = None, email: str | None = ANN) -> requests.Response:
    """What a client under test does."""
    cookies = None if email is None else box.sign_in(email)
    return requests.request(method, f"{box.url}/api/{path}", json=body, cookies=cookies, timeout=20)


def add(box: Mockflow, title: str) -> int:
    return call(box, "POST", "v2/todo", {"title": title}).status_code


def check(box: Mockflow) -> int:
    return call(box, "GET", "v1/auth-check", email=None).status_code


def ask_for_code(box: Mockflow, email: str) -> None:
    assert call(box, "POST", "v1/user/signup/send-otp", {"email": email}, email=None).status_code == 200


# -- sessions


@pytest.mark.parametrize("email", [ANN, "oli@example.com", "OLI@example.com"])
def test_anybody_is_signed_in_without_a_password(box: Mockflow, email: str) -> None:
    assert list(box.sign_in(email)) == ["connect.sid"]
    assert call(box, "GET", "v1/auth-check", email=email).json() == {
        "isAuthenticated": True,
        "email": email.lower(),
    }


def test_nobody_else_is(box: Mockflow) -> None:
    with pytest.raises(ServerRefused, match=r"There is no account with the e-mail no@example\.com\."):
        box.sign_in("no@example.com")


# -- faults


def test_a_fault_is_in_force_inside_the_with(box: Mockflow) -> None:
    with box.fault(operation="createTask", status=429, retry_after=7, message="Slow down.", times=1) as fault:
        assert fault.hits == 0
        answer = call(box, "POST", "v2/todo", {"title": "x"})
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
        assert answer.json()["message"] == "Slow down."
        assert answer.headers["X-Mockflow-Fault"] == fault.id
        assert fault.hits == 1
        assert add(box, "y") == 201
    assert fault.hits == 1
    assert box.control.call("GET", "faults") == {"faults": []}


def test_a_fault_ends_where_the_test_fails(box: Mockflow) -> None:
    seen = []

    def fail() -> None:
        with box.fault(status=503) as fault:
            seen.append(fault)
            assert check(box) == 200

    with pytest.raises(AssertionError):
        fail()
    assert (check(box), seen[0].hits) == (200, 1)


def test_a_fault_can_be_ended_early_and_again(box: Mockflow) -> None:
    with box.fault(status=503) as fault:
        assert check(box) == 503
        fault.end()
        assert (check(box), fault.hits) == (200, 1)
        with box.fault(status=500):
            fault.end()
            assert check(box) == 500
    assert fault.hits == 1


def test_a_reset_inside_ends_a_fault(box: Mockflow) -> None:
    with box.fault(status=503) as fault:
        assert check(box) == 503
        box.reset()
        assert check(box) == 200
    assert fault.hits == 0


def test_a_fault_that_ran_out_tells_its_hits(box: Mockflow) -> None:
    with box.fault(status=503, expires_after=30) as fault:
        assert check(box) == 503
        box.clock.advance(30)
        assert check(box) == 200
    assert fault.hits == 1


def test_faults_nest(box: Mockflow) -> None:
    with box.fault(status=503, times=1) as first, box.fault(status=500) as second:
        assert [check(box), check(box)] == [503, 500]
    assert (first.hits, second.hits, check(box)) == (1, 1, 200)


def test_a_fault_has_the_id_it_is_given(box: Mockflow) -> None:
    with box.fault(id="its.own_id-1", status=503) as fault:
        assert (check(box), fault.id, fault.hits) == (503, "its.own_id-1", 1)
    assert check(box) == 200


def test_a_fault_after_the_fact(box: Mockflow) -> None:
    with (
        box.fault(operation="createTask", disconnect="empty", phase="after"),
        pytest.raises(requests.ConnectionError),
    ):
        add(box, "done all the same")
    assert "done all the same" in call(box, "GET", "v2/todo").text


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({"status": 200}, "fault(status=200): status: Input should be greater than or equal to 400."),
        (
            {"status": 503, "operation": "createTaks"},
            "fault(status=503, operation='createTaks'): operation: There is no operation 'createTaks'. "
            "Did you mean createTask, createTag, updateTasks?",
        ),
        ({"status": 503, "path": "/nowhere"}, ": path: No operation has a path like '/nowhere'"),
        (
            {"operation": "createTask"},
            "Give an effect (status, disconnect, hang, malformed or expire_session), latency or both: "
            "this rule does nothing.",
        ),
        ({"disconnect": "reset", "retry_after": 1}, ": retry_after goes with status, not with disconnect."),
        ({"status": 429, "retry_after": 1.5}, ": retry_after: Input should be a valid integer"),
        ({"distribution": "lognormal"}, ": Give latency, jitter or bytes_per_second: this delays nothing."),
        (
            {"status": 500, "expires_after": 0, "bytes_per_second": 0},
            "bytes_per_second: Input should be greater than or equal to 1. expires_after: Input should be gr",
        ),
    ],
)
def test_a_rule_that_cannot_be_is_refused_by_the_names_of_the_arguments(
    box: Mockflow, rule: Any, told: str
) -> None:
    with pytest.raises(ServerRefused, match=re.escape(told)) as refused, box.fault(**rule):
        raise AssertionError
    assert refused.value.status == 400
    assert box.control.call("GET", "faults") == {"faults": []}


def test_a_text_that_is_no_number_is_refused_too(box: Mockflow) -> None:
    wrong: Any = {"retry_after": "soon"}
    told = "fault(status=429, retry_after='soon'): retry_after cannot be 'soon': expected a number or true."
    with pytest.raises(ValueError, match=re.escape(told)):
        box.fault(status=429, **wrong)


def test_a_fault_needs_no_with(box: Mockflow) -> None:
    fault = box.fault(status=503)
    assert check(box) == 503
    fault.end()
    assert (check(box), fault.hits) == (200, 1)


# -- presets


def test_a_preset_is_in_force_inside_the_with(box: Mockflow) -> None:
    with box.preset("outage") as outage:
        assert check(box) == 503
        assert outage.hits == 1
    assert (check(box), outage.hits) == (200, 1)


def test_all_rules_of_a_preset_end_with_it(box: Mockflow) -> None:
    with box.fault(id="mine", status=500, skip=9), box.preset("flaky-network") as network:
        assert [fault.id for fault in network.faults] == ["flaky-network-reset", "flaky-network-truncate"]
        network.end()
        (left,) = box.control.call("GET", "faults")["faults"]
        assert left["id"] == "mine"
    assert box.control.call("GET", "faults") == {"faults": []}


def test_a_preset_that_is_misspelt_is_told_the_nearest(box: Mockflow) -> None:
    wrong: Any = "outtage"
    told = r"^preset\('outtage'\): There is no preset 'outtage'\. Did you mean outage\?$"
    with pytest.raises(ServerRefused, match=told):
        box.preset(wrong)


# -- the clock


EAST = timezone(timedelta(hours=2))


@pytest.mark.parametrize(
    ("moment", "now"),
    [
        ("2031-02-03T04:05:06Z", "2031-02-03T04:05:06.000Z"),
        ("2031-02-03T04:05:06+02:00", "2031-02-03T02:05:06.000Z"),
        (datetime(2031, 2, 3, 4, 5, 6, 789_000, tzinfo=UTC), "2031-02-03T04:05:06.789Z"),
        (datetime(2031, 2, 3, 4, 5, 6, tzinfo=EAST), "2031-02-03T02:05:06.000Z"),
    ],
)
def test_the_clock_is_frozen_set_and_reset_to_a_moment(box: Mockflow, moment: str | datetime, now: str) -> None:
    assert box.clock.now == START
    box.clock.freeze(moment)
    assert box.clock.now == now
    box.reset()
    box.clock.set(moment)
    assert box.clock.now == now
    box.reset(clock=moment)
    assert box.clock.now == now


@pytest.mark.parametrize(
    ("by", "now"),
    [
        (90, "2030-01-01T00:01:30.000Z"),
        (0.5, "2030-01-01T00:00:00.500Z"),
        ("PT5M", "2030-01-01T00:05:00.000Z"),
        (timedelta(days=1, milliseconds=1), "2030-01-02T00:00:00.001Z"),
        (-timedelta(seconds=1), "2029-12-31T23:59:59.000Z"),
    ],
)
def test_the_clock_advances(box: Mockflow, by: float | str | timedelta, now: str) -> None:
    box.clock.advance(by)
    assert box.clock.now == now


def test_the_clock_runs_again(box: Mockflow) -> None:
    box.clock.real()
    assert box.control.call("GET", "clock")["mode"] == "real"
    assert not box.clock.now.startswith("2030-01-01T00:00:00.0")


def test_a_moment_without_a_time_zone_is_no_moment(box: Mockflow) -> None:
    here = datetime(2031, 2, 3)  # noqa: DTZ001 - that is the point
    for change in (box.clock.freeze, box.clock.set, lambda at: box.reset(clock=at)):
        with pytest.raises(ValueError, match=r"no time zone, as in datetime\(2030, 1, 31, tzinfo=UTC\)"):
            change(here)
    assert box.clock.now == START


def test_what_is_no_moment_is_refused_in_the_servers_words(box: Mockflow) -> None:
    with pytest.raises(ServerRefused, match="expected an ISO 8601 date-time"):
        box.clock.freeze("tomorrow")
    with pytest.raises(ServerRefused, match="Expected seconds as a number"):
        box.clock.advance("5 minutes")


def test_a_session_ends_when_its_day_is_over(box: Mockflow) -> None:
    cookies = box.sign_in(ANN)
    box.clock.advance("P1D")
    assert requests.get(f"{box.url}/api/v2/todo", cookies=cookies, timeout=20).status_code == 401


# -- the outbox


def test_the_newest_code_is_the_one(box: Mockflow) -> None:
    for email in ("new@example.com", "other@example.com", "new@example.com"):
        ask_for_code(box, email)
    old, _, new = box.outbox.messages()
    assert box.outbox.code_for("new@example.com") == box.outbox.code_for("New@Example.com") == new.code
    assert [message.code for message in box.outbox.messages(to="new@example.com")] == [old.code, new.code]
    assert (new.to, new.kind, new.sent_at) == ("new@example.com", "sign-up-code", datetime(2030, 1, 1, tzinfo=UTC))
    assert len(box.outbox.messages(kind="sign-up-code")) == 3
    assert box.outbox.messages(kind="sign-up-code", to="a+b@example.com") == []


def test_a_missing_code_says_whom_there_are_messages_for(box: Mockflow) -> None:
    with pytest.raises(AssertionError, match=r"^The outbox has no code for a\+b@example.com: it is empty\.$"):
        box.outbox.code_for("a+b@example.com")
    for email in ("c@example.com", "b@example.com", "c@example.com"):
        ask_for_code(box, email)
    told = r"has no code for a@example\.com: there are messages to b@example\.com, c@example\.com\.$"
    with pytest.raises(AssertionError, match=told):
        box.outbox.code_for("a@example.com")


# -- the journal


def test_requests_are_filtered(box: Mockflow) -> None:
    add(box, "one")
    box.clock.advance(60)
    check(box)
    call(box, "POST", "v2/todo", {})

    def ids(**wanted: Any) -> list[str]:
        return [entry.id.removeprefix("req-") for entry in box.requests(**wanted)]

    assert ids() == ["1", "2", "3"]
    assert ids(operation="createTask") == ids(method="POST") == ids(path="/api/v2/**") == ["1", "3"]
    assert ids(operation="createTask", status=400) == ids(limit=1) == ["3"]
    assert ids(text="ONE") == ["1"]
    later = datetime(2030, 1, 1, 0, 1, tzinfo=UTC)
    assert ids(since="req-1") == ids(since="2030-01-01T00:01:00Z") == ids(since=later) == ["2", "3"]


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ({"status": "many"}, "status: Expected a whole number"),
        ({"operation": "createTaks"}, "createTask"),
        ({"limit": 0}, "limit"),
    ],
)
def test_a_filter_that_cannot_be_is_refused(box: Mockflow, wanted: Any, told: str) -> None:
    with pytest.raises(ServerRefused, match=told):
        box.requests(**wanted)


def test_recent_tells_of_the_last_requests(box: Mockflow) -> None:
    assert box.recent() == "There were no requests."
    add(box, "ä" * 400)
    call(box, "GET", "v2/todo/search?q=a%20b", email=None)
    with box.fault(id="gone", disconnect="reset"), pytest.raises(requests.ConnectionError):
        check(box)
    sent = '    sent {"title": "' + "ä" * 289 + "…"
    lines = box.recent().splitlines()
    assert lines[:2] == ["req-1 POST /api/v2/todo -> 201 operation=createTask user=ann@example.com", sent]
    assert lines[3] == "req-2 GET /api/v2/todo/search?q=a%20b -> 401 operation=searchTasks"
    assert lines[5:7] == [
        "req-3 GET /api/v1/auth-check -> no answer operation=checkAuth fault=gone",
        "    The fault gone reset the connection.",
    ]
    assert box.recent(1).splitlines() == lines[5:]


# -- assert_called


def failure(box: Mockflow, **asked: Any) -> str:
    """What `assert_called` says."""
    with pytest.raises(AssertionError) as caught:
        box.assert_called(**asked)
    return str(caught.value)


def test_queries_and_headers_can_be_asked_for(box: Mockflow) -> None:
    url = f"{box.url}/api/v2/todo/search?q=milk&tag=a&tag=b"
    requests.get(url, headers={"Accept-Language": "de"}, timeout=20)
    box.assert_called(query={"q": "milk"}, headers={"accept-language": "de"}, count=1)
    box.assert_called(query={"tag": ["a", "b"]})
    box.assert_not_called(query={"q": "eggs"})
    told = failure(box, query={"q": "eggs"}, headers={"accept-language": "fr"})
    assert "- query.q is 'milk', expected 'eggs'" in told
    assert "- headers.accept-language is 'de', expected 'fr'" in told


def test_what_must_not_be_sent_is_shown_where_it_was(box: Mockflow) -> None:
    box.assert_not_called(operation="checkAuth")
    check(box)
    with pytest.raises(AssertionError, match="1 of 1 requests in the journal match, expected exactly 0") as caught:
        box.assert_not_called(operation="checkAuth")
    assert "  req-1 GET /api/v1/auth-check -> 200 operation=checkAuth" in str(caught.value)


def test_what_was_sent_before_can_be_forgotten(box: Mockflow) -> None:
    check(box)
    box.forget()
    box.assert_not_called()
    check(box)
    assert [entry.id for entry in box.requests()] == ["req-2"]


def test_so_many_requests_have_to_match(box: Mockflow) -> None:
    add(box, "one")
    add(box, "two")
    create: Any = {"operation": "createTask"}
    box.assert_called()
    box.assert_called(**create, count=2)
    box.assert_called(**create, at_least=1, at_most=2)
    box.assert_called(**create, at_least=0)
    box.assert_called(method="post", path="/api/*/todo", status=201, body={"title": "two"}, count=1)
    box.assert_called(operation="deleteTask", count=0)
    for bounds, told in (
        ({"count": 1}, "exactly 1"),
        ({"count": 0}, "exactly 0"),
        ({"at_least": 3}, "at least 3"),
        ({"at_most": 1}, "at most 1"),
        ({"at_least": 3, "at_most": 5}, "3 to 5"),
    ):
        assert f"2 of 2 requests in the journal match, expected {told}." in failure(box, **create, **bounds)


@pytest.mark.parametrize("bounds", [{"at_least": 1}, {"at_most": 0}, {"at_least": 0, "at_most": 1}])
def test_a_count_and_bounds_do_not_go_together(box: Mockflow, bounds: Any) -> None:
    with pytest.raises(TypeError, match="Give count, or at_least and at_most, not both"):
        box.assert_called(count=1, **bounds)


def test_a_miss_is_told_field_by_field(box: Mockflow) -> None:
    call(box, "POST", "v2/todo", {"title": "one", "tags": []})
    call(box, "GET", "v2/tag?ids=x", email=None)
    asked = {"operation": "createTask", "status": 201, "body": {"title": "two", "tags": ["x"], "color": None}}
    assert failure(box, **asked) == "\n".join(
        [
            "operation='createTask', status=201, body={'title': 'two', 'tags': ['x'], 'color': None}: "
            "0 of 2 requests in the journal match, expected at least 1.",
            "Closest:",
            "  req-1 POST /api/v2/todo -> 201 operation=createTask user=ann@example.com",
            "      operation = 'createTask'",
            "      status = 201",
            "    - body.title is 'one', expected 'two'",
            "    - body.tags is [], expected ['x']",
            "    - body.color is not there, expected None",
            "  req-2 GET /api/v2/tag?ids=x -> 401 operation=listTags",
            "    - operation is 'listTags', expected 'createTask'",
            "    - status is 401, expected 201",
            "    - body is None, expected {'title': 'two', 'tags': ['x'], 'color': None}",
        ]
    )


def test_a_miss_among_no_requests(box: Mockflow) -> None:
    assert failure(box) == "any request: 0 of 0 requests in the journal match, expected at least 1."


def test_too_many_are_shown(box: Mockflow) -> None:
    check(box)
    assert failure(box, path="/api/v1/*", count=0).splitlines()[1:] == [
        "Closest:",
        "  req-1 GET /api/v1/auth-check -> 200 operation=checkAuth",
        "      path = '/api/v1/auth-check'",
    ]


def test_a_body_that_was_not_kept_whole_is_said(box: Mockflow) -> None:
    call(box, "POST", "v2/todo", {"title": "x", "description": "y" * 20_000})
    told = failure(box, body={"title": "x"}).splitlines()[-1]
    assert re.fullmatch(r"    - body expected \{'title': 'x'\}: The journal .+\.", told), told


# -- the whole


def test_reset_goes_back_or_elsewhere(box: Mockflow) -> None:
    add(box, "one")
    ask_for_code(box, "new@example.com")
    box.reset()
    assert (box.requests(), box.outbox.messages()) == ([], [])
    box.reset(seeds="minimal", seed=7, clock="2031-01-01T00:00:00Z")
    info = box.control.call("GET", "info")
    assert (info["seeds"], info["seed"], info["clock"]["now"]) == ("minimal", 7, "2031-01-01T00:00:00.000Z")
    with pytest.raises(ServerRefused, match="nonsense"):
        box.reset(seeds="nonsense")


def test_a_snapshot_brings_back_what_was(box: Mockflow) -> None:
    add(box, "one")
    box.snapshot("before-it")
    add(box, "two")
    box.clock.advance("1d")
    box.restore("before-it")
    assert box.clock.now == START
    assert [row for row in box.rows() if '"two"' in row] == []
    assert len(box.requests(operation="createTask")) == 2
    with pytest.raises(ServerRefused, match="There is no snapshot 'befor'"):
        box.restore("befor")


def test_the_accounts_are_those_of_the_seeds(box: Mockflow) -> None:
    ann, *others = box.accounts
    assert (ann.email, ann.password, ann.provider) == (ANN, PASSWORD, None)
    assert [account.provider for account in others] == [None, "google"]
    assert all(account.purpose for account in box.accounts)


def test_any_other_call_can_be_made(box: Mockflow) -> None:
    box.control.call("PUT", "faults", [{"effect": {"status": 500, "body": "<html>"}}])
    assert check(box) == 500


def test_a_server_that_is_not_there_is_said(box: Mockflow) -> None:
    nowhere = Mockflow(ControlClient("http://localhost:1"))
    with pytest.raises(ServerUnreachable, match=r"http://localhost:1/_mockflow/clock: .*refused"):
        nowhere.clock.real()
    with pytest.raises(ServerRefused, match="needs Authorization: Bearer"):
        Mockflow(ControlClient(box.url)).sign_in(ANN)
