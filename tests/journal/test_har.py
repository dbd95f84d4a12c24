"""`GET requests.har`: HAR 1.2, broken answers as Chrome writes them; and `text=`."""

from __future__ import annotations

from typing import Any

import pytest

from tests.running import Running, serving
from tests.support import Api

HAR = "/_mockflow/requests.har"


def entries(api: Api) -> list[Any]:
    log = api.get(HAR).json["log"]
    assert (log["version"], log["creator"]["name"]) == ("1.2", "mockflow")
    found: list[Any] = log["entries"]
    return found


def test_a_request_is_there_with_all_that_har_asks_for(ann: Api) -> None:
    ann.call("DELETE", "/_mockflow/requests", json={})
    ann.get("/api/v2/todo", completed="true", tagIds="")
    ann.task("Buy milk")
    listed, made = entries(ann)
    assert listed["request"]["url"] == "http://localhost/api/v2/todo?completed=true&tagIds="
    assert listed["request"]["queryString"] == [
        {"name": "completed", "value": "true"}, {"name": "tagIds", "value": ""},
    ]  # fmt: skip
    assert (made["response"]["status"], made["response"]["statusText"]) == (201, "Created")
    assert made["request"]["postData"] == {"mimeType": "application/json", "text": '{"title": "Buy milk"}'}
    assert '"title":"Buy milk"' in made["response"]["content"]["text"]
    for entry in (listed, made):
        assert {"startedDateTime", "time", "request", "response", "cache", "timings"} <= set(entry)
        assert set(entry["timings"]) == {"send", "wait", "receive"}
        for part in (entry["request"], entry["response"]):
            assert {"httpVersion", "cookies", "headers", "headersSize", "bodySize"} <= set(part)


def test_a_body_is_there_letter_by_letter_or_not_at_all(nobody: Api) -> None:
    odd = '{ "email":"ann@example.com",\n "n":1.0 }'
    nobody.call("POST", "/api/v1/user/signup/send-otp", data=odd, headers={"Content-Type": "application/json"})
    nobody.post("/api/v1/user/signin", email="ann@example.com", password="Passw0rd!")
    asked, signed_in = (entry["request"] for entry in entries(nobody))
    assert asked["postData"]["text"] == odd
    assert "postData" not in signed_in
    assert "secret" in signed_in["comment"]


@pytest.mark.parametrize("path", ["/api/v2/a%20b/%C3%BC", "/api/v2/todo%2Fx", "/api/v2/100%25", "/api/v2/it's(1)"])
def test_an_address_is_written_as_it_was_sent(nobody: Api, path: str) -> None:
    nobody.get(path)
    assert entries(nobody)[0]["request"]["url"] == f"http://localhost{path}"


@pytest.fixture(scope="module")
def server() -> Any:
    with serving("--memory") as running:
        yield running


@pytest.mark.parametrize(
    ("effect", "error"),
    [
        ({"disconnect": "reset"}, "net::ERR_CONNECTION_RESET"),
        ({"disconnect": "empty"}, "net::ERR_EMPTY_RESPONSE"),
        ({"disconnect": "truncate"}, "net::ERR_CONTENT_LENGTH_MISMATCH"),
        ({"disconnect": "garbage"}, "net::ERR_INVALID_HTTP_RESPONSE"),
    ],
    ids=["reset", "empty", "truncate", "garbage"],
)
def test_what_a_fault_broke_is_written_as_chrome_does(server: Running, effect: Any, error: str) -> None:
    server.request("POST", "/_mockflow/reset", {})
    server.request("POST", "/_mockflow/faults", {"effect": effect})
    with server.socket() as connection:
        connection.sendall(b"GET /api/v1/auth-check HTTP/1.1\r\nHost: localhost\r\n\r\n")
        try:
            while connection.recv(1000):
                pass
        except ConnectionResetError:
            pass
    (entry,) = server.request("GET", HAR)[1]["log"]["entries"]
    assert (entry["response"]["status"], entry["response"]["_error"]) == (0, error)


@pytest.mark.parametrize(
    ("text", "count"),
    [("buy MILK", 1), ("auth-check", 1), ("completed=", 1), ("grün", 1), ("nowhere", 0), ("sucessfully", 1)],
)
def test_a_text_is_looked_for_in_path_query_and_bodies(ann: Api, text: str, count: int) -> None:
    ann.call("DELETE", "/_mockflow/requests", json={})
    ann.get("/api/v1/auth-check")
    ann.get("/api/v2/todo", completed="true")
    ann.task("Buy milk", description="Grün")
    assert len(ann.get("/_mockflow/requests", text=text).json["requests"]) == count
