"""Clock, outbox and accounts in the console, beside a real client."""

from __future__ import annotations

import requests
from playwright.sync_api import expect

from mockflow.testing import Mockflow
from tests.browser.watching import Console


def status_of(sandbox: Mockflow, cookies: dict[str, str]) -> int:
    return requests.get(f"{sandbox.url}/api/v2/todo", cookies=cookies, timeout=10).status_code


def test_advancing_the_clock_past_a_sessions_end_signs_the_client_out(console: Console, sandbox: Mockflow) -> None:
    cookies = sandbox.sign_in("demo@flowtask.test")
    assert status_of(sandbox, cookies) == 200
    console.panel("Clock")
    console.button("1 day").click()
    expect(console.page.get_by_text("Shifted:")).to_be_visible()
    assert status_of(sandbox, cookies) == 401
    console.panel("Requests")
    expect(console.row("/api/v2/todo").first).to_contain_text("401")


def test_the_clock_is_frozen_set_moved_and_given_back(console: Console, sandbox: Mockflow) -> None:
    panel = console.panel("Clock")
    console.field("Day and time (UTC)").fill("2030-01-31T09:00:00")
    console.button("Freeze there").click()
    expect(panel.get_by_text("Frozen:")).to_be_visible()
    expect(console.page.get_by_role("banner")).to_contain_text("2030-01-31 09:00:00 UTC frozen")
    console.field("Advance by").fill("5m")
    console.button("Advance").click()
    expect(panel.locator(".face")).to_contain_text("09:05:00")
    console.button("5 minutes").click()
    expect(panel.locator(".face")).to_contain_text("09:10:00")
    console.field("Day and time (UTC)").fill("2031-05-01T00:00")
    console.button("Run on from there").click()
    expect(panel.locator(".face")).to_contain_text("2031-05-01")
    assert sandbox.clock.now.startswith("2031-05-01T00:0")
    console.button("Back to real time").click()
    expect(panel.get_by_text("Real time:")).to_be_visible()


def test_freezing_stops_the_clock_where_it_is(console: Console, sandbox: Mockflow) -> None:
    console.panel("Clock")
    console.button("Freeze").click()
    expect(console.page.get_by_text("Frozen:")).to_be_visible()
    assert sandbox.clock.now == sandbox.clock.now
    assert sandbox.control.call("GET", "clock")["mode"] == "frozen"


def test_a_clock_that_is_moved_elsewhere_is_seen_here(console: Console, sandbox: Mockflow) -> None:
    sandbox.clock.freeze("2038-01-19T03:14:07Z")
    console.looked_at_again()
    expect(console.page.get_by_role("banner")).to_contain_text("2038-01-19 03:14:07 UTC frozen")


def test_a_duration_that_is_none_is_refused_in_the_servers_words(console: Console) -> None:
    console.expects("400")
    console.panel("Clock")
    console.field("Advance by").fill("a while")
    console.button("Advance").click()
    expect(console.page.get_by_role("alert")).to_contain_text("PT5M")
    expect(console.field("Advance by")).to_have_value("a while")


def test_a_sign_up_is_finished_with_the_code_from_the_outbox(console: Console, sandbox: Mockflow) -> None:
    console.panel("Outbox")
    user = f"{sandbox.url}/api/v1/user"
    requests.post(f"{user}/signup/send-otp", json={"email": "new@example.com"}, timeout=10)
    code = console.row("new@example.com").locator("code").inner_text()
    console.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    console.button(f"Copy the code {code} for new@example.com").click()
    expect(console.page.get_by_role("status").filter(has_text="Copied")).to_have_count(1)
    assert console.page.evaluate("navigator.clipboard.readText()") == code
    form = {"email": "new@example.com", "code": code, "password": "correct horse"}
    assert requests.post(f"{user}/signup/verify", json=form, timeout=10).status_code == 200
    console.panel("Data")
    console.page.get_by_role("tab", name="Users").click()
    expect(console.row("new@example.com")).to_be_visible()
    console.panel("Accounts")
    expect(console.row("new@example.com")).to_contain_text("signed up")
    console.button("Sign in here as new@example.com").click()
    expect(console.page.get_by_text("This browser is signed in as new@example.com.")).to_be_visible()


def test_the_outbox_is_emptied_after_asking(console: Console, sandbox: Mockflow) -> None:
    console.panel("Outbox")
    url = f"{sandbox.url}/api/v1/user/signup/send-otp"
    requests.post(url, json={"email": "new@example.com"}, timeout=10)
    console.button("Empty the outbox").click()
    console.agree("Empty it")
    expect(console.page.get_by_text("No message.")).to_be_visible()
    assert sandbox.outbox.messages() == []


def test_a_cookie_is_copied_and_this_browser_stays_signed_out(console: Console, sandbox: Mockflow) -> None:
    console.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    console.panel("Accounts")
    console.button("Copy a cookie of demo@flowtask.test").click()
    expect(console.page.get_by_role("status").filter(has_text="Copied")).to_have_count(1)
    name, _, value = console.page.evaluate("navigator.clipboard.readText()").partition("=")
    assert status_of(sandbox, {name: value}) == 200
    assert console.page.context.cookies() == []


def test_signing_in_here_gives_this_browser_the_cookie(console: Console) -> None:
    console.panel("Accounts")
    console.button("Sign in here as gina@flowtask.test").click()
    expect(console.page.get_by_text("This browser is signed in as gina@flowtask.test.")).to_be_visible()
    auth = console.page.evaluate("fetch('../../api/v1/auth-check').then((answer) => answer.json())")
    assert auth["email"] == "gina@flowtask.test"
    console.button("End the sessions of gina@flowtask.test").click()
    expect(console.page.get_by_text("1 session of gina@flowtask.test ended.")).to_be_visible()


def test_a_session_of_nobody_is_refused_in_the_servers_words(console: Console) -> None:
    console.expects("400")
    console.panel("Accounts")
    console.field("E-mail").fill("nobody@example.com")
    console.button("Start a session").click()
    expect(console.page.get_by_role("alert")).to_have_text(
        "There is no account with the e-mail nobody@example.com."
    )
