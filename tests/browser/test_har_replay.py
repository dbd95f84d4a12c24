"""A session on mockflow, saved as HAR, is played back by Playwright with no server there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page

from mockflow.client import ControlClient
from mockflow.process import running_server

EMAIL = "demo@flowtask.test"
CALLS: list[dict[str, Any]] = [
    {"method": "POST", "path": "v1/user/signin", "body": {"email": EMAIL, "password": "Passw0rd!"}},
    {"method": "GET", "path": "v2/projects"},
    {"method": "POST", "path": "v2/todo", "body": {"title": "Grüße, \u2603"}},
    {"method": "POST", "path": "v2/todo", "body": {"title": " "}},
    {"method": "GET", "path": "v2/todo/search?q=gr%C3%BC%C3%9Fe"},
    {"method": "GET", "path": "v2/a%20b"},
    {"method": "GET", "path": "v2/tag"},
    {"method": "GET", "path": "v1/user/profile"},
    {"method": "GET", "path": "v2/tag/count"},
]
FAULTS: list[dict[str, Any]] = [
    {"match": {"operation": "listTags"}, "effect": {"status": 503, "retryAfter": 7}},
    {"match": {"operation": "getProfile"}, "effect": {"disconnect": "reset"}},
]
NO_ANSWER = [200, None, ""]
"""What Playwright makes of an entry with status 0."""
SEND = """async (calls) => {
    const answers = [];
    for (const { method, path, body } of calls) {
        const options = { method, signal: AbortSignal.timeout(5000) };
        if (body) options.headers = { "Content-Type": "application/json" };
        if (body) options.body = JSON.stringify(body);
        try {
            const answer = await fetch(`/api/${path}`, options);
            answers.push([answer.status, answer.headers.get("Retry-After"), await answer.text()]);
        } catch (error) {
            answers.push(error.name);
        }
    }
    return answers;
}"""


def opened(context: BrowserContext, url: str) -> Page:
    """An empty page of an origin."""
    context.route(f"{url}/", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
    page = context.new_page()
    page.goto(f"{url}/")
    return page


@pytest.fixture(scope="module")
def recorded(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path, list[Any]]:
    """The URL of a server that is gone, the HAR of what was sent to it, and what it answered."""
    with running_server() as url:
        for rule in FAULTS:
            ControlClient(url).call("POST", "faults", rule)
        with browser.new_context() as context:
            answers = opened(context, url).evaluate(SEND, CALLS)
        path = tmp_path_factory.mktemp("har") / "session.har"
        path.write_bytes(requests.get(f"{url}/_mockflow/requests.har", timeout=10).content)
    return url, path, answers


def test_playwright_gives_the_same_answers_and_is_not_stopped_by_a_broken_one(
    browser: Browser, recorded: tuple[str, Path, list[Any]]
) -> None:
    url, path, answers = recorded
    assert [one if isinstance(one, str) else one[0] for one in answers] == [
        200, 200, 201, 400, 200, 404, 503, "TypeError", 200,
    ]  # fmt: skip
    with browser.new_context() as context:
        context.route_from_har(path, not_found="abort")
        replayed = opened(context, url).evaluate(SEND, CALLS)
    for call, before, after in zip(CALLS, answers, replayed, strict=True):
        assert after == (NO_ANSWER if before == "TypeError" else before), call
