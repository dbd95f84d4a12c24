"""A browser and a server for this folder, a sandbox and pages for each test.

Not for the session: Playwright's event loop runs for as long as its browser, in the way of other tests' own.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from mockflow.client import ControlClient
from mockflow.process import running_server
from mockflow.testing import Mockflow
from tests.browser.demo import EMAIL, Demo
from tests.browser.watching import Console, Watched

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()

# A loaded machine needs longer than the five seconds that Playwright waits; a good one is not slowed by it.
expect.set_options(timeout=15_000)

OpenPage = Callable[..., Watched]
OpenConsole = Callable[..., Console]
OpenDemo = Callable[..., Demo]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium: the one that MOCKFLOW_CHROMIUM names, else the system's."""
    chromium = os.environ.get("MOCKFLOW_CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        missing = "There is no chromium on the PATH, and MOCKFLOW_CHROMIUM names none."
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="package")
def server() -> Iterator[str]:
    """The base URL of a server with the seeds `demo`."""
    with running_server() as url:
        yield url


@pytest.fixture
def sandbox(server: str) -> Mockflow:
    """A sandbox of the test's own."""
    made = ControlClient(server).call("POST", "sandboxes", {"ttlSeconds": 3600})
    return Mockflow(ControlClient(server, sandbox=made["name"]))


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """Opens an address in a cookie jar of its own, `context` in one there is; errors of a page fail its test."""
    watched: list[Watched] = []
    contexts: list[BrowserContext] = []

    def open_one(url: str, *, context: BrowserContext | None = None, **options: Any) -> Watched:
        if context is None:
            context = browser.new_context(**options)
            contexts.append(context)
        watched.append(Watched(context.new_page()))
        watched[-1].page.goto(url)
        return watched[-1]

    yield open_one
    for context in contexts:
        context.close()
    for one in watched:
        one.check()


@pytest.fixture
def open_console(open_page: OpenPage) -> OpenConsole:
    """Opens the console of the sandbox that has a base URL, and waits until it is connected."""

    def open_one(url: str, panel: str = "requests", **options: Any) -> Console:
        console = Console(open_page(f"{url}/_mockflow/ui/#{panel}", **options))
        console.is_live()
        return console

    return open_one


@pytest.fixture
def open_demo(open_page: OpenPage) -> OpenDemo:
    """Opens the demo client of the sandbox with a base URL; `expects` are statuses and network errors to come."""

    def open_one(url: str, view: str = "today", expects: Sequence[str] = (), **options: Any) -> Demo:
        watched = open_page(f"{url}/_mockflow/demo/#{view}", **options)
        watched.expected.update(expects)
        return Demo(watched.page).rested()

    return open_one


@pytest.fixture(scope="package")
def kept(browser: Browser) -> Iterator[Watched]:
    """A page for test after test: to make one takes longer than most of them."""
    context = browser.new_context()
    yield Watched(context.new_page())
    context.close()


@pytest.fixture
def shared(kept: Watched) -> Iterator[Watched]:
    """That page, as if it were new: without cookies, and with nothing in its storage."""
    yield kept
    page, context = kept.page, kept.page.context
    kept.check()
    kept.problems.clear()
    kept.expected.clear()
    page.unroute_all()
    page.evaluate("localStorage.clear(); sessionStorage.clear()")
    page.goto("about:blank")
    page.set_viewport_size({"width": 1280, "height": 720})
    for other in context.pages:
        if other is not page:
            other.close()
    context.clear_cookies()
    context.clear_permissions()


@pytest.fixture
def console(shared: Watched, sandbox: Mockflow) -> Console:
    """The console of the test's sandbox."""
    shared.page.goto(f"{sandbox.url}/_mockflow/ui/#requests")
    console = Console(shared)
    console.is_live()
    return console


@pytest.fixture
def demo(shared: Watched, sandbox: Mockflow) -> Demo:
    """The demo client of the test's sandbox, signed in."""
    sign_in(shared.page.context, sandbox)
    shared.page.goto(f"{sandbox.url}/_mockflow/demo/")
    return Demo(shared.page).rested()


def sign_in(context: BrowserContext, sandbox: Mockflow) -> None:
    """Give a browser a session of the demo account."""
    ((name, value),) = sandbox.sign_in(EMAIL).items()
    url = urlsplit(sandbox.url)
    context.add_cookies([{"name": name, "value": value, "domain": url.hostname or "", "path": f"{url.path}/"}])
