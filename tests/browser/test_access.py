"""A guarded server, a server that goes away and comes back, and a sandbox that is gone."""

from __future__ import annotations

import requests
from playwright.sync_api import expect

from mockflow.client import ControlClient
from mockflow.process import running_server
from mockflow.testing import Mockflow
from tests.browser.conftest import OpenConsole, OpenPage
from tests.browser.watching import Console
from tests.running import serving


def test_a_token_is_asked_for_once_and_kept_in_the_tab(open_page: OpenPage) -> None:
    with running_server(["--control-token", "open sesame"]) as url:
        console = Console(open_page(f"{url}/_mockflow/ui/"))
        console.expects("401", "ERR_CONNECTION_REFUSED")  # the server is gone before the page is
        dialog = console.page.get_by_role("dialog", name="Control token")
        for wrong in ("wrong", "open “sesame”"):  # no header takes the second
            console.field("Token").fill(wrong)
            console.page.keyboard.press("Enter")
            expect(console.field("Token")).to_have_value("")
            expect(dialog.get_by_role("alert")).to_contain_text("--control-token")
        console.field("Token").fill("open sesame")
        console.page.keyboard.press("Enter")
        console.is_live()
        expect(dialog).to_have_count(0)
        requests.get(f"{url}/api/v1/auth-check", timeout=10)
        expect(console.row("/api/v1/auth-check")).to_be_visible()
        console.page.reload()
        console.is_live()
        expect(console.row("/api/v1/auth-check")).to_be_visible()


def test_without_the_token_it_says_so_and_can_be_given_it_later(open_page: OpenPage) -> None:
    with running_server(["--control-token", "open sesame"]) as url:
        console = Console(open_page(f"{url}/_mockflow/ui/"))
        console.expects("401", "ERR_CONNECTION_REFUSED")  # the server is gone before the page is
        console.page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
        expect(console.page.get_by_role("banner")).to_contain_text("needs Authorization")
        console.button("Give the token").click()
        console.field("Token").fill("open sesame")
        console.button("Use the token").click()
        console.is_live()


def test_it_connects_again_by_itself_and_shows_what_is_there_then(open_console: OpenConsole) -> None:
    with serving("--memory", "--seeds", "demo") as first:
        console = open_console(first.url)
        console.expects(
            "ERR_CONNECTION_REFUSED",
            "ERR_INCOMPLETE_CHUNKED_ENCODING",
            "ERR_CONNECTION_RESET",
            "ERR_EMPTY_RESPONSE",
        )
        requests.get(f"{first.url}/api/v1/auth-check", timeout=10)
        expect(console.row("/api/v1/auth-check")).to_be_visible()
        first.stop()
    expect(console.page.get_by_role("banner")).to_contain_text("Not connected")
    with serving("--memory", "--seeds", "minimal", "--port", str(first.port)) as second:
        requests.get(f"{second.url}/api/v1/user/profile", timeout=10)
        console.is_live()
        expect(console.page.locator("button.row")).to_have_text(["/api/v1/user/profile"])


def test_a_sandbox_that_was_deleted_elsewhere_is_not_made_again_unasked(
    console: Console, sandbox: Mockflow, server: str
) -> None:
    name = sandbox.url.rpartition("/")[2]
    sandbox.control.call("DELETE", f"sandboxes/{name}")
    expect(console.page.get_by_role("banner")).to_contain_text("This sandbox is gone")
    console.looked_at_again()
    console.panel("Faults")
    expect(console.page.get_by_role("alert")).to_have_text("This sandbox is gone.")
    assert f'"{name}"' not in requests.get(f"{server}/_mockflow/sandboxes", timeout=10).text
    console.button("Make it again").click()
    console.is_live()
    assert f'"{name}"' in requests.get(f"{server}/_mockflow/sandboxes", timeout=10).text


def test_a_sandbox_whose_time_is_over_is_not_kept_by_its_console(open_console: OpenConsole, server: str) -> None:
    name = ControlClient(server).call("POST", "sandboxes", {"ttlSeconds": 8})[
        "name"
    ]  # the page loads within it, on any machine
    console = open_console(f"{server}/s/{name}")
    console.page.wait_for_function(
        """() => {
            document.dispatchEvent(new Event("visibilitychange"));
            return document.querySelector("header").textContent.includes("This sandbox is gone");
        }""",
        polling=200,
    )
    assert f'"{name}"' not in requests.get(f"{server}/_mockflow/sandboxes", timeout=10).text
