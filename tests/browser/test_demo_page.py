"""The demo page as a page: what it loads and calls, who can use it, hostile and large data, and the split view."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

import mockflow
from mockflow.operations import OPERATIONS
from mockflow.testing import Mockflow
from tests.browser.conftest import OpenDemo, OpenPage, sign_in
from tests.browser.demo import Demo
from tests.browser.watching import violations

pytestmark = pytest.mark.minutes

FOLDER = Path(mockflow.__file__).parent / "pages" / "demo"


def no_wider_than_the_window(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_all_of_its_own_javascript_is_at_most_800_lines() -> None:
    assert sum(len(file.read_text().splitlines()) for file in FOLDER.glob("*.js")) <= 800


def test_it_uses_the_documented_api_alone_from_where_it_was_loaded(demo: Demo, sandbox: Mockflow) -> None:
    """Beside its files it asks for operations of the API, under its sandbox's address, and for nothing else."""
    asked: list[tuple[str, str]] = []
    demo.page.on("request", lambda request: asked.append((request.method, request.url)))
    demo.page.reload()
    demo.rested().add("Buy milk").go("completed").go("search/milk").view("Home").button("Profile").click()
    demo.button("Sign out").click()
    expect(demo.button("Use the demo account")).to_be_visible()
    paths = {(method, urlsplit(url.removeprefix(sandbox.url)).path) for method, url in asked}
    files = {path for method, path in paths if method == "GET" and path.startswith("/_mockflow/")}
    known = [(one.method, re.compile(re.sub(r"<\w+>", "[^/]+", one.path))) for one in OPERATIONS]
    calls = {(method, path) for method, path in paths if path not in files}
    assert len(calls) >= 9
    assert [call for call in calls if not any(call[0] == m and p.fullmatch(call[1]) for m, p in known)] == []
    assert all(re.fullmatch(r"/_mockflow/(demo|ui)/([\w/-]+\.(js|css|svg))?", path) for path in files)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_axe_finds_nothing_and_all_fits(open_demo: OpenDemo, sandbox: Mockflow, scheme: str, width: int) -> None:
    look = {"viewport": {"width": width, "height": 740}, "color_scheme": scheme, "reduced_motion": "reduce"}
    demo = open_demo(sandbox.url, expects=["400", "401"], **look)

    def check(what: str) -> None:
        assert violations(demo.page) == [], what
        assert no_wider_than_the_window(demo.page), what

    demo.field("E-mail").fill("demo@flowtask.test")
    demo.field("Password").fill("wrong")
    demo.button("Sign in").click()
    expect(demo.page.get_by_role("alert")).to_be_visible()
    check("door")
    demo.enter()
    if width < 800:
        demo.button("Views").click()
        check("menu")
        demo.page.keyboard.press("Escape")
    for view in ("today", "completed", "search/the"):
        demo.go(view)
        check(view)
    demo.menu().view("Website relaunch")
    check("board")
    demo.open("Draw the sitemap")
    check("task")
    sandbox.control.call("DELETE", "sessions", {"email": "demo@flowtask.test"})
    demo.rested().button("Save").click()
    expect(demo.again()).to_be_visible()
    check("sign in again")


def test_a_task_is_added_opened_and_closed_with_the_keyboard_alone(open_demo: OpenDemo, sandbox: Mockflow) -> None:
    demo = open_demo(sandbox.url)
    press = demo.page.keyboard.press

    def reach(focused: str) -> None:
        for _ in range(60):
            press("Tab")
            if demo.page.evaluate("query => document.activeElement.matches(query)", focused):
                break
        expect(demo.page.locator(focused).first).to_be_focused()
        assert demo.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"

    reach(".demo button")
    press("Enter")
    demo.rested()
    reach("a[href='#inbox']")
    press("Enter")
    expect(demo.page.get_by_role("heading", name="Inbox")).to_be_visible()
    demo.field("New task").focus()
    demo.page.keyboard.type("Buy milk")
    press("Enter")
    expect(demo.rested().row("Buy milk")).to_have_count(1)
    reach("button.title")
    press("Enter")
    expect(demo.page.get_by_role("dialog", name="Task")).to_be_visible()
    press("Escape")
    expect(demo.page.get_by_role("dialog")).to_have_count(0)
    expect(demo.page.locator("button.title").first).to_be_focused()
    press("Shift+Tab")
    press("Space")
    expect(demo.rested().page.locator("main .row")).to_have_count(11)


def test_hostile_titles_are_text_and_fit_on_a_narrow_screen(open_demo: OpenDemo, sandbox: Mockflow) -> None:
    sandbox.reset(seeds="edge")
    demo = open_demo(sandbox.url, viewport={"width": 360, "height": 740}).enter()
    for view in ("xxxx", "<b>bold</b>", "Completed", "All"):
        demo.menu().view(view)
        assert no_wider_than_the_window(demo.page), view
    title = "<script>alert('title')</script>"
    demo.open(title)
    expect(demo.field("Title")).to_have_value(title)
    assert no_wider_than_the_window(demo.page)
    demo.page.keyboard.press("Escape")
    marked = re.compile("zeroU\\+200Bwidth, .*, softU\\+00ADhyphen")
    expect(demo.page.locator("main .row", has_text=marked)).to_have_count(1)
    demo.open("200 tags and more")
    assert demo.page.locator(".tags input:checked").count() > 200
    demo.rested().button("Cancel").click()
    demo.tick("first day there is")
    expect(demo.row("first day there is")).to_have_count(0)
    assert demo.page.locator("#app script, #app b, #app img").count() == 0


def test_of_ten_thousand_tasks_a_part_is_shown_at_a_time(demo: Demo, sandbox: Mockflow) -> None:
    sandbox.reset(seeds="large")
    sign_in(demo.page.context, sandbox)
    demo.go("all")
    demo.page.reload()
    demo.rested()
    assert demo.page.locator("main .row").count() == 50
    demo.page.get_by_role("button", name=re.compile("^Show 50 more of ")).click()
    expect(demo.page.locator("main .row")).to_have_count(100)


def test_the_client_and_the_console_stand_side_by_side_and_no_other_page_can(
    open_page: OpenPage, sandbox: Mockflow
) -> None:
    """What is done on the left is seen on the right as it happens. The browser refuses to frame another page."""
    watched = open_page(f"{sandbox.url}/_mockflow/demo/split.html")
    page = watched.page
    left, right = page.frame_locator("[title='The demo client']"), page.frame_locator("[title='The console']")
    expect(right.get_by_text("Live", exact=True)).to_be_visible()
    left.get_by_role("button", name="Use the demo account").click()
    expect(left.get_by_role("heading", name="Today", exact=True).first).to_be_visible()
    expect(right.get_by_role("row").filter(has_text="/api/v1/user/signin")).to_be_visible()
    assert violations(page) == []
    page.set_viewport_size({"width": 360, "height": 740})
    assert no_wider_than_the_window(page)
    for path in ("", "_mockflow/docs", "_mockflow/demo/split.html"):
        with page.expect_console_message(lambda message: "frame-ancestors" in message.text):
            page.evaluate("url => (document.querySelector('iframe').src = url)", f"{sandbox.url}/{path}")
    watched.problems = [one for one in watched.problems if "frame-ancestors" not in one]
