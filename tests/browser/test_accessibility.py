"""The console with the keyboard, with a screen reader's eyes (axe-core), on a narrow screen, without motion."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from mockflow.testing import Mockflow
from tests.browser.conftest import OpenConsole
from tests.browser.scenery import happen
from tests.browser.watching import PANELS, WHOLE_PAGE, Console, violations

pytestmark = pytest.mark.minutes


def check(console: Console, what: str, run: str = WHOLE_PAGE) -> None:
    assert violations(console.page, run) == [], what


COLOURS = "axe.run(document, {runOnly: ['color-contrast'], resultTypes: ['violations']})"


@pytest.mark.parametrize(("scheme", "run"), [("light", WHOLE_PAGE), ("dark", COLOURS)], ids=["light", "dark"])
def test_axe_finds_nothing_in_any_panel(
    open_console: OpenConsole, sandbox: Mockflow, scheme: str, run: str
) -> None:
    happen(sandbox)
    console = open_console(sandbox.url, color_scheme=scheme, reduced_motion="reduce")
    console.expects("400")
    for name in PANELS:
        console.panel(name)
        expect(
            console.page.locator("#panel")
            .get_by_role("table")
            .or_(console.sections("Now"))
            .or_(console.sections("Board"))
            .first
        ).to_be_visible()
        check(console, name, run)
    for name in ("Tasks", "Tags", "Users"):
        console.panel("Data")
        console.page.get_by_role("tab", name=name).click()
        check(console, name, run)
    console.panel("Faults")
    console.button("Add the rule").click()
    console.page.get_by_role("tab", name="As fields").click()
    console.field("Status").fill("1")
    console.button("Add the rule").click()
    expect(console.page.get_by_role("alert")).to_be_visible()
    check(console, "a form that was refused", run)
    console.button("Remove all").click()
    check(console, "a question", run)
    console.agree("Cancel")
    console.panel("Requests")
    console.open_request("/api/v2/todo/search").get_by_role("region", name="As curl").wait_for()
    console.page.locator("summary").first.click()
    console.button("Fail this operation").click()
    expect(console.page.get_by_role("list", name="Rules for this operation")).to_contain_text("status=500")
    check(console, "a request", run)


def test_axe_finds_nothing_where_there_is_nothing_to_show(open_console: OpenConsole, sandbox: Mockflow) -> None:
    sandbox.reset(seeds="empty")
    console = open_console(sandbox.url)
    for name, text in (
        ("Requests", "No requests yet."),
        ("Faults", "No rule:"),
        ("Outbox", "No message."),
        ("Accounts", "No account yet."),
        ("Data", "No project."),
    ):
        console.panel(name)
        expect(console.page.get_by_text(text)).to_be_visible()
        check(console, name)


def test_a_narrow_screen_shows_all_of_it(open_console: OpenConsole, sandbox: Mockflow) -> None:
    happen(sandbox)
    console = open_console(sandbox.url, viewport={"width": 360, "height": 740})
    for name in PANELS:
        console.panel(name)
        assert console.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        check(console, name)
    console.panel("Requests")
    console.open_request("/api/v2/todo/search").get_by_role("region", name="As curl").wait_for()
    assert console.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    expect(console.page.locator("button.row").first).to_be_hidden()
    console.button("Close").click()
    expect(console.page.locator("button.row").first).to_be_visible()


def test_a_narrow_screen_holds_the_longest_name_of_a_sandbox(open_console: OpenConsole, server: str) -> None:
    console = open_console(f"{server}/s/{'w' * 40}", viewport={"width": 360, "height": 740})
    expect(console.page.get_by_text("Give your client the base URL")).to_be_visible()
    assert console.page.evaluate("document.documentElement.scrollWidth") == 360


def test_all_can_be_reached_and_done_with_the_keyboard(open_console: OpenConsole, sandbox: Mockflow) -> None:
    happen(sandbox)
    console = open_console(sandbox.url)
    press = console.page.keyboard.press
    tabs = console.page.get_by_role("tablist", name="Panels")
    for _ in range(10):
        press("Tab")
        if tabs.get_by_role("tab", name="Requests").evaluate("tab => tab === document.activeElement"):
            break
    for key, name in (
        ("ArrowRight", "Faults"),
        ("End", "Sandboxes"),
        ("ArrowRight", "Requests"),
        ("ArrowLeft", "Sandboxes"),
        ("Home", "Requests"),
    ):
        press(key)
        expect(tabs.get_by_role("tab", name=name)).to_be_focused()
        expect(tabs.get_by_role("tab", name=name)).to_have_attribute("aria-selected", "true")
    assert console.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    for _ in range(6):
        press("Tab")
    rows = console.page.locator("button.row")
    expect(rows.nth(0)).to_be_focused()
    press("ArrowDown")
    expect(rows.nth(1)).to_be_focused()
    press("Enter")
    expect(console.page.locator("#detail-title")).to_be_focused()
    press("Escape")
    expect(rows.nth(1)).to_be_focused()


def test_a_question_keeps_the_focus_and_gives_it_back(open_console: OpenConsole, sandbox: Mockflow) -> None:
    happen(sandbox)
    console = open_console(sandbox.url, "snapshots")
    button = console.button("Delete before-checkout")
    button.focus()
    console.page.keyboard.press("Enter")
    dialog = console.page.get_by_role("dialog")
    for _ in range(4):
        inside = dialog.evaluate(
            "dialog => dialog.contains(document.activeElement) || document.activeElement === document.body"
        )
        assert inside
        console.page.keyboard.press("Tab")
    console.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(button).to_be_focused()
    console.page.keyboard.press("Enter")
    console.agree("Delete")
    expect(console.row("before-checkout")).to_have_count(0)
    expect(console.page.locator("#panel")).to_be_focused()


def test_nothing_moves_for_those_who_want_no_motion(open_console: OpenConsole, sandbox: Mockflow) -> None:
    durations = "[...document.querySelectorAll('*')].map((one) => getComputedStyle(one).transitionDuration)"
    still = open_console(sandbox.url, "faults", reduced_motion="reduce")
    expect(still.page.get_by_role("switch").first).to_be_visible()
    assert set(still.page.evaluate(durations)) == {"0s"}
    moving = open_console(sandbox.url, "faults", reduced_motion="no-preference")
    expect(moving.page.get_by_role("switch").first).to_be_visible()
    assert set(moving.page.evaluate(durations)) != {"0s"}
