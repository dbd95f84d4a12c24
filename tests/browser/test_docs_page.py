"""The API page and the root page in a browser: read, sign in with one click, try, without a network."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import Page, Request, expect

from mockflow.operations import OPERATIONS
from mockflow.process import running_server
from mockflow.testing import Mockflow
from tests.browser.conftest import OpenPage
from tests.browser.watching import Watched, violations

pytestmark = pytest.mark.minutes

TASKS = "#operations-tasks-"


@pytest.fixture
def page(shared: Watched, sandbox: Mockflow) -> Page:
    """The API page of the test's sandbox, where trying without a session is no accident."""
    shared.expected.add("401")
    shared.page.goto(f"{sandbox.url}/_mockflow/docs")
    return shared.page


def tried(page: Page, operation: str) -> str:
    """The status that an operation shows after it was tried."""
    block = page.locator(f"[id$='-{operation}'].opblock")
    block.locator(".opblock-summary-control").click()
    block.get_by_role("button", name="Execute").click()
    shown = block.locator(".live-responses-table .response-col_status").last
    expect(shown).to_be_visible()
    return shown.inner_text().split()[0]


def test_every_operation_is_there_by_its_name_and_the_first_on_the_first_screen(page: Page) -> None:
    expect(page.locator(".opblock")).to_have_count(34)
    names = page.locator(".opblock-summary-operation-id")
    assert set(names.all_inner_texts()) == {one.name for one in OPERATIONS}
    expect(names.nth(2)).to_be_in_viewport()
    page.get_by_text("About the API").click()
    expect(page.get_by_text("Most operations need it, and answer 401 without it.")).to_be_visible()
    own = "axe.run({exclude: [['#reference']]}, {resultTypes: ['violations']})"
    assert violations(page, own) == []


def test_a_filter_leaves_those_that_hold_all_words(page: Page) -> None:
    for text, count in (("createTask", 1), ("patch section", 1), ("/bulk", 3), ("passcode", 2), ("nothing", 0)):
        page.get_by_label("Filter").fill(text)
        expect(page.locator(".opblock")).to_have_count(count)
        expect(page.get_by_text(f"{count} of 34 operations")).to_be_visible()


def test_one_click_signs_in_as_a_seeded_account_without_a_password(page: Page, sandbox: Mockflow) -> None:
    assert tried(page, "getProfile") == "401"
    page.get_by_role("button", name="gina@flowtask.test").click()
    expect(page.get_by_role("status")).to_contain_text("Signed in as gina@flowtask.test")
    assert tried(page, "listTags") == "200"
    assert sandbox.requests(operation="listTags")[-1].user == "gina@flowtask.test"


def test_another_click_changes_places_and_signing_out_ends_it(page: Page, sandbox: Mockflow) -> None:
    for email in ("demo@flowtask.test", "lee@flowtask.test"):
        page.get_by_role("button", name=email).click()
        expect(page.get_by_role("button", name=email, pressed=True)).to_be_visible()
    expect(page.locator("[aria-pressed=true]")).to_have_count(1)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("status")).to_have_text("Signed out.")
    assert tried(page, "countTags") == "401"
    assert sandbox.requests(operation="signOut")[-1].user == "lee@flowtask.test"


def test_what_is_tried_is_done_in_the_sandbox_of_the_page(page: Page, sandbox: Mockflow, server: str) -> None:
    page.get_by_role("button", name="demo@flowtask.test").click()
    expect(page.get_by_role("status")).to_contain_text("Signed in")
    assert tried(page, "createProject") == "200"
    assert len(sandbox.requests(operation="createProject")) == 1
    assert requests.get(f"{server}/_mockflow/requests", timeout=10).json()["requests"] == []


def test_nothing_is_loaded_from_elsewhere(open_page: OpenPage, sandbox: Mockflow, server: str) -> None:
    page = open_page("about:blank").page
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    page.on("request", note)
    page.goto(f"{sandbox.url}/_mockflow/docs")
    expect(page.locator(".opblock")).to_have_count(34)
    assert [url for url in asked if not url.startswith((f"{server}/", "data:"))] == []
    assert f"{sandbox.url}/_mockflow/openapi.json" in asked


@pytest.fixture
def guarded() -> Iterator[str]:
    with running_server(["--control-token", "open sesame"]) as url:
        yield url


def test_a_guarded_server_is_asked_with_the_token(open_page: OpenPage, guarded: str) -> None:
    watched = open_page(f"{guarded}/_mockflow/docs")
    watched.expected.add("401")
    page = watched.page
    for token, works in (("wrong", False), ("open “sesame”", False), ("open sesame", True)):
        page.get_by_label("This server guards its control API").fill(token)
        page.get_by_role("button", name="Use it").click()
        if not works:
            expect(page.get_by_role("status")).to_contain_text("--control-token")
    expect(page.locator(".opblock")).to_have_count(34)
    page.get_by_role("button", name="demo@flowtask.test").click()
    expect(page.get_by_role("status")).to_contain_text("Signed in as demo@flowtask.test")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_anybody_can_read_the_root_page(open_page: OpenPage, sandbox: Mockflow, scheme: str, width: int) -> None:
    page = open_page(f"{sandbox.url}/", color_scheme=scheme, viewport={"width": width, "height": 800}).page
    expect(page.get_by_role("heading", level=1)).to_contain_text("mockflow")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(page) == []


def test_the_root_page_has_buttons_that_copy(open_page: OpenPage, sandbox: Mockflow) -> None:
    page = open_page(f"{sandbox.url}/").page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    for name, text in (
        ("the base URL", sandbox.url),
        ("the password of lee@flowtask.test", "Passw0rd!"),
        ("the command", page.locator("pre code").inner_text()),
    ):
        button = page.get_by_role("button", name=f"Copy {name}", exact=True)
        button.click()
        expect(button).to_have_text("Copied")
        expect(page.get_by_role("status")).to_have_text("Copied")
        assert page.evaluate("navigator.clipboard.readText()") == text


def test_the_root_page_leads_to_all_others(open_page: OpenPage, sandbox: Mockflow) -> None:
    page = open_page(f"{sandbox.url}/").page
    for name, place in (("Demo client", "demo/"), ("Handbook", "guide/")):
        link = page.get_by_role("link", name=name, exact=True)
        assert link.evaluate("link => link.href") == f"{sandbox.url}/_mockflow/{place}"
    for name, title in (("Console", "mockflow"), ("API page", "Flowtask API")):
        page.get_by_role("link", name=name, exact=True).click()
        assert page.url.startswith(f"{sandbox.url}/_mockflow/")
        assert title in page.title()
        page.go_back()
