"""The demo client as a careful client: each preset switched on while it is used, and answers that are lost."""

from __future__ import annotations

from collections import Counter

import pytest
from playwright.sync_api import expect

from mockflow.testing import Mockflow
from tests.browser.conftest import OpenDemo
from tests.browser.demo import Demo, tasks

NETWORK = (
    "ERR_EMPTY_RESPONSE",
    "ERR_CONNECTION_RESET",
    "ERR_CONTENT_LENGTH_MISMATCH",
    "ERR_CONNECTION_CLOSED",
    "500",
)
TITLES = ["Buy bread", "Buy milk", "Buy eggs", "Buy salt"]


@pytest.fixture
def demo(open_demo: OpenDemo, sandbox: Mockflow) -> Demo:
    """Signed in, and ready for what is to come."""
    demo = open_demo(sandbox.url, expects=["400", "401", "429", "503", *NETWORK]).enter()
    demo.page.clock.install()
    return demo


def switch_on(sandbox: Mockflow, preset: str) -> None:
    sandbox.control.call("POST", f"faults/presets/{preset}")


def hits(sandbox: Mockflow) -> int:
    """How often the rules in force have fired."""
    return sum(rule["hits"] for rule in sandbox.control.call("GET", "faults")["faults"])


def patient(demo: Demo, sandbox: Mockflow, seconds: int) -> None:
    """Let time pass, here and there, as long as the page waits for it."""
    expect(demo.notice()).to_contain_text(f"Trying again in {seconds} s.")
    sandbox.clock.advance(seconds)
    demo.page.clock.fast_forward(seconds * 1000)


@pytest.mark.parametrize("preset", ["flaky", "flaky-network", "lost-responses"])
def test_nothing_is_lost_or_doubled_where_answers_fail_at_random(
    demo: Demo, sandbox: Mockflow, preset: str
) -> None:
    """Nor where the browser itself sends a request again, which it does when an old connection breaks."""
    switch_on(sandbox, preset)
    for title in TITLES:
        demo.add(title)
    demo.tick("Buy bread").delete("Buy milk").make("New project", "Sail").view("Sail").make("New section", "Later")
    expect(demo.notice()).to_have_count(0)
    sandbox.control.call("DELETE", "faults")
    made = Counter(row for row in sandbox.rows() if "Buy " in row or '"Sail"' in row)
    assert [row for row, count in made.items() if count > 1] == []
    assert {title: len(tasks(sandbox, title)) for title in TITLES} == dict(zip(TITLES, (1, 0, 1, 1), strict=True))
    assert '"completed": true' in tasks(sandbox, "Buy bread")[0]
    assert len(made) == 5


def test_an_expired_session_asks_to_sign_in_and_what_was_begun_goes_on(demo: Demo, sandbox: Mockflow) -> None:
    demo.open("Send the offer to Acme")
    demo.field("Notes").fill("By mail")
    switch_on(sandbox, "expired-session")
    demo.button("Save").click()
    expect(demo.again()).to_contain_text("goes on as soon as you are back")
    demo.sign_in_again()
    expect(demo.again()).to_have_count(0)
    expect(demo.rested().page.get_by_role("dialog")).to_have_count(0)
    assert '"description": "By mail"' in tasks(sandbox, "Send the offer to Acme")[0]
    assert len(sandbox.requests(operation="signIn")) == 2


def test_too_many_requests_are_waited_out_for_as_long_as_is_said(demo: Demo, sandbox: Mockflow) -> None:
    switch_on(sandbox, "rate-limited")
    demo.field("New task").fill("Buy milk")
    demo.field("New task").press("Enter")
    for _ in range(3):
        patient(demo, sandbox, 1)
        demo.page.wait_for_function("count => performance.now() && true")
    expect(demo.rested().row("Buy milk")).to_have_count(1)
    assert len(tasks(sandbox, "Buy milk")) == 1
    assert hits(sandbox) == 3


def test_an_outage_is_told_with_the_seconds_that_are_left_and_can_be_left(demo: Demo, sandbox: Mockflow) -> None:
    switch_on(sandbox, "outage")
    demo.field("New task").fill("Buy milk")
    demo.field("New task").press("Enter")
    expect(demo.notice()).to_contain_text("Trying again in 30 s.")
    demo.button("Stop").click()
    expect(demo.page.get_by_role("alert")).to_contain_text("You stopped waiting.")
    expect(demo.field("New task")).to_have_value("Buy milk")
    demo.field("New task").press("Enter")
    patient(demo, sandbox, 30)
    expect(demo.rested().row("Buy milk")).to_have_count(1)
    assert hits(sandbox) == 1


def test_a_slow_answer_is_waited_for_and_the_page_shows_what_was_done_at_once(
    demo: Demo, sandbox: Mockflow
) -> None:
    switch_on(sandbox, "slow")
    demo.check("Send the offer to Acme").check()
    expect(demo.row("Send the offer to Acme")).to_have_class("row  done")
    expect(demo.page.locator(".progress")).to_be_visible()
    expect(demo.rested().row("Send the offer to Acme")).to_have_count(0)


def test_who_tries_again_when_nobody_knows_whether_it_was_done_gets_one(demo: Demo, sandbox: Mockflow) -> None:
    """The answer breaks off, and then Flowtask is down for longer than the page has patience."""
    call = sandbox.control.call
    broken = {"effect": {"disconnect": "truncate"}, "phase": "after", "times": 1}
    call("POST", "faults", {"match": {"operation": "createTask"}, **broken})
    call(
        "POST", "faults", {"id": "down", "match": {"operation": "listTasks"}, "effect": {"status": 500}, "skip": 1}
    )
    demo.field("New task").fill("Buy milk")
    demo.field("New task").press("Enter")
    expect(demo.page.get_by_role("alert")).to_have_text("Flowtask is in trouble (500).Load againDismiss")
    expect(demo.field("New task")).to_have_value("Buy milk")
    call("DELETE", "faults")
    demo.field("New task").press("Enter")
    expect(demo.rested().row("Buy milk")).to_have_count(1)
    assert len(tasks(sandbox, "Buy milk")) == 1


def test_what_is_refused_is_told_in_flowtasks_words_and_what_was_typed_stays(
    demo: Demo, sandbox: Mockflow
) -> None:
    sandbox.control.call(
        "POST",
        "faults",
        {"match": {"operation": "createTask"}, "effect": {"status": 400, "message": "Not on a Sunday."}},
    )
    demo.field("New task").fill("Buy milk")
    demo.field("New task").press("Enter")
    expect(demo.page.get_by_role("alert")).to_contain_text("Not on a Sunday.")
    expect(demo.field("New task")).to_have_value("Buy milk")
    assert len(sandbox.requests(operation="createTask")) == 1


def test_a_server_that_hangs_is_given_up_after_a_while(demo: Demo, sandbox: Mockflow) -> None:
    sandbox.control.call(
        "POST", "faults", {"match": {"operation": "updateTask"}, "effect": {"hang": 60}, "times": 1}
    )
    demo.check("Send the offer to Acme").check()
    expect(demo.rested().row("Send the offer to Acme")).to_have_count(0)
    first, second = reversed(sandbox.requests(operation="updateTask"))
    assert first["durationMs"] < 7_000
    assert second["status"] == 200
