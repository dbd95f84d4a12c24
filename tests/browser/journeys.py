"""Journeys through the demo client, for `mockflow torture` (test_demo_torture.py): what a person does and expects.

Whatever the page tells in words is raised; so a journey ends well, or with what the person was told. Each has a
context of its own in the browser that DEMO_BROWSER names, or a browser of its own.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserType, expect, sync_playwright

from mockflow.testing import Mockflow
from tests.browser.conftest import FLAGS
from tests.browser.demo import Demo

_PATIENCE_MS = 90_000


def _browser(chromium: BrowserType) -> Browser:
    address = os.environ.get("DEMO_BROWSER")
    if address is not None:
        return chromium.connect_over_cdp(address, timeout=_PATIENCE_MS)
    program = os.environ.get("MOCKFLOW_CHROMIUM") or shutil.which("chromium")
    return chromium.launch(executable_path=program, args=FLAGS)


@pytest.fixture
def demo(mockflow: Mockflow) -> Iterator[Demo]:
    """The demo client of the test's sandbox, nobody signed in."""
    with sync_playwright() as playwright:
        browser = _browser(playwright.chromium)
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        context.set_default_timeout(_PATIENCE_MS)
        page = context.new_page()
        page.goto(f"{mockflow.url}/_mockflow/demo/#inbox")
        yield Demo(page).checked()
        context.close()


def test_a_day(demo: Demo) -> None:
    demo.button("Use the demo account").click()
    demo.checked().add("Buy milk").checked()
    expect(demo.row("Buy milk")).to_have_count(1)
    demo.open("Buy milk")
    demo.checked().field("Notes").fill("The blue one")
    demo.save().checked().tick("Buy milk").checked()
    expect(demo.row("Buy milk")).to_have_count(0)
    demo.open("Dentist")
    demo.checked().button("Delete").click()
    demo.button("Delete it for good").click()
    demo.checked()
    expect(demo.row("Dentist")).to_have_count(0)


def test_a_new_account(demo: Demo, mockflow: Mockflow) -> None:
    demo.button("Create an account").click()
    demo.field("E-mail").fill("new@example.com")
    demo.button("Send me a code").click()
    demo.checked().field("Code").fill(mockflow.outbox.code_for("new@example.com"))
    demo.field("Password").fill("Passw0rd!")
    demo.button("Create the account").click()
    demo.checked().button("Profile").click()
    demo.field("Name").fill("Nova")
    demo.save().checked().button("Profile").click()
    demo.button("Sign out").click()
    expect(demo.checked().button("Use the demo account")).to_be_visible()


def test_a_plan(demo: Demo) -> None:
    demo.button("Use the demo account").click()
    demo.checked().field("New project").fill("Sail")
    demo.field("New project").press("Enter")
    demo.checked().view("Sail").checked().field("New section").fill("Later")
    demo.field("New section").press("Enter")
    expect(demo.checked().group("Later")).to_have_count(1)
    demo.button("Board").click()
    demo.checked().view("Inbox").checked().open("Dentist")
    demo.checked().field("New tag").fill("teeth")
    demo.field("New tag").press("Enter")
    demo.checked().save().checked().field("Search").fill("dentist")
    demo.field("Search").press("Enter")
    expect(demo.checked().row("Dentist")).to_contain_text("teeth")
