"""What one does about a request in the console: make its operation fail, send it again, take it along."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Locator, expect

from mockflow.testing import Mockflow
from tests.browser.watching import Console


@pytest.fixture
def detail(console: Console, sandbox: Mockflow) -> Locator:
    """A task was created, and its request is open."""
    cookies = sandbox.sign_in("demo@flowtask.test")
    requests.post(f"{sandbox.url}/api/v2/todo", json={"title": "Buy milk"}, cookies=cookies, timeout=10)
    return console.open_request("/api/v2/todo")


def test_its_operation_fails_from_then_on_by_a_rule_that_is_shown(
    console: Console, sandbox: Mockflow, detail: Locator
) -> None:
    detail.get_by_label("with").select_option("503")
    console.button("Fail this operation").click()
    rules = detail.get_by_role("list", name="Rules for this operation")
    expect(rules).to_contain_text("operation=createTask; status=503; retry-after=1")
    answer = requests.post(f"{sandbox.url}/api/v2/todo", json={}, timeout=10)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    expect(rules).to_contain_text("1 hit")
    rules.get_by_role("button").click()
    expect(rules).to_have_count(0)
    assert sandbox.control.call("GET", "faults") == {"faults": []}


def test_it_is_sent_again_as_the_same_user(console: Console, sandbox: Mockflow, detail: Locator) -> None:
    console.button("Send again").click()
    expect(detail.get_by_role("status")).to_contain_text("Answered 201: req-2")
    first, again = sandbox.requests(operation="createTask")
    for key in ("method", "path", "user", "status"):
        assert getattr(again, key) == getattr(first, key)
    assert again.request.body == first.request.body
    detail.get_by_role("status").get_by_role("link", name="req-2").click()
    expect(console.page.locator("#detail-title")).to_contain_text("req-2")


def test_one_that_held_a_secret_is_not_sent_again(console: Console, sandbox: Mockflow) -> None:
    form = {"email": "demo@flowtask.test", "password": "Passw0rd!"}
    requests.post(f"{sandbox.url}/api/v1/user/signin", json=form, timeout=10)
    detail = console.open_request("/signin")
    expect(detail).to_contain_text("It held a secret, which the journal does not keep.")
    expect(console.button("Send again")).to_be_disabled()


def saved(console: Console, button: str) -> list[Any]:
    with console.page.expect_download() as download:
        console.button(button).click()
    entries: list[Any] = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))["log"]["entries"]
    return entries


@pytest.mark.usefixtures("detail")
def test_it_is_saved_as_har_and_so_are_all(console: Console, sandbox: Mockflow) -> None:
    requests.get(f"{sandbox.url}/api/v1/auth-check", timeout=10)
    (entry,) = saved(console, "Save this request as HAR")
    assert entry["request"]["url"] == f"{sandbox.url}/api/v2/todo"
    assert len(saved(console, "Save all requests as HAR")) == 2


@pytest.mark.minutes
@pytest.mark.skipif(shutil.which("node") is None, reason="There is no Node.js.")
def test_the_javascript_is_a_test_that_passes(
    console: Console, sandbox: Mockflow, detail: Locator, tmp_path: Path
) -> None:
    handle = requests.get(f"{sandbox.url}/_mockflow/client.js", timeout=10)
    if handle.status_code == 404:
        pytest.skip("This server has no handle for JavaScript.")
    (tmp_path / "client.js").write_bytes(handle.content)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    with sandbox.fault(status=503):
        cookies = sandbox.sign_in("demo@flowtask.test")
        requests.get(f"{sandbox.url}/api/v2/todo/search?q=`${{a}}", cookies=cookies, timeout=10)
    for number, path in enumerate(("/api/v2/todo", "/api/v2/todo/search")):
        console.page.locator(f"button.row[title^='{path}']").first.click()
        detail.get_by_role("tab", name="JavaScript").click()
        test = detail.get_by_role("region", name="As JavaScript")
        expect(test).to_contain_text(f"${{mf.url}}{path}")
        (tmp_path / f"{number}.test.js").write_text(test.inner_text())
    env = {**os.environ, "MOCKFLOW_URL": sandbox.url}
    command = ["node", "--test"]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout
    assert "# pass 2" in done.stdout
