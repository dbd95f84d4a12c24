"""Rules that cannot be used: refused by every way in, naming the field, with the rules in force as they were."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from mockflow.errors import SettingsInvalid
from tests.conftest import MakeApp
from tests.running import Running, mockflow, serving
from tests.support import Api, fields_of

FAULTS = "/_mockflow/faults"
ERROR = {"status": 500}

BAD: list[tuple[dict[str, Any], list[Any], str]] = [
    ({"efect": ERROR, "effect": ERROR}, ["efect"], "no such key"),
    ({"match": {"operatoin": "createTask"}, "effect": ERROR}, ["match", "operatoin"], "no such key"),
    ({"effect": {"status": 500, "retry-after": 1}}, ["effect", "retry-after"], "no such key"),
    ({"latency": {"milliseconds": 5, "ms": 1}}, ["latency", "milliseconds"], "no such key"),
    ({"effect": ERROR, "hits": 1}, ["hits"], "no such key"),
    *(({"effect": {"status": status}}, ["effect", "status"], "") for status in (200, 399, 600, -1, 0, "500")),
    *(({"effect": {"status": status}}, ["effect", "status"], "") for status in (500.5, True, [500], 10**30)),
    *(({"effect": ERROR, "times": times}, ["times"], "") for times in (-1, 0, 1.5, "2", True)),
    *(({"effect": ERROR, "skip": skip}, ["skip"], "") for skip in (-1, 0.5, "1", True)),
    *(({"effect": ERROR, "probability": share}, ["probability"], "") for share in (0, 1.5, -0.1, "0.5", True)),
    *(({"effect": ERROR, "expiresAfter": seconds}, ["expiresAfter"], "") for seconds in (0, -1, "5", 1e30, True)),
    *(({"effect": ERROR, "phase": phase}, ["phase"], "before") for phase in ("during", "AFTER", "", 1)),
    *(({"effect": ERROR, "id": name}, ["id"], "") for name in ("", "a b", "a/b", "x" * 65, "é", 5, "a\n")),
    ({}, [], "Give effect, latency or both"),
    ({"times": 2}, [], "Give effect, latency or both"),
    ({"effect": {}}, ["effect"], "got none"),
    ({"effect": {"message": "alone"}}, ["effect"], "got none"),
    ({"effect": {"status": 500, "disconnect": "reset"}}, ["effect"], "got status and disconnect"),
    ({"effect": {"hang": 1, "malformed": True}}, ["effect"], "got hang and malformed"),
    ({"effect": {"disconnect": "reset", "message": "x"}}, ["effect"], "message goes with status"),
    ({"effect": {"hang": 1, "retryAfter": 1}}, ["effect"], "retryAfter goes with status"),
    ({"effect": {"malformed": True, "headers": {}}}, ["effect"], "headers goes with status"),
    ({"effect": {"expireSession": True, "body": {}}}, ["effect"], "body goes with status"),
    ({"effect": {"disconnect": "rst"}}, ["effect", "disconnect"], "reset"),
    *(({"effect": {"hang": seconds}}, ["effect", "hang"], "") for seconds in (-1, "1", 1e9, True)),
    *(({"effect": {"malformed": value}}, ["effect", "malformed"], "") for value in (False, "true", 1)),
    *(({"effect": {"expireSession": value}}, ["effect", "expireSession"], "") for value in (False, "true", 1)),
    *(
        ({"effect": {"status": 429, "retryAfter": after}}, ["effect", "retryAfter"], "")
        for after in (-1, 0.5, "1")
    ),
    ({"effect": {"status": 500, "headers": {"X-A": "a\r\nSet-Cookie: b"}}}, ["effect", "headers"], "X-A"),
    ({"effect": {"status": 500, "headers": {"X A": "a"}}}, ["effect", "headers"], "X A"),
    ({"effect": {"status": 500, "headers": {"X-A\r\n": "a"}}}, ["effect", "headers"], "X-A"),
    ({"effect": {"status": 500, "headers": {"Content-Length": "5"}}}, ["effect", "headers"], "Content-Length"),
    *(
        ({"effect": {"status": 500, "headers": {name: "a"}}}, ["effect", "headers"], name)
        for name in (
            "X-Mockflow-Request-Id",
            "x-mockflow-fault",
            "X-MOCKFLOW-Other",
            "content-length",
            "Transfer-Encoding",
            "connection",
            "Keep-Alive",
            "Upgrade",
            "Trailer",
            "TE",
            "Proxy-Connection",
            "Date",
            "Set-Cookie",
            "Vary",
            "Cache-Control",
            "Access-Control-Allow-Origin",
            "RateLimit-Limit",
        )
    ),
    *(
        ({"effect": {"status": 500, "headers": {"X-A": value}}}, ["effect", "headers"], "X-A")
        for value in ("a\rb", "a\nb", "a\r\n b", "\u20ac", "\x00", "\x7f")
    ),
    ({"effect": ERROR, "match": {"body": [1] * 1000}}, ["match", "body"], "1000 values"),
    (
        {"effect": ERROR, "match": {"body": {"a": {str(key): 1 for key in range(999)}}}},
        ["match", "body"],
        "1000 values",
    ),
    ({"effect": {"status": 500, "headers": {"X-A": 5}}}, ["effect", "headers", "X-A"], ""),
    ({"effect": "500"}, ["effect"], "object"),
    ({"effect": ERROR, "match": []}, ["match"], "object"),
    ({"latency": {}}, ["latency"], "delays nothing"),
    ({"latency": 200}, ["latency"], "object"),
    *(({"latency": {"ms": ms}}, ["latency", "ms"], "") for ms in (-1, "5", 1e9, True)),
    *(({"latency": {"ms": 5, "jitter": jitter}}, ["latency", "jitter"], "") for jitter in (-1, "5", 1e9)),
    ({"latency": {"ms": 5, "distribution": "normal"}}, ["latency", "distribution"], "lognormal"),
    ({"latency": {"jitter": 5, "distribution": "lognormal"}}, ["latency"], "needs ms"),
    *(({"latency": {"bytesPerSecond": rate}}, ["latency", "bytesPerSecond"], "") for rate in (0, -1, 0.5)),
    ({"match": {"operation": "createTsk"}, "effect": ERROR}, ["match", "operation"], "Did you mean createTask"),
    ({"match": {"operation": "CREATETASK"}, "effect": ERROR}, ["match", "operation"], "Did you mean createTask"),
    ({"match": {"operation": "zzz"}, "effect": ERROR}, ["match", "operation"], "mockflow routes"),
    ({"match": {"operation": 5}, "effect": ERROR}, ["match", "operation"], ""),
    *(
        ({"match": {"path": path}, "effect": ERROR}, ["match", "path"], "mockflow routes")
        for path in (
            "/api/v3/**",
            "/api/v2/todo/*/*",
            "/*",
            "api/v2/todo",
            "/_mockflow/**",
            "/api/v2/tod",
            "//**x",
        )
    ),
    ({"match": {"method": "FETCH"}, "effect": ERROR}, ["match", "method"], "GET"),
    ({"match": {"method": "OPTIONS"}, "effect": ERROR}, ["match", "method"], "GET"),
    ({"match": {"operation": "createTask", "method": "GET"}, "effect": ERROR}, ["match"], "POST"),
    ({"match": {"path": "/api/v2/todo/bulk", "method": "GET"}, "effect": ERROR}, ["match"], "DELETE or PATCH"),
    ({"match": {"operation": "createTag", "path": "/api/v2/todo/**"}, "effect": ERROR}, ["match"], "together"),
    ({"match": {"user": "nobody"}, "effect": ERROR}, ["match", "user"], ""),
]
bad = pytest.mark.parametrize(("rule", "field", "told"), BAD, ids=[str(rule)[:60] for rule, *_ in BAD])

FLAT = [
    ("status=200", "effect.status"),
    ("200", "effect.status"),
    ("status=abc", "status"),
    ("status=500; times=0", "times"),
    ("status=500; skip=-1", "skip"),
    ("status=500; probability=1.5", "probability"),
    ("status=500; probability=NaN", "probability"),
    ("status=500; latency=Infinity", "latency"),
    ("hang=-1", "effect.hang"),
    ("status=500; disconnect=reset", "status and disconnect"),
    ("disconnect=rst", "effect.disconnect"),
    ("disconnect=reset; retry-after=1", "retryAfter goes with status"),
    ("malformed=false", "effect.malformed"),
    ("operation=createTask", "Give effect"),
    ("status=500; operation=createTsk", "Did you mean createTask"),
    ("status=500; operation=createTask; method=GET", "POST"),
    ("status=500; path=/api/v3/**", "'/api/v3/**'"),
    ("status=500; phase=during", "phase"),
    ("status=500; colour=red", "'colour'"),
    ("status=500; status=501", "twice"),
    ("status", "key=value"),
    (";", "Expected a rule"),
    ("", "Expected a rule"),
]
flat = pytest.mark.parametrize(("text", "told"), FLAT, ids=[text or "empty" for text, _ in FLAT])

few = pytest.mark.parametrize(("text", "told"), FLAT[::12], ids=[text or "empty" for text, _ in FLAT[::12]])
"""For what starts a process each time."""


@pytest.fixture
def api(make_app: MakeApp) -> Api:
    """A client of an app with a rule in force."""
    return Api(make_app(faults=("id=kept; operation=signOut; 503",)))


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    """A server for the command line to drive."""
    with serving("--memory") as running:
        yield running


def in_force(api: Api) -> list[str]:
    return [rule["id"] for rule in api.get(FAULTS).json["faults"]]


@bad
def test_a_bad_rule_is_400_with_its_field_and_changes_nothing(
    api: Api, rule: dict[str, Any], field: list[Any], told: str
) -> None:
    reply = api.post(FAULTS, **rule)
    assert field in fields_of(reply)
    assert told in reply.json["message"]
    assert in_force(api) == ["kept"]


@bad
def test_a_list_with_a_bad_rule_is_refused_as_a_whole_and_says_which(
    api: Api, rule: dict[str, Any], field: list[Any], told: str
) -> None:
    reply = api.call("PUT", FAULTS, json=[{"id": "good", "effect": ERROR}, rule])
    assert any(path[-len(field) :] == field for path in fields_of(reply)) or not field
    assert reply.json["message"].startswith("Rule 1: ")
    assert told in reply.json["message"]
    assert in_force(api) == ["kept"]


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e999"])
@pytest.mark.parametrize("key", ["probability", "expiresAfter"])
def test_a_number_that_is_none_is_400(api: Api, key: str, value: str) -> None:
    body = f'{{"effect": {{"status": 500}}, "{key}": {value}}}'
    assert api.call("POST", FAULTS, data=body, content_type="application/json").status_code == 400
    assert in_force(api) == ["kept"]


@pytest.mark.parametrize(
    "content", [b"", b"{", b"null", b"5", b'"200"', b'"statu=500"', b'""', b"{}", b"[5]", b"[null]", b"[[]]"]
)
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_body_that_is_no_rule_is_400_and_changes_nothing(api: Api, method: str, content: bytes) -> None:
    reply = api.call(method, FAULTS, data=content, content_type="application/json")
    assert reply.status_code == 400, reply.text
    assert in_force(api) == ["kept"]


@flat
def test_a_bad_rule_in_a_header_is_400_and_the_operation_is_not_carried_out(
    api: Api, text: str, told: str
) -> None:
    api.sign_in("ann@example.com")
    reply = api.call("POST", "/api/v2/todo", json={"title": "a task"}, headers={"X-Mockflow-Fault": text})
    assert reply.status_code == 400
    assert told in reply.json["message"]
    assert reply.json["message"].startswith("The header X-Mockflow-Fault cannot be used: ")
    assert api.tasks() == []
    assert in_force(api) == ["kept"]


@pytest.mark.parametrize("key", ["skip=0", "times=1", "expires-after=5"])
def test_what_counts_requests_has_no_meaning_in_a_header(api: Api, key: str) -> None:
    reply = api.call("GET", "/api/v1/auth-check", headers={"X-Mockflow-Fault": f"500; {key}"})
    assert reply.status_code == 400
    assert "has no meaning" in reply.json["message"]


@pytest.mark.parametrize("code", ["200", "399", "600", "abc", "99999999999999999999", "\u0664\u0662\u0669"])
def test_a_status_that_cannot_be_preferred_is_400(api: Api, code: str) -> None:
    header = code.encode().decode("latin-1")
    reply = api.call("GET", "/api/v1/auth-check", headers={"Prefer": f"code={header}"})
    assert reply.status_code == 400
    assert reply.json["message"].startswith("The header Prefer cannot be used: ")
    assert fields_of(reply) == [["effect", "status"]]


@flat
def test_no_app_starts_with_a_bad_rule(make_app: MakeApp, text: str, told: str) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        make_app(faults=("503", text))
    assert told in str(caught.value)


@few
def test_a_bad_rule_stops_the_server_from_starting_with_one_line(text: str, told: str) -> None:
    run = mockflow("serve", "--memory", "--port", "0", "--fault", text)
    assert (run.returncode, run.stdout) == (2, "")
    (line,) = run.stderr.splitlines()
    assert told in line


def test_one_bad_line_of_the_variable_stops_the_server_from_starting() -> None:
    run = mockflow("serve", "--memory", "--port", "0", env={"MOCKFLOW_FAULT": "401; times=1\n200"})
    assert (run.returncode, run.stdout) == (2, "")
    (line,) = run.stderr.splitlines()
    assert "'200'" in line


def test_two_rules_with_one_id_stop_the_server_from_starting() -> None:
    run = mockflow("serve", "--memory", "--port", "0", "--fault", "401; id=a", "--fault", "500; id=a")
    assert (run.returncode, len(run.stderr.splitlines())) == (2, 1)


@few
def test_a_bad_rule_is_not_added_to_a_running_server(server: Running, text: str, told: str) -> None:
    run = mockflow("faults", "--url", server.url, "add", text)
    assert (run.returncode, run.stdout) == (2, "")
    (line,) = run.stderr.splitlines()
    assert told in line
    assert server.request("GET", FAULTS)[1] == {"faults": []}


def test_a_path_of_many_wildcards_that_matches_nothing_is_refused_at_once() -> None:
    path = "/" + "**/" * 200 + "nothing/nothing"
    run = mockflow("serve", "--memory", "--port", "0", "--fault", f"500; path={path}")
    assert (run.returncode, run.stdout, len(run.stderr.splitlines())) == (2, "", 1)


@pytest.mark.parametrize("wild", ["*" * 100, "*a" * 100, "**/" * 100])
def test_a_path_of_many_wildcards_keeps_no_request_waiting(wild: str) -> None:
    with serving("--memory") as running:
        fault = f"500; path=/api/v2/todo/{wild}x"
        status, _ = running.request("DELETE", f"/api/v2/todo/{'a' * 200}", X_Mockflow_Fault=fault)
        assert status in (400, 401)  # refused, or not the path it is for
