"""Faults in the console: switches, the form, and the rules in force."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from mockflow.errors import InvalidInput
from mockflow.faults.grammar import parse
from mockflow.operations import OPERATIONS
from mockflow.seeding import sets
from mockflow.testing import Mockflow
from tests.browser.watching import Console


@pytest.fixture
def session(sandbox: Mockflow) -> requests.Session:
    """A real client, signed in."""
    client = requests.Session()
    client.cookies.update(sandbox.sign_in("demo@flowtask.test"))
    return client


def switch(console: Console, name: str) -> Any:
    return console.page.get_by_role("switch").filter(has_text=name)


def test_the_429_switch_makes_the_next_request_of_a_client_fail(
    console: Console, sandbox: Mockflow, session: requests.Session
) -> None:
    tasks = f"{sandbox.url}/api/v2/todo"
    assert session.get(tasks, timeout=10).status_code == 200
    console.panel("Faults")
    switch(console, "429").click()
    expect(switch(console, "429")).to_have_attribute("aria-checked", "true")
    answer = session.get(tasks, timeout=10)
    assert (answer.status_code, answer.headers["X-Mockflow-Fault"]) == (429, "console-429")
    console.panel("Requests")
    expect(console.page.locator("tbody tr").first).to_contain_text("429")
    expect(console.page.locator("tbody tr").first).to_contain_text("console-429")
    console.panel("Faults")
    switch(console, "429").click()
    expect(switch(console, "429")).to_have_attribute("aria-checked", "false")
    assert session.get(tasks, timeout=10).status_code == 200


def test_a_preset_is_switched_on_and_off_with_all_its_rules(console: Console, sandbox: Mockflow) -> None:
    console.panel("Faults")
    switch(console, "flaky-network").click()
    expect(console.row("flaky-network-reset")).to_be_visible()
    expect(console.row("flaky-network-truncate")).to_be_visible()
    switch(console, "flaky-network").click()
    expect(switch(console, "flaky-network")).to_have_attribute("aria-checked", "false")
    assert sandbox.control.call("GET", "faults") == {"faults": []}


def test_a_rule_of_ones_own_does_not_switch_on_what_has_its_id(console: Console, sandbox: Mockflow) -> None:
    call = sandbox.control.call
    call("POST", "faults", {"id": "flaky", "effect": {"status": 503}, "probability": 0.1})
    call("POST", "faults", {"id": "console-401", "effect": {"status": 401}, "times": 1})
    call("POST", "faults/presets/rate-limited")
    console.panel("Faults")
    expect(console.row("status=503; probability=0.1")).to_be_visible()
    expect(switch(console, "rate-limited")).to_have_attribute("aria-checked", "true")
    for name in ("one request in ten fails", "401"):
        expect(switch(console, name)).to_have_attribute("aria-checked", "false")


def test_a_rule_is_added_as_text_and_its_hits_count_up_live(
    console: Console, sandbox: Mockflow, session: requests.Session
) -> None:
    console.panel("Faults")
    console.field("Rule").fill("id=twice; status=503; operation=listTasks; times=2")
    console.button("Add the rule").click()
    row = console.row("operation=listTasks; status=503; times=2")
    expect(row.get_by_role("cell").nth(1)).to_have_text("0")
    expect(console.field("Rule")).to_have_value("")
    session.get(f"{sandbox.url}/api/v2/todo", timeout=10)
    expect(row.get_by_role("cell").nth(1)).to_have_text("1")
    session.get(f"{sandbox.url}/api/v2/todo", timeout=10)
    expect(row).to_contain_text("used up")
    console.button("Remove twice").click()
    expect(console.page.get_by_text("No rule:")).to_be_visible()


def test_what_the_server_refuses_is_told_beside_the_field_and_nothing_is_lost(console: Console) -> None:
    console.expects("400")
    console.panel("Faults")
    console.field("Rule").fill("status=500; operation=createTas")
    console.button("Add the rule").click()
    expect(console.page.get_by_role("alert")).to_contain_text("Did you mean createTask")
    expect(console.field("Rule")).to_have_value("status=500; operation=createTas")
    expect(console.field("Rule")).to_have_attribute("aria-invalid", "true")


def test_the_fields_make_the_same_rule_and_each_has_its_own_error(console: Console, sandbox: Mockflow) -> None:
    console.expects("400")
    console.panel("Faults")
    console.page.get_by_role("tab", name="As fields").click()
    console.field("Status").fill("42")
    console.field("Operation").fill("createTask")
    console.field("Times").fill("2")
    console.field("User").fill("demo@flowtask.test")
    console.button("Add the rule").click()
    told = console.page.locator("#f-status-error")
    expect(told).to_contain_text("greater than or equal to 400")
    expect(console.field("Operation")).to_have_value("createTask")
    console.field("Status").fill("503")
    console.button("Add the rule").click()
    expect(console.row("operation=createTask; user=demo@flowtask.test; status=503; times=2")).to_be_visible()
    (rule,) = sandbox.control.call("GET", "faults")["faults"]
    assert (rule["match"], rule["effect"], rule["times"]) == (
        {"operation": "createTask", "user": "demo@flowtask.test"},
        {"status": 503},
        2,
    )


def test_a_rule_of_json_says_more_than_the_grammar(console: Console, sandbox: Mockflow) -> None:
    console.panel("Faults")
    console.field("Rule").fill('{"effect": {"status": 500, "body": "<html>"}}')
    console.button("Add the rule").click()
    expect(console.row('body="<html>"')).to_be_visible()
    assert requests.get(f"{sandbox.url}/api/v1/auth-check", timeout=10).json() == "<html>"


def test_a_rule_added_elsewhere_is_seen_here(console: Console, sandbox: Mockflow) -> None:
    console.panel("Faults")
    with sandbox.fault(id="elsewhere", status=500):
        console.looked_at_again()
        expect(console.row("elsewhere")).to_be_visible()
    console.looked_at_again()
    expect(console.row("elsewhere")).to_have_count(0)


def test_all_rules_are_removed_after_asking(console: Console, sandbox: Mockflow) -> None:
    for status in (500, 503):
        sandbox.control.call("POST", "faults", {"effect": {"status": status}})
    console.panel("Faults")
    console.button("Remove all").click()
    console.agree("Remove all")
    expect(console.page.get_by_text("No rule:")).to_be_visible()
    assert sandbox.control.call("GET", "faults") == {"faults": []}


RULES = [
    "401",
    "status=500; operation=createTask; times=2",
    " id = a ;status=429;retry-after=3; message=slow = down;; ",
    "disconnect=reset; path=/api/v2/todo/**; method=GET; probability=0.25; phase=after; skip=1",
    "latency=20.5; jitter=1e1; distribution=lognormal; bytes-per-second=100; expires-after=3",
    "malformed=true",
    "expire-session=false; user=ann@example.com",
    "hang=-1",
]
NO_RULES = [
    "",
    " ; ",
    "nonsense",
    "colour=red",
    "status=many",
    "status=1; status=2",
    "500; status=1",
    "times=0x10",
]

IN_PAGE = """async ([module, text]) => {
    const { parse } = await import(module);
    try { return { rule: parse(text) }; } catch (error) { return { key: error.key, message: error.message }; }
}"""


def read_in_page(page: Page, server: str, text: str) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate(IN_PAGE, [f"{server}/_mockflow/ui/flat.js", text])
    return found


def read_here(text: str) -> dict[str, Any]:
    try:
        return {"rule": parse(text)}
    except InvalidInput as error:
        key = error.offences[0].path[0] if error.offences else None
        return {"key": key, "message": str(error)}


def test_the_console_reads_the_flat_grammar_as_the_server_does(console: Console, server: str) -> None:
    for text in RULES:
        assert read_in_page(console.page, server, text) == read_here(text), text
    for text in NO_RULES:
        assert read_in_page(console.page, server, text) == read_here(text), text


def test_the_names_to_choose_from_are_the_servers(console: Console, server: str) -> None:
    names = console.page.evaluate("module => import(module)", f"{server}/_mockflow/ui/operations.js")
    assert names["OPERATIONS"] == [one.name for one in OPERATIONS]
    assert set(names["SEED_SETS"]) == set(sets.names())
