"""The live list of requests, one of them in full, and the ways to send it again."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import requests
from playwright.sync_api import expect

from mockflow.testing import Mockflow
from tests.browser.conftest import OpenConsole
from tests.browser.watching import Console
from tests.suites import LEAN, run

TITLE = 'It\'s "quoted" $HOME `id` \\ \u202e {x} – \u00e9\u0007'


def listed(console: Console) -> list[str]:
    return console.page.locator("button.row").all_inner_texts()


def test_a_request_appears_by_itself_with_what_there_is_to_know(console: Console, sandbox: Mockflow) -> None:
    expect(console.page.get_by_text("No requests yet.")).to_be_visible()
    cookies = sandbox.sign_in("demo@flowtask.test")
    requests.get(f"{sandbox.url}/api/v2/todo?completed=false", cookies=cookies, timeout=10)
    row = console.row("/api/v2/todo?completed=false")
    for text in ("GET", "200", "ms", "listTasks", "demo@flowtask.test"):
        expect(row).to_contain_text(text)


def test_the_newest_is_first(console: Console, sandbox: Mockflow) -> None:
    for path in ("auth-check", "user/profile"):
        requests.get(f"{sandbox.url}/api/v1/{path}", timeout=10)
    expect(console.row("/api/v1/user/profile")).to_be_visible()
    assert listed(console) == ["/api/v1/user/profile", "/api/v1/auth-check"]


def test_what_came_before_it_was_opened_is_there_too(sandbox: Mockflow, console: Console) -> None:
    requests.get(f"{sandbox.url}/api/v1/auth-check", timeout=10)
    expect(console.row("/api/v1/auth-check")).to_have_count(1)
    console.page.reload()
    expect(console.row("/api/v1/auth-check")).to_have_count(1)


def test_it_can_be_filtered_by_text_and_status(console: Console, sandbox: Mockflow) -> None:
    requests.get(f"{sandbox.url}/api/v1/auth-check", timeout=10)
    requests.get(f"{sandbox.url}/api/v2/todo", timeout=10)
    requests.get(f"{sandbox.url}/api/v2/projects", timeout=10)
    expect(console.page.locator("button.row")).to_have_count(3)
    console.field("Status").select_option("4xx")
    expect(console.page.locator("button.row")).to_have_text(["/api/v2/projects", "/api/v2/todo"])
    console.field("Filter").fill("get TODO")
    expect(console.page.locator("button.row")).to_have_text(["/api/v2/todo"])
    expect(console.page.get_by_text("1 of 3")).to_be_visible()
    console.field("Filter").fill("sign in FIRST")  # words of the answers' bodies
    expect(console.page.locator("button.row")).to_have_text(["/api/v2/projects", "/api/v2/todo"])
    console.field("Filter").fill("nothing has this")
    console.button("Show all").click()
    expect(console.page.locator("button.row")).to_have_count(3)


def test_a_paused_list_stands_still_and_loses_nothing(console: Console, sandbox: Mockflow) -> None:
    console.button("Pause").click()
    requests.get(f"{sandbox.url}/api/v1/auth-check", timeout=10)
    console.button("Paused, 1 new").click()
    expect(console.row("/api/v1/auth-check")).to_be_visible()


def test_clearing_asks_once_and_empties_the_journal(console: Console, sandbox: Mockflow) -> None:
    requests.get(f"{sandbox.url}/api/v1/auth-check", timeout=10)
    expect(console.row("/api/v1/auth-check")).to_be_visible()
    console.button("Clear").click()
    console.agree("Cancel")
    assert len(sandbox.requests()) == 1
    console.button("Clear").click()
    console.agree("Clear")
    expect(console.page.get_by_text("No requests yet.")).to_be_visible()
    assert sandbox.requests() == []


def test_one_that_is_held_back_shows_its_end_as_well(console: Console, sandbox: Mockflow) -> None:
    with sandbox.fault(latency=300):
        requests.get(f"{sandbox.url}/api/v1/auth-check", timeout=10)
    expect(console.row("/api/v1/auth-check")).to_contain_text(re.compile(r"[3-9]\d\d ms|\d\.\d\d s"))
    expect(console.row("/api/v1/auth-check")).not_to_contain_text("…")


def test_the_list_is_bounded_and_shows_more_when_asked(console: Console, sandbox: Mockflow) -> None:
    with requests.Session() as session:
        for _ in range(130):
            session.get(f"{sandbox.url}/api/v1/auth-check", timeout=10)
    console.button("Show 30 more of 30").click()
    rows = console.page.locator("button.row")
    expect(rows).to_have_count(130)
    rows.last.scroll_into_view_if_needed()
    expect(rows.first).not_to_be_in_viewport()
    for stays in (console.field("Filter"), console.page.get_by_role("columnheader", name="Operation")):
        expect(stays).to_be_in_viewport()


def test_all_that_the_server_keeps_can_be_found(sandbox: Mockflow, open_console: OpenConsole) -> None:
    with requests.Session() as session:
        for number in range(1200):
            session.get(f"{sandbox.url}/api/v1/auth-check?n={number:04}", timeout=10)
    console = open_console(sandbox.url)
    tally = console.page.locator(".tally")
    expect(tally).to_contain_text("1,000 kept in sandbox")
    expect(tally).to_contain_text("200 older gone")
    console.field("Filter").fill("n=0200")
    expect(console.page.locator("button.row")).to_have_text(["/api/v1/auth-check?n=0200"])
    expect(tally).to_contain_text("1 of 1,000 kept")
    requests.get(f"{sandbox.url}/api/v1/auth-check", timeout=10)
    expect(tally).to_contain_text("0 of 1,000 kept")
    expect(tally).to_contain_text("201 older gone")


def test_one_that_was_reset_before_its_answer_shows_no_response(console: Console, sandbox: Mockflow) -> None:
    with sandbox.fault(disconnect="reset"), pytest.raises(requests.ConnectionError):
        requests.get(f"{sandbox.url}/api/v1/auth-check", timeout=10)
    detail = console.open_request("/api/v1/auth-check")
    expect(detail).to_contain_text("reset the connection. No answer reached the client.")
    expect(detail.get_by_role("region", name="Body of the response")).to_have_count(0)
    expect(detail.get_by_text("Headers of the response")).to_have_count(0)
    expect(detail.get_by_text("Headers of the request")).to_have_count(1)


def test_half_an_answer_is_shown_as_far_as_it_came(console: Console, sandbox: Mockflow) -> None:
    whole = requests.get(f"{sandbox.url}/api/v2/todo", timeout=10).content
    with sandbox.fault(disconnect="truncate", phase="after"), pytest.raises(requests.RequestException):
        requests.get(f"{sandbox.url}/api/v2/todo", timeout=10)
    expect(console.page.locator("button.row")).to_have_count(2)
    detail = console.open_request("/api/v2/todo")
    half = len(whole) // 2
    expect(detail).to_contain_text(f"in the middle of the body. {half} of {len(whole)} bytes reached the client.")
    expect(detail.get_by_role("region", name="Body of the response")).to_have_text(whole[:half].decode())


def test_a_request_has_an_address(console: Console, sandbox: Mockflow, open_console: OpenConsole) -> None:
    for path in ("auth-check", "user/profile"):
        requests.get(f"{sandbox.url}/api/v1/{path}", timeout=10)
    title = console.page.locator("#detail-title")
    console.open_request("/api/v1/auth-check")
    expect(title).to_contain_text("req-1")
    console.page.reload()
    expect(title).to_contain_text("req-1")
    console.open_request("/api/v1/user/profile")
    expect(title).to_contain_text("req-2")
    console.page.go_back()
    expect(title).to_contain_text("req-1")
    console.field("Filter").fill("auth")
    expect(console.page).to_have_url(re.compile("text=auth"))  # it follows what is typed, a moment behind
    sent = open_console(sandbox.url, console.page.url.partition("#")[2])
    expect(sent.page.locator("#detail-title")).to_contain_text("GET /api/v1/auth-check")
    expect(sent.field("Filter")).to_have_value("auth")
    console.page.go_back()
    expect(title).to_have_count(0)


def test_the_coach_marks_what_a_client_does_wrong(console: Console, sandbox: Mockflow) -> None:
    requests.get(f"{sandbox.url}/api/v1/auth-check", timeout=10)
    requests.get(f"{sandbox.url}/api/v2/nowhere", timeout=10)
    expect(console.row("/api/v2/nowhere")).to_contain_text("no-such-path")
    console.field("Status").select_option("Coach’s marks")
    expect(console.page.locator("button.row")).to_have_text(["/api/v2/nowhere"])
    (finding,) = sandbox.control.call("GET", "requests/findings")["findings"]
    detail = console.open_request("/api/v2/nowhere")
    expect(detail.get_by_role("region", name="The coach")).to_contain_text(finding["message"])


def test_a_request_opens_to_headers_and_bodies_and_gives_the_focus_back(
    console: Console, sandbox: Mockflow
) -> None:
    cookies = sandbox.sign_in("demo@flowtask.test")
    body = {"title": "Buy milk", "password": "hunter2"}
    requests.post(f"{sandbox.url}/api/v2/todo", json=body, cookies=cookies, timeout=10)
    detail = console.open_request("/api/v2/todo")
    expect(detail.get_by_role("region", name="Body of the request")).to_contain_text('"title": "Buy milk"')
    expect(detail.get_by_role("region", name="Body of the response")).to_contain_text('"projectId"')
    expect(detail.get_by_text("X-Mockflow-Request-Id")).to_be_hidden()
    detail.get_by_text(re.compile(r"^\d+ headers$")).last.click()
    expect(detail.get_by_text("X-Mockflow-Request-Id")).to_be_visible()
    colours = detail.locator(".j-key, .j-string, .j-word").evaluate_all(
        "all => all.map((one) => getComputedStyle(one).color)"
    )
    assert len(set(colours)) == 3
    expect(detail).to_contain_text(sandbox.url.rpartition("/")[2])
    assert "hunter2" not in detail.inner_text()
    console.page.keyboard.press("Escape")
    expect(console.page.locator("button.row")).to_be_focused()


def send_again(command: str) -> None:
    subprocess.run(["bash", "-c", command], check=True, capture_output=True, timeout=20)


def test_the_curl_command_sends_the_same_again_whatever_is_in_it(console: Console, sandbox: Mockflow) -> None:
    cookies = sandbox.sign_in("demo@flowtask.test")
    headers = {"X-Odd": "it's $HOME"}
    url = f"{sandbox.url}/api/v2/todo"
    requests.post(url, json={"title": TITLE}, cookies=cookies, headers=headers, timeout=10)
    detail = console.open_request("/api/v2/todo")
    detail.get_by_role("button", name="With a session of demo@flowtask.test").click()
    curl = detail.get_by_role("region", name="As curl")
    expect(curl).not_to_contain_text("SESSION")
    send_again(curl.inner_text())
    first, again = sandbox.requests(operation="createTask")
    assert (again.request.body, again.request.body_cut) == (first.request.body, first.request.body_cut)
    assert again.request.body == {"title": TITLE}
    assert (again.status, again.request.headers["X-Odd"]) == (first.status, "it's $HOME")


def test_the_curl_command_keeps_odd_paths_queries_and_bodies_that_are_no_json(
    console: Console, sandbox: Mockflow
) -> None:
    url = f"{sandbox.url}/api/v2/a%20b%22/%F0%9F%98%80'?q=[1]&r=%27{{x}}"
    requests.put(url, data=b"it's\tnot\nJSON \x1b[31m", timeout=10)
    detail = console.open_request("/api/v2/a b")
    send_again(detail.get_by_role("region", name="As curl").inner_text())
    first, again = sandbox.requests()
    assert (again.method, again.path, again.query) == (first.method, first.path, first.query)
    assert again.request.body == first.request.body == "it's\tnot\nJSON \x1b[31m"
    assert "Content-Type" not in again.request.headers


@pytest.mark.minutes
def test_the_pytest_snippet_passes(console: Console, sandbox: Mockflow, tmp_path: Path) -> None:
    cookies = sandbox.sign_in("demo@flowtask.test")
    requests.post(f"{sandbox.url}/api/v2/todo", json={"title": TITLE, "color": None}, cookies=cookies, timeout=10)
    detail = console.open_request("/api/v2/todo")
    detail.get_by_role("tab", name="pytest").click()
    created = detail.get_by_role("region", name="As pytest").inner_text()
    with sandbox.fault(status=503):
        requests.get(f"{sandbox.url}/api/v2/todo/search?q=%7Bmilk%7D", cookies=cookies, timeout=10)
    faulted = console.open_request("/search").get_by_role("region", name="As pytest")
    expect(faulted).to_contain_text("status=503")
    suite = run(tmp_path, {"test_created.py": created, "test_faulted.py": faulted.inner_text()}, env=LEAN)
    assert (suite.code, set(suite.outcomes.values())) == (0, {"passed"}), suite.output


def test_a_snippet_can_be_copied(console: Console, sandbox: Mockflow) -> None:
    console.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    requests.get(f"{sandbox.url}/api/v1/auth-check", timeout=10)
    console.open_request("/api/v1/auth-check").get_by_role("button", name="Copy as curl").click()
    expect(console.page.get_by_role("status").filter(has_text="Copied")).to_have_count(1)
    assert console.page.evaluate("navigator.clipboard.readText()") == f"curl \\\n  {sandbox.url}/api/v1/auth-check"
