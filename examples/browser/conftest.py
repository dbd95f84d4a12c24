"""A browser, the page on a port of its own, and a sandbox for each test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from sandbox import Sandbox

# A loaded CI machine needs longer than the five seconds that Playwright waits; a good one is not slowed by it.
expect.set_options(timeout=15_000)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium: the one `CHROMIUM` names, else the system's, else Playwright's own."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium)
        yield started
        started.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh cookie jar."""
    opened = browser.new_context()
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """Where the page is. `localhost`, as the API's: to a browser, 127.0.0.1 is another site with other cookies."""
    handler = partial(SimpleHTTPRequestHandler, directory=Path(__file__).parent)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def open_sandbox() -> Iterator[Callable[[], Sandbox]]:
    """Opens sandboxes that are closed when the test is over."""
    opened: list[Sandbox] = []

    def open_one() -> Sandbox:
        opened.append(Sandbox.open())
        return opened[-1]

    yield open_one
    for sandbox in opened:
        sandbox.close()


@pytest.fixture
def sandbox(open_sandbox: Callable[[], Sandbox]) -> Sandbox:
    """A sandbox of the test's own."""
    return open_sandbox()


@pytest.fixture
def open_page(context: BrowserContext, site: str) -> Callable[[Sandbox], Page]:
    """Opens the page on a sandbox, in the test's one cookie jar."""

    def open_one(sandbox: Sandbox) -> Page:
        page = context.new_page()
        page.goto(f"{site}/?api={sandbox.url}")
        return page

    return open_one


@pytest.fixture
def page(open_page: Callable[[Sandbox], Page], sandbox: Sandbox) -> Page:
    """The page, on the test's sandbox."""
    return open_page(sandbox)
