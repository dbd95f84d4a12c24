"""The handle for JavaScript tests in a page: of mockflow's own origin, and of another one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from mockflow.testing import Mockflow
from tests.browser.conftest import OpenPage

ELSEWHERE = "http://localhost:5999/"
DRIVE = """async () => {
    const { connect } = await import("./_mockflow/client.js");
    const mf = await connect();
    const box = await mf.sandbox({ label: "in a page" });
    await box.fault({ operation: "checkAuth", status: 429, retryAfter: 1, times: 1 });
    const statuses = [];
    for (const _ of [1, 2]) statuses.push((await fetch(`${box.url}/api/v1/auth-check`)).status);
    await box.assertCalled({ operation: "checkAuth", count: 2 });
    await box.close();
    return { url: mf.url, statuses };
}"""


@pytest.fixture
def elsewhere(browser: Browser, open_page: OpenPage) -> Iterator[Callable[[], Page]]:
    """Opens an empty page of another port of this machine."""
    context: BrowserContext = browser.new_context()
    context.route(f"{ELSEWHERE}**", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))

    def open_one() -> Page:
        watched = open_page(ELSEWHERE, context=context)
        watched.expected.update({"CORS", "ERR_FAILED"})
        return watched.page

    yield open_one
    context.close()


def test_a_page_of_mockflow_drives_its_sandbox_without_an_address(open_page: OpenPage, sandbox: Mockflow) -> None:
    page = open_page(f"{sandbox.url}/").page
    assert page.evaluate(DRIVE) == {"url": sandbox.url, "statuses": [429, 200]}


def test_a_page_of_another_port_may_import_it_and_is_told_why_it_cannot_drive(
    elsewhere: Callable[[], Page], sandbox: Mockflow
) -> None:
    told = elsewhere().evaluate(
        """async (url) => {
            const { connect, MockflowError } = await import(`${url}/_mockflow/client.js`);
            const error = await connect({ url }).catch((caught) => caught);
            return [error instanceof MockflowError, error.message];
        }""",
        sandbox.url,
    )
    assert told[0]
    assert told[1].startswith(
        f"No mockflow answers at {sandbox.url}: Failed to fetch. A page of http://localhost:5999"
    )
    assert "pass /_mockflow, /s and /api on to mockflow (docs/javascript.md shows how)" in told[1]
    assert sandbox.requests() == []
