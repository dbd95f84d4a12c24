"""What a person sees of the page, when Flowtask behaves and when it does not."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect
from sandbox import Sandbox

A_DAY = 24 * 60 * 60


def sign_in(page: Page) -> None:
    """Signs in as the demo account, and waits until its tasks are there."""
    form = page.get_by_role("form", name="Sign in")
    form.get_by_label("E-mail").fill("demo@flowtask.test")
    form.get_by_label("Password").fill("Passw0rd!")
    form.get_by_label("Password").press("Enter")
    expect(page.get_by_role("listitem")).not_to_have_count(0)


def add_task(page: Page, title: str) -> None:
    """Types a task and sends it."""
    page.get_by_label("New task").fill(title)
    page.get_by_label("New task").press("Enter")


def task(page: Page, title: str) -> Locator:
    """The task of this title in the list."""
    return page.get_by_role("listitem").filter(has_text=title)


def test_a_new_user_signs_up_with_the_code_from_the_outbox(page: Page, sandbox: Sandbox) -> None:
    """No mail is read: the control API has what would have been mailed."""
    form = page.get_by_role("form", name="Get a code")
    form.get_by_label("E-mail").fill("new@example.com")
    form.get_by_role("button").click()
    expect(page.get_by_role("status")).to_have_text("A code was sent to new@example.com.")

    form = page.get_by_role("form", name="Sign up")
    form.get_by_label("Code").fill(sandbox.code_for("new@example.com"))
    form.get_by_label("Password").fill("yourpassword")
    form.get_by_role("button").click()
    add_task(page, "Buy milk")
    expect(page.get_by_role("listitem")).to_have_text(["Buy milk"])


def test_a_429_is_waited_out_for_as_long_as_it_says(page: Page, sandbox: Sandbox) -> None:
    """The page's own timers are Playwright's, so that half a minute takes no time."""
    page.clock.install()
    sign_in(page)
    sandbox.fault(match={"operation": "createTask"}, effect={"status": 429, "retryAfter": 30}, times=1)
    add_task(page, "Buy milk")
    expect(page.get_by_role("status")).to_have_text("Trying again in 30 s.")
    expect(task(page, "Buy milk")).to_have_count(0)
    page.clock.fast_forward(30_000)
    expect(task(page, "Buy milk")).to_have_count(1)
    expect(page.get_by_role("status")).to_be_empty()


def test_a_short_outage_goes_unnoticed(page: Page, sandbox: Sandbox) -> None:
    """Here the page really waits: a second."""
    sandbox.fault(effect={"status": 503, "retryAfter": 1}, expiresAfter=1)
    sign_in(page)
    expect(page.get_by_role("status")).to_be_empty()


def test_a_task_is_added_once_when_the_answer_is_lost(page: Page, sandbox: Sandbox) -> None:
    """The answer breaks off. (For one that never begins, Chromium itself sends the request again.)"""
    sign_in(page)
    sandbox.fault(match={"operation": "createTask"}, effect={"disconnect": "truncate"}, phase="after", times=1)
    add_task(page, "Buy milk")
    expect(page.get_by_label("New task")).to_be_empty()
    expect(task(page, "Buy milk")).to_have_count(1)


def test_an_expired_session_asks_to_sign_in_and_keeps_what_was_typed(page: Page, sandbox: Sandbox) -> None:
    """A day passes in the sandbox, not in the test."""
    sign_in(page)
    sandbox.advance(A_DAY)
    add_task(page, "Buy milk")
    expect(page.get_by_role("status")).to_have_text("Please sign in again.")
    sign_in(page)
    expect(page.get_by_label("New task")).to_have_value("Buy milk")
    page.get_by_role("button", name="Add").click()
    expect(task(page, "Buy milk")).to_have_count(1)


def test_two_pages_in_two_sandboxes_do_not_see_each_other(
    open_page: Callable[[Sandbox], Page], open_sandbox: Callable[[], Sandbox]
) -> None:
    """One browser holds both sessions: a sandbox's cookie is for its path only."""
    here, there = open_page(open_sandbox()), open_page(open_sandbox())
    sign_in(here)
    expect(there.get_by_role("form", name="Sign in")).to_be_visible()
    sign_in(there)
    add_task(here, "Only here")
    expect(task(here, "Only here")).to_have_count(1)
    there.reload()
    expect(there.get_by_role("listitem")).not_to_have_count(0)
    expect(task(there, "Only here")).to_have_count(0)
