"""Queries of the control API: what is misspelt is refused, so that no call is about more than was meant."""

from __future__ import annotations

import pytest

from mockflow.app import create_app
from mockflow.settings import Settings
from tests.support import Api, fields_of

CONTROL = "/_mockflow"


def calls() -> list[tuple[str, str]]:
    """Every method and path of the control API; its pages, and the files it gives out, read no query."""
    rules = create_app(Settings(seeds="empty")).url_map.iter_rules()
    return sorted(
        (method, rule.rule.replace("<", "").replace(">", ""))
        for rule in rules
        if rule.rule.startswith(CONTROL) and not rule.endpoint.startswith(("pages.", "scripts."))
        for method in rule.methods or ()
    )


@pytest.mark.parametrize(("method", "path"), calls())
def test_no_call_takes_a_parameter_it_does_not_know(nobody: Api, method: str, path: str) -> None:
    reply = nobody.call(method, path, query_string={"too": "x"}, json=None if method in ("GET", "HEAD") else {})
    assert reply.status_code == 400
    if method != "HEAD":
        assert reply.json["errors"] == [
            {"path": ["too"], "message": reply.json["errors"][0]["message"], "code": "unrecognized_keys"}
        ]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("outbox?too=x", "Invalid query: too: There is no such parameter; there are to, kind."),
        (
            "requests?statsu=401",
            "Invalid query: statsu: There is no such parameter; "
            "there are method, path, operation, status, since, limit, text.",
        ),
        ("clock?now=1", "Invalid query: now: This call takes no parameters."),
    ],
)
def test_the_refusal_says_what_there_is(nobody: Api, path: str, message: str) -> None:
    assert nobody.call("GET", f"{CONTROL}/{path}").json["message"] == message


def test_every_offending_parameter_is_named(nobody: Api) -> None:
    reply = nobody.call("GET", f"{CONTROL}/requests?statsu=401&limit=1&limit=2&=x&Status=401")
    assert fields_of(reply) == [["statsu"], [""], ["Status"], ["limit"]]


@pytest.mark.parametrize(
    ("path", "query"),
    [("outbox", "to=a@example.com"), ("requests", "operation=requestSignUpCode"), ("sessions", "email=ben@x.de")],
)
def test_a_delete_with_a_filter_deletes_nothing(nobody: Api, ann: Api, path: str, query: str) -> None:
    for email in ("a@example.com", "b@example.com"):
        nobody.post("/api/v1/user/signup/send-otp", email=email)
    assert nobody.call("DELETE", f"{CONTROL}/{path}?{query}", json={}).status_code == 400
    assert len(nobody.get(f"{CONTROL}/outbox").json["messages"]) == 2
    assert len(nobody.get(f"{CONTROL}/requests").json["requests"]) == 3
    assert ann.get("/api/v2/todo").status_code == 200


def test_known_parameters_are_taken(nobody: Api, ann: Api) -> None:
    assert ann.get("/api/v2/tag").status_code == 200
    query = "method=GET&path=/api/v2/*&operation=listTags&status=200&since=req-1&limit=5"
    found = nobody.call("GET", f"{CONTROL}/requests?{query}").json["requests"]
    assert [entry["id"] for entry in found] == ["req-2"]


def test_the_queries_of_the_api_ignore_what_they_do_not_know(ann: Api) -> None:
    assert ann.get("/api/v2/todo", completd="true").status_code == 200
    assert ann.get("/api/v2/todo/search", q="x", limit="5").status_code == 200
    assert ann.get("/api/v2/tag", serach="x").status_code == 200
    assert ann.get("/api/v2/projects/personal", search="", x="1").status_code == 200
