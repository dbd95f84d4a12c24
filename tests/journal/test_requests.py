"""What is kept of a request, how it is asked for, and how much room it may take."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest

from tests.conftest import MakeApp
from tests.journal.reading import CHECK, CONTROL, REQUESTS, SIGN_IN, TASKS, forget, ids, last, listed
from tests.support import Api, fields_of

ID = "X-Mockflow-Request-Id"
KIB, MIB = 1024, 1024 * 1024
PREFLIGHT = {"Origin": "http://localhost:5173", "Access-Control-Request-Method": "POST"}


def send(api: Api, body: bytes, path: str = TASKS, **headers: str) -> None:
    """A POST of some bytes that are called JSON."""
    api.client.post(path, data=body, content_type="application/json", headers=headers)


# -- fields


def test_a_request_is_kept_with_all_there_is_to_know(ann: Api) -> None:
    reply = ann.call("POST", f"{TASKS}?from=app&n=1", json={"title": "Buy milk"}, headers={"X-Trace": "7"})
    entry = ann.get(f"{REQUESTS}/{reply.headers[ID]}").json
    assert list(entry) == [
        "id", "time", "elapsedMs", "method", "path", "query", "operation", "user", "status", "durationMs", "fault",
        "error", "request", "response",
    ]  # fmt: skip
    assert 0 <= entry.pop("durationMs") < 60_000
    assert 0 <= entry.pop("elapsedMs") < 600_000
    sent, got = entry.pop("request"), entry.pop("response")
    assert entry == {
        "id": "req-2",
        "time": "2026-03-10T12:00:00.000Z",
        "method": "POST",
        "path": TASKS,
        "query": "from=app&n=1",
        "operation": "createTask",
        "user": "ann@example.com",
        "status": 201,
        "fault": None,
        "error": None,
    }
    assert sent == {
        "headers": sent["headers"], "body": {"title": "Buy milk"}, "bodySize": 21, "bodyCut": False,
    }  # fmt: skip
    assert sent["headers"]["X-Trace"] == "7"
    assert sent["headers"]["Content-Type"] == "application/json"
    assert got == {
        "headers": got["headers"], "body": reply.json, "bodySize": len(reply.content), "bodyCut": False,
    }  # fmt: skip
    assert got["headers"] == dict(reply.headers)


def test_the_time_is_that_of_the_sandbox(ann: Api) -> None:
    ann.put(f"{CONTROL}/clock", advance=90)
    ann.get(CHECK)
    assert last(ann)["time"] == "2026-03-10T12:01:30.000Z"


@pytest.mark.parametrize("fault", [None, "503", "503; phase=after", "expire-session=true; phase=after"])
def test_a_request_names_whose_session_it_came_with(ann: Api, ben: Api, nobody: Api, fault: str | None) -> None:
    headers = {} if fault is None else {"X-Mockflow-Fault": fault}
    for api, user in ((ben, "ben@example.com"), (ann, "ann@example.com"), (nobody, None)):
        api.client.get(TASKS, headers=headers)
        assert last(nobody)["user"] == user


def test_a_rule_that_fired_is_named(api: Api) -> None:
    api.post(f"{CONTROL}/faults", id="flaky", effect={"status": 502}, times=1)
    replies = [api.get(CHECK) for _ in range(2)]
    assert [(entry["fault"], entry["status"]) for entry in listed(api)] == [("flaky", 502), (None, 200)]
    assert listed(api)[0]["response"]["body"] == replies[0].json


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        (b"", None),
        (b'{"a": [1, null]}', {"a": [1, None]}),
        (b"[]", []),
        (b'"text"', "text"),
        (b"null", None),
        (b"0.5", 0.5),
        (b"plain", "plain"),
        ("{ü".encode(), "{ü"),
        (b"{\xff}", "{\N{REPLACEMENT CHARACTER}}"),
        (b"\x89PNG\0\0", None),
        # What Python takes for JSON and the API does not, or api could show as JSON again.
        (b"NaN", "NaN"),
        (b"[-Infinity]", "[-Infinity]"),
        (b"[1e999]", "[1e999]"),
        (b'["\\ud800"]', '["\\ud800"]'),
        (b'{"\\udfff": 1}', '{"\\udfff": 1}'),
        (b'["\\ud83d\\ude00"]', ["😀"]),
        (b"[18446744073709551615, -9223372036854775808]", [2**64 - 1, -(2**63)]),
        (b"[18446744073709551616]", [2.0**64]),
        (b"1" * 400, "1" * 400),
        (b"1" * 5000, "1" * 5000),
        (b"[" * 100 + b"]" * 100, json.loads("[" * 100 + "]" * 100)),
        (b"[" * 101 + b"]" * 101, "[" * 101 + "]" * 101),
        (b"[" + b'{"[": "]]"},' * 200 + b"1]", [*[{"[": "]]"}] * 200, 1]),
        (b'{"a":' * 300 + b"1" + b"}" * 300, '{"a":' * 300 + "1" + "}" * 300),
        (b"[" * 8000, "[" * 8000),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_a_body_is_shown_as_json_or_text_or_not_at_all(api: Api, content: bytes, shown: object) -> None:
    send(api, content)
    assert last(api)["request"] == {
        "headers": last(api)["request"]["headers"], "body": shown, "bodySize": len(content), "bodyCut": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("sent", "path", "query"),
    [
        ("/api/v2/t%6Fdo?q=%41+b", TASKS, "q=%41+b"),
        ("/api/%C3%BC", "/api/ü", ""),
        ("/api/%ff%fe?q=%ff", "/api/\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}", "q=%ff"),
        ("/api/a%0D%0Ab", "/api/a\r\nb", ""),
        ("/api/%ED%A0%80", "/api/" + "\N{REPLACEMENT CHARACTER}" * 3, ""),
        ("/api/%00", "/api/\0", ""),
    ],
)
def test_any_path_and_query_can_be_shown(api: Api, sent: str, path: str, query: str) -> None:
    api.client.get(sent)
    assert (last(api)["path"], last(api)["query"]) == (path, query)


# -- ids


ANSWERS: dict[str, tuple[str, str, dict[str, Any], int]] = {
    "success": ("GET", CHECK, {}, 200),
    "no session": ("GET", TASKS, {}, 401),
    "bad body": ("POST", SIGN_IN, {"json": {"email": 1}}, 400),
    "broken body": ("POST", SIGN_IN, {"data": "{", "content_type": "application/json"}, 400),
    "body too large": ("POST", SIGN_IN, {"data": b"1" * 200_000, "content_type": "application/json"}, 413),
    "no such path": ("GET", "/api/v9/nothing", {}, 404),
    "outside the API": ("GET", "/nothing", {}, 404),
    "no such method": ("DELETE", CHECK, {}, 404),
    "preflight": ("OPTIONS", TASKS, {"headers": PREFLIGHT}, 204),
    "other OPTIONS": ("OPTIONS", TASKS, {}, 404),
    "HEAD": ("HEAD", CHECK, {}, 200),
    "no such avatar": ("GET", "/avatars/nothing", {}, 404),
    "injected": ("GET", CHECK, {"headers": {"X-Mockflow-Fault": "503"}}, 503),
    "injected later": ("GET", CHECK, {"headers": {"X-Mockflow-Fault": "503; phase=after"}}, 503),
    "preferred": ("GET", CHECK, {"headers": {"Prefer": "code=429"}}, 429),
    "broken JSON": ("GET", CHECK, {"headers": {"X-Mockflow-Fault": "malformed=true"}}, 200),
    "bad fault": ("GET", CHECK, {"headers": {"X-Mockflow-Fault": "nonsense"}}, 400),
    "bad sandbox": ("GET", CHECK, {"headers": {"X-Mockflow-Sandbox": "No!"}}, 400),
    "bad sandbox in path": ("GET", f"/s/No!{CHECK}", {}, 400),
}


@pytest.mark.parametrize(("method", "path", "options", "status"), ANSWERS.values(), ids=ANSWERS)
def test_every_answer_names_its_entry(
    api: Api, method: str, path: str, options: dict[str, Any], status: int
) -> None:
    for number in (1, 2):
        response = api.client.open(path, method=method, **options)
        assert (response.status_code, response.headers[ID]) == (status, f"req-{number}")
        entry = api.get(f"{REQUESTS}/req-{number}").json
        assert (entry["method"], entry["status"]) == (method, status)
        assert path.endswith(entry["path"])
        assert entry["response"]["headers"][ID] == entry["id"]
        assert entry == last(api)


def test_an_answer_over_the_quota_is_kept(make_app: MakeApp) -> None:
    limited = Api(make_app(rate_limit=(1, 60)))
    assert [limited.get(CHECK).headers[ID] for _ in range(2)] == ["req-1", "req-2"]
    assert [entry["status"] for entry in listed(limited)] == [200, 429]


@pytest.mark.parametrize(
    ("path", "operation"),
    [(CHECK, "checkAuth"), (f"{TASKS}/x", None), ("/api/v9", None), ("/avatars/x", None)],
)
def test_only_paths_of_the_api_have_an_operation(api: Api, path: str, operation: str | None) -> None:
    api.client.get(path)
    assert last(api)["operation"] == operation


def test_an_id_of_no_request_is_not_found(api: Api) -> None:
    api.get(CHECK)
    for request_id in ("req-0", "req-2", "req-01", "1", "req-", "req-²", "verify", f"req-{'9' * 5000}"):
        reply = api.get(f"{REQUESTS}/{request_id}")
        assert reply.status_code == 404
        assert request_id[:50] in reply.json["message"]
        assert len(reply.json["message"]) < 200


def test_calls_of_the_control_api_are_not_journaled(api: Api) -> None:
    for path in ("health", "info", "requests", "accounts", "nothing"):
        assert ID not in api.get(f"{CONTROL}/{path}").headers
    assert ID not in api.post(f"{CONTROL}/sessions", email="ann@example.com").headers
    assert ID not in api.call("GET", f"{CONTROL}/info", headers={"Host": "evil.example.com"}).headers
    assert listed(api) == []
    assert api.get(f"{CONTROL}/info").json["requests"] == 0


# -- asking


@pytest.fixture
def asked(api: Api) -> Api:
    """A journal of five requests, a minute between them."""
    api.get(CHECK)
    api.put(f"{CONTROL}/clock", advance=60)
    api.post(TASKS, title="x")
    api.put(f"{CONTROL}/clock", advance=60)
    api.call("PATCH", f"{TASKS}/x1", json={})
    api.put(f"{CONTROL}/clock", advance=60)
    api.client.get("/elsewhere")
    api.put(f"{CONTROL}/clock", advance=60)
    api.client.get(f"{TASKS}/search?query=a")
    return api


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({}, "12345"),
        ({"method": "GET"}, "145"),
        ({"method": "get"}, "145"),
        ({"method": "DELETE"}, ""),
        ({"operation": "createTask"}, "2"),
        ({"operation": "signOut"}, ""),
        ({"status": "401"}, "235"),
        ({"status": "404"}, "4"),
        ({"path": TASKS}, "2"),
        ({"path": f"{TASKS}/"}, "2"),
        ({"path": f"{TASKS}/*"}, "35"),
        ({"path": f"{TASKS}/**"}, "235"),
        ({"path": "/else*"}, "4"),
        ({"path": "/**"}, "12345"),
        ({"path": "/nothing"}, ""),
        ({"status": "401", "path": f"{TASKS}/*", "method": "PATCH"}, "3"),
        ({"since": "req-0"}, "12345"),
        ({"since": "req-3"}, "45"),
        ({"since": "req-5"}, ""),
        ({"since": "req-99"}, ""),
        ({"since": "2026-03-10T12:02:00Z"}, "345"),
        ({"since": "2026-03-10T13:02:00.001+01:00"}, "45"),
        ({"limit": "1"}, "5"),
        ({"limit": "2"}, "45"),
        ({"limit": "999999999"}, "12345"),
        ({"limit": "1", "status": "401"}, "5"),
        ({"limit": "2", "since": "req-1", "status": "401"}, "35"),
    ],
)
def test_filters_choose_requests_oldest_first(asked: Api, query: dict[str, str], numbers: str) -> None:
    assert ids(asked, **query) == [f"req-{number}" for number in numbers]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"operation": "creatTask"}, "operation"),
        ({"status": "999"}, "status"),
        ({"status": "99"}, "status"),
        ({"status": "ok"}, "status"),
        ({"status": "4xx"}, "status"),
        ({"status": ["200", "201"]}, "status"),
        ({"path": "todo"}, "path"),
        ({"path": ""}, "path"),
        ({"path": "/" + "a" * 201}, "path"),
        ({"since": "yesterday"}, "since"),
        ({"since": "2026-03-10"}, "since"),
        ({"since": ""}, "since"),
        ({"since": f"req-{'9' * 5000}"}, "since"),
        ({"limit": "0"}, "limit"),
        ({"limit": "-1"}, "limit"),
        ({"limit": "1.0"}, "limit"),
        ({"limit": "²"}, "limit"),
        ({"limit": "9" * 5000}, "limit"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_filter_that_is_none_is_refused_by_name(api: Api, query: dict[str, Any], field: str) -> None:
    assert fields_of(api.call("GET", REQUESTS, query_string=query)) == [[field]]


def test_a_misspelt_operation_is_told_what_it_could_be(api: Api) -> None:
    assert "createTask" in api.get(REQUESTS, operation="creatTask").json["message"]


# -- forgetting


def test_deleting_forgets_requests_and_goes_on_counting(asked: Api) -> None:
    assert forget(asked) == 5
    assert forget(asked) == 0
    assert listed(asked) == []
    assert asked.get(CHECK).headers[ID] == "req-6"
    assert asked.get(f"{REQUESTS}/req-5").status_code == 404
    assert asked.get(f"{CONTROL}/info").json["requests"] == 6


def test_deleting_takes_no_orders(asked: Api) -> None:
    assert asked.call("DELETE", REQUESTS, json={"limit": 1}).status_code == 400
    assert len(listed(asked)) == 5


def test_a_reset_forgets_requests_and_counts_from_one(asked: Api) -> None:
    assert asked.get(f"{CONTROL}/info").json["requests"] == 5
    asked.post(f"{CONTROL}/reset")
    assert listed(asked) == []
    assert asked.get(f"{CONTROL}/info").json["requests"] == 0
    assert asked.get(CHECK).headers[ID] == "req-1"


def test_the_oldest_of_more_than_a_thousand_are_gone_and_counted(api: Api) -> None:
    for _ in range(1000):
        api.client.get(CHECK)
    assert api.get(REQUESTS, limit=1).json["evicted"] == 0
    assert ids(api)[0] == "req-1"
    for _ in range(3):
        api.client.get(CHECK)
    assert api.get(REQUESTS, limit=1).json["evicted"] == 3
    assert [ids(api)[place] for place in (0, -1)] == ["req-4", "req-1003"]
    assert len(listed(api)) == 1000
    assert "any more" in api.get(f"{REQUESTS}/req-3").json["message"]
    assert "any more" not in api.get(f"{REQUESTS}/req-1004").json["message"]
    forget(api)
    assert api.get(REQUESTS).json == {"requests": [], "evicted": 0}


# -- room


@pytest.mark.parametrize("size", [16 * KIB, 16 * KIB + 1, 99 * KIB, 101 * KIB, 9 * MIB])
def test_a_body_is_kept_up_to_16_kib(api: Api, size: int) -> None:
    send(api, b'"' + b"a" * (size - 2) + b'"')
    kept = last(api)["request"]
    assert (kept["bodySize"], kept["bodyCut"]) == (size, size > 16 * KIB)
    assert kept["body"] == ('"' + "a" * (16 * KIB - 1) if size > 16 * KIB else "a" * (size - 2))


def test_the_body_of_an_answer_is_kept_up_to_16_kib(api: Api) -> None:
    for size in (16 * KIB, 16 * KIB + 1):
        api.post(f"{CONTROL}/faults", id=f"of-{size}", effect={"status": 500, "body": "a" * (size - 2)}, times=1)
        api.client.get(CHECK)
    whole, cut = (entry["response"] for entry in listed(api))
    assert (whole["body"], whole["bodySize"], whole["bodyCut"]) == ("a" * (16 * KIB - 2), 16 * KIB, False)
    assert (cut["body"], cut["bodySize"], cut["bodyCut"]) == ('"' + "a" * (16 * KIB - 1), 16 * KIB + 1, True)


def test_headers_a_path_and_a_query_are_cut_as_well(api: Api) -> None:
    headers = {f"X-{number}": "a" * 1000 for number in range(100)}
    api.client.get("/" + "b" * 100_000, query_string="c" * 100_000, headers=headers)
    assert len(json.dumps(last(api))) < 52 * KIB


def test_only_the_newest_4_mib_have_what_was_sent(api: Api) -> None:
    body, query = b'"' + b"a" * (16 * KIB - 2) + b'"', "q" * (16 * KIB)
    for _ in range(300):
        send(api, body, f"{TASKS}?{query}")
    entries = listed(api)
    kept = [entry["id"] for entry in entries if entry["request"]["headers"]]
    assert 4 * MIB - 70 * KIB < len(kept) * 32.1 * KIB < 4 * MIB
    assert kept == [f"req-{number}" for number in range(301 - len(kept), 301)]  # the newest
    assert len(entries) == 300
    first = entries[0]
    assert (first["request"]["body"], first["request"]["bodySize"]) == (None, 16 * KIB)
    assert (first["request"]["bodyCut"], first["response"]["bodyCut"]) == (True, False)
    assert len(json.dumps(first)) < 4 * KIB
    for _ in range(1000):
        api.client.get(CHECK)
    for _ in range(100):
        send(api, body, f"{TASKS}?{query}")
    assert all(entry["request"]["headers"] for entry in listed(api))  # there is as much room again


def test_only_the_newest_2_mib_have_what_was_answered(api: Api) -> None:
    api.post(f"{CONTROL}/faults", effect={"status": 500, "body": "a" * (16 * KIB - 2)})
    for _ in range(300):
        api.client.get(CHECK)
    entries = listed(api)
    kept = [entry["id"] for entry in entries if entry["response"]["body"]]
    assert 2 * MIB - 40 * KIB < len(kept) * 16.2 * KIB <= 2 * MIB
    assert kept == [f"req-{number}" for number in range(301 - len(kept), 301)]
    assert all(entry["request"]["headers"] for entry in entries)


def test_an_upload_is_not_kept_but_its_size_is(ann: Api) -> None:
    image = b"\x89PNG\r\n\x1a\n" + b"pixel" * 1000
    ann.call("POST", "/api/v1/user/profile", data={"name": "Ann", "image": (BytesIO(image), "a.png")})
    kept = last(ann)["request"]
    assert (kept["body"], kept["bodyCut"]) == (None, True)
    assert kept["bodySize"] > len(image)


# -- sandboxes


def test_each_sandbox_has_a_journal_of_its_own(api: Api) -> None:
    api.get(CHECK)
    assert api.client.get(f"/s/red{CHECK}").headers[ID] == "req-1"
    assert api.client.get(CHECK, headers={"X-Mockflow-Sandbox": "blue"}).headers[ID] == "req-1"
    api.client.get(f"/s/blue{TASKS}")
    for box, paths in (("", [CHECK]), ("/s/red", [CHECK]), ("/s/blue", [CHECK, TASKS])):
        assert [entry["path"] for entry in api.get(f"{box}{REQUESTS}").json["requests"]] == paths
    assert api.call("DELETE", f"/s/blue{REQUESTS}", json={}).json == {"deleted": 2}
    api.post(f"/s/red{CONTROL}/reset")
    assert len(listed(api)) == 1
    assert api.client.get(f"/s/red{CHECK}").headers[ID] == "req-1"
    assert api.client.get(f"/s/blue{CHECK}").headers[ID] == "req-3"


def test_a_request_to_a_sandbox_that_cannot_be_is_in_the_journal_of_default(api: Api) -> None:
    api.client.get(f"/s/No!{CHECK}")
    assert (last(api)["path"], last(api)["status"]) == (CHECK, 400)


def test_a_fork_and_a_sandbox_made_anew_begin_with_an_empty_journal(api: Api) -> None:
    api.get(CHECK)
    api.post(f"{CONTROL}/sandboxes", **{"name": "copy", "from": "default"})
    assert api.get(f"/s/copy{REQUESTS}").json == {"requests": [], "evicted": 0}
    api.client.get(f"/s/copy{CHECK}")
    api.call("DELETE", f"{CONTROL}/sandboxes/copy", json={})
    assert api.get(f"/s/copy{REQUESTS}").json == {"requests": [], "evicted": 0}
