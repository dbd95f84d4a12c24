"""The handle for JavaScript tests in a page: of mockflow's own origin, and of another one."""

from __future__ import annotations

from mockflow.testing import Mockflow
from tests.browser.conftest import OpenPage

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
IMPORT = """async (url) => {
    const { connect, MockflowError } = await import(`${url}/_mockflow/client.js`);
    const error = await connect({ url }).catch((caught) => caught);
    return [error instanceof MockflowError, error.message];
}"""


def test_a_page_of_mockflow_drives_its_sandbox_without_an_address(open_page: OpenPage, sandbox: Mockflow) -> None:
    watched = open_page(f"{sandbox.url}/")
    watched.expected.add("429")
    assert watched.page.evaluate(DRIVE) == {"url": sandbox.url, "statuses": [429, 200]}


def test_a_page_of_another_origin_may_import_it_and_is_told_why_it_cannot_drive(
    open_page: OpenPage, server: str, sandbox: Mockflow
) -> None:
    elsewhere = server.replace("localhost", "127.0.0.1")  # to a browser, that is another origin
    watched = open_page(f"{elsewhere}/api/v1/auth-check")  # a page without a policy of its own
    watched.expected.update({"CORS", "ERR_FAILED", "403", "404"})  # 404: its icon
    is_said, told = watched.page.evaluate(IMPORT, sandbox.url)
    assert is_said
    assert told.startswith(f"No mockflow answers at {sandbox.url}: Failed to fetch. A page of {elsewhere} may not")
    assert "pass /_mockflow, /s and /api on to mockflow (docs/javascript.md shows how)" in told
    assert sandbox.requests() == []
