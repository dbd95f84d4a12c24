"""The demo client as a careful client: each preset switched on while it is used, and answers that are lost."""

from __future__ import annotations

from collections import Counter

import pytest
from playwright.sync_api import expect

from mockflow.testing import Mockflow
from tests.browser.conftest import OpenDemo
from tests.browser.demo import Demo, tasks
from tests.browser.watching import Watched

pytestmark = pytest.mark.minutes

TROUBLES = "400 401 429 500 503 ERR_EMPTY_RESPONSE ERR_CONNECTION_RESET ERR_CONTENT_LENGTH_MISMATCH".split()


@pytest.fixture
def demo(demo: Demo, shared: Watched) -> Demo:
    """Ready for what is to come."""
    shared.expected.update(TROUBLES)
    return demo


def switch_on(sandbox: Mockflow, preset: str) -> None:
    sandbox.control.call("POST", f"faults/presets/{preset}")


def hits(sandbox: Mockflow) -> int:
    """How often the rules in force have fired."""
    return sum(rule["hits"] for rule in sandbox.control.call("GET", "faults")["faults"])


@pytest.mark.parametrize("preset", ["flaky", "flaky-network", "lost-responses"])
def test_nothing_is_lost_or_doubled_where_answers_fail(demo: Demo, sandbox: Mockflow, preset: str) -> None:
    """Nor where the browser itself sends a request again, which it does when an old connection breaks."""
    switch_on(sandbox, preset)
    demo.add("Buy bread").add("Buy milk").add("Buy eggs").tick("Buy bread").delete("Buy milk")
    demo.make("New project", "Sail").view("Sail").make("New section", "Later")
    expect(demo.notice()).to_have_count(0)
    assert hits(sandbox) > 0
    sandbox.control.call("DELETE", "faults")
    made = Counter(row.partition(",")[0] for row in sandbox.rows() if "Buy " in row or '"Sail"' in row)
    assert made == {
        'project {"name": "Sail"': 1,
        'section {"name": "Later"': 1,
        'task {"title": "Buy bread"': 1,
        'task {"title": "Buy eggs"': 1,
        'task {"title": "Buy dowels"': 1,
    }
    assert '"completed": true' in tasks(sandbox, "Buy bread")[0]


def test_an_expired_session_asks_to_sign_in_and_what_was_begun_goes_on(demo: Demo, sandbox: Mockflow) -> None:
    demo.open("Send the offer to Acme")
    demo.rested().field("Notes").fill("By mail")
    switch_on(sandbox, "expired-session")
    demo.button("Save").click()
    expect(demo.again()).to_contain_text("goes on as soon as you are back")
    demo.sign_in_again()
    expect(demo.page.get_by_role("dialog")).to_have_count(0)
    assert '"description": "By mail"' in tasks(sandbox, "Send the offer to Acme")[0]
    assert len(sandbox.requests(operation="signIn")) == 1


def test_a_tag_made_after_signing_in_again_is_on_the_task_it_was_made_for(demo: Demo, sandbox: Mockflow) -> None:
    """The sheet that began it is gone while somebody signs in, and another stands in its place."""
    demo.open("Send the offer to Acme")
    demo.rested().field("New tag").fill("teeth")
    switch_on(sandbox, "expired-session")
    demo.field("New tag").press("Enter")
    expect(demo.again()).to_be_visible()
    demo.sign_in_again()
    expect(demo.page.get_by_label("teeth")).to_be_checked()
    expect(demo.field("New tag")).to_have_value("")
    demo.save().rested()
    assert '"teeth"' in tasks(sandbox, "Send the offer to Acme")[0]


def test_what_says_when_to_come_back_is_waited_out_or_left(open_demo: OpenDemo, sandbox: Mockflow) -> None:
    """The presets `rate-limited` and `outage`; the half minute passes at once, here and there."""
    demo = open_demo(sandbox.url, expects=TROUBLES).enter()
    demo.page.clock.install()

    def add(title: str, told: str) -> None:
        demo.field("New task").fill(title)
        demo.field("New task").press("Enter")
        expect(demo.notice()).to_contain_text(f"Flowtask asks for patience. {told}")

    switch_on(sandbox, "rate-limited")
    add("Buy milk", "Trying again in 1 s.")
    expect(demo.rested().row("Buy milk")).to_have_count(1)
    assert hits(sandbox) == 3
    switch_on(sandbox, "outage")
    add("Buy eggs", "Trying again in 30 s.")
    demo.button("Stop").click()
    expect(demo.page.get_by_role("alert")).to_contain_text("You stopped waiting.")
    expect(demo.field("New task")).to_have_value("Buy eggs")
    add("Buy eggs", "Trying again in")
    sandbox.clock.advance(30)
    demo.page.clock.fast_forward(30_000)
    expect(demo.rested().row("Buy eggs")).to_have_count(1)
    assert len(tasks(sandbox, "Buy milk")) == len(tasks(sandbox, "Buy eggs")) == 1


def test_a_slow_answer_is_waited_for_and_what_was_done_shows_at_once(demo: Demo, sandbox: Mockflow) -> None:
    switch_on(sandbox, "slow")
    demo.check("Send the offer to Acme").click()
    expect(demo.row("Send the offer to Acme").and_(demo.page.locator(".done"))).to_be_visible()
    expect(demo.page.locator(".progress")).to_be_visible()
    expect(demo.rested().row("Send the offer to Acme")).to_have_count(0)


def test_who_tries_again_when_nobody_knows_whether_it_was_done_gets_one(demo: Demo, sandbox: Mockflow) -> None:
    """The answer breaks off, and then Flowtask is down for longer than the page has patience."""
    call = sandbox.control.call
    broken = {"effect": {"disconnect": "truncate"}, "phase": "after", "times": 1}
    call("POST", "faults", {"match": {"operation": "createTask"}, **broken})
    call("POST", "faults", {"match": {"operation": "listTasks"}, "effect": {"status": 500}, "skip": 1})
    demo.field("New task").fill("Buy milk")
    demo.field("New task").press("Enter")
    expect(demo.page.get_by_role("alert")).to_contain_text("Flowtask is in trouble (500).")
    expect(demo.field("New task")).to_have_value("Buy milk")
    call("DELETE", "faults")
    demo.field("New task").press("Enter")
    expect(demo.rested().row("Buy milk")).to_have_count(1)
    assert len(tasks(sandbox, "Buy milk")) == 1


def test_a_refusal_is_told_in_flowtasks_words_and_what_was_typed_stays(demo: Demo, sandbox: Mockflow) -> None:
    with sandbox.fault(operation="createTask", status=400, message="Not on a Sunday."):
        demo.field("New task").fill("Buy milk")
        demo.field("New task").press("Enter")
        expect(demo.page.get_by_role("alert")).to_contain_text("Not on a Sunday.")
    expect(demo.field("New task")).to_have_value("Buy milk")
    assert len(sandbox.requests(operation="createTask")) == 1
