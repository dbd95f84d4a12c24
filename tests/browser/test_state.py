"""Data, snapshots, reset and sandboxes in the console."""

from __future__ import annotations

import pytest
import requests
from playwright.sync_api import expect

from mockflow.testing import Mockflow
from tests.browser.conftest import OpenConsole
from tests.browser.watching import Console


def add_task(sandbox: Mockflow, title: str) -> None:
    cookies = sandbox.sign_in("demo@flowtask.test")
    requests.post(f"{sandbox.url}/api/v2/todo", json={"title": title}, cookies=cookies, timeout=10)


def test_a_board_shows_sections_tasks_subtasks_and_what_is_done(console: Console) -> None:
    console.panel("Data")
    expect(console.field("Project").locator("option:checked")).to_have_text("Inbox – demo@flowtask.test")
    console.field("Project").select_option(label="Website relaunch – Studio North")
    board = console.page.get_by_role("region", name="Board")
    expect(board.get_by_role("heading", name="In progress")).to_be_visible()
    card = board.get_by_role("listitem").filter(has_text="Re-launch the newsletter").first
    expect(card.get_by_role("listitem").filter(has_text="Write the teaser")).to_be_visible()
    expect(card.get_by_text("Done: Pick three stories")).to_be_visible()


def test_what_a_client_writes_appears_in_the_data(console: Console, sandbox: Mockflow) -> None:
    console.panel("Data")
    console.page.get_by_role("tab", name="Tasks").click()
    add_task(sandbox, "Buy milk")
    console.field("Search").fill("MILK")
    expect(console.row("Buy milk")).to_be_visible()
    console.field("Search").fill("")
    console.page.get_by_role("tab", name="Tags").click()
    expect(console.row("urgent")).to_be_visible()


def test_a_search_narrows_every_view_and_finds_the_project_where_a_task_is(console: Console) -> None:
    console.panel("Data")
    console.field("Search").fill("newsletter")
    board = console.page.get_by_role("region", name="Board")
    expect(board.get_by_role("listitem").filter(has_text="Re-launch the newsletter").first).to_be_visible()
    expect(console.page.get_by_role("tab", name="Tags")).to_have_text("Tags")
    console.page.get_by_role("tab", name="Tags").click()
    expect(console.page.get_by_text("Nothing here holds")).to_be_visible()


def test_the_way_leads_from_a_task_to_its_requests(console: Console, sandbox: Mockflow) -> None:
    add_task(sandbox, "Buy milk")
    requests.get(f"{sandbox.url}/api/v1/auth-check", timeout=10)
    console.panel("Data")
    console.page.get_by_role("link", name="Requests about Buy milk").click()
    expect(console.page.locator("button.row")).to_have_text(["/api/v2/todo"])
    console.page.go_back()
    expect(console.page.get_by_role("link", name="Requests about Buy milk")).to_be_visible()


@pytest.mark.minutes
def test_ten_thousand_tasks_are_shown_a_part_at_a_time(console: Console, sandbox: Mockflow) -> None:
    sandbox.reset(seeds="large")
    console.panel("Data")
    tab = console.page.get_by_role("tab", name="Tasks")
    expect(tab).to_contain_text("10000")
    tab.click()
    console.button("Show 100 more of 9900").click()
    expect(console.page.locator("#data-panel tbody tr")).to_have_count(200)


def test_a_snapshot_is_saved_restored_and_deleted(console: Console, sandbox: Mockflow) -> None:
    console.expects("400")
    console.panel("Snapshots")
    console.field("Name").fill("no good")
    console.button("Save").click()
    expect(console.page.get_by_role("alert")).to_contain_text("A snapshot is named")
    console.field("Name").fill("clean")
    console.button("Save").click()
    add_task(sandbox, "Buy milk")
    before = sandbox.control.call("GET", "info")["counts"]["todos"]
    console.button("Restore clean").click()
    expect(console.page.get_by_text("Back at clean.")).to_be_visible()
    assert sandbox.control.call("GET", "info")["counts"]["todos"] == before - 1
    console.button("Delete clean").click()
    console.agree("Delete")
    expect(console.row("clean")).to_have_count(0)
    assert sandbox.control.call("GET", "snapshots") == {"snapshots": []}


def test_a_reset_asks_once_then_goes_back_to_the_start_that_was_chosen(
    console: Console, sandbox: Mockflow
) -> None:
    add_task(sandbox, "Buy milk")
    expect(console.row("/api/v2/todo")).to_be_visible()
    console.panel("Snapshots")
    console.field("Seed set").select_option("minimal")
    console.field("Seed").fill("7")
    console.field("Clock, frozen at (UTC)").fill("2030-01-01T00:00")
    console.button("Reset").click()
    console.agree("Cancel")
    assert sandbox.control.call("GET", "info")["seeds"] == "demo"
    console.button("Reset").click()
    console.agree("Reset")
    expect(console.page.get_by_text("Back at the start: minimal, seed 7.")).to_be_visible()
    expect(console.page.get_by_role("banner")).to_contain_text("2030-01-01 00:00:00 UTC frozen")
    info = sandbox.control.call("GET", "info")
    assert (info["seeds"], info["seed"], info["counts"]["todos"]) == ("minimal", 7, 0)
    console.panel("Requests")
    expect(console.page.get_by_text("No requests yet.")).to_be_visible()


def test_a_reset_that_is_refused_keeps_the_form(console: Console) -> None:
    console.expects("400")
    console.panel("Snapshots")
    console.field("Seed").fill("seven")
    console.button("Reset").click()
    console.agree("Reset")
    expect(console.page.locator("#reset-seed-error")).to_be_visible()
    expect(console.field("Seed")).to_have_value("seven")


def test_two_consoles_show_two_sandboxes_side_by_side(
    console: Console, sandbox: Mockflow, open_console: OpenConsole, server: str
) -> None:
    add_task(sandbox, "Only here")
    console.panel("Sandboxes")
    console.field("Name").fill(f"{sandbox.url.rpartition('/')[2]}-fork")
    console.field("Begins as").select_option(sandbox.url.rpartition("/")[2])
    console.field("Ends after (s)").fill("600")
    console.button("Create").click()
    name = f"{sandbox.url.rpartition('/')[2]}-fork"
    with console.page.context.expect_page() as opened:
        console.page.get_by_role("link", name=f"Open {name} in a new tab").click()
    opened.value.close()
    beside = open_console(f"{server}/s/{name}", context=console.page.context)
    expect(beside.page.get_by_role("banner")).to_contain_text(f"Sandbox {name}")
    requests.get(f"{server}/s/{name}/api/v1/auth-check", timeout=10)
    expect(beside.row("/api/v1/auth-check")).to_be_visible()
    console.panel("Requests")
    expect(console.row("/api/v2/todo")).to_be_visible()
    expect(console.row("/api/v1/auth-check")).to_have_count(0)
    beside.panel("Data")
    beside.page.get_by_role("tab", name="Tasks").click()
    beside.field("Search").fill("Only here")
    expect(beside.row("Only here")).to_be_visible()


def test_deleting_the_sandbox_one_is_in_leads_to_default(console: Console, sandbox: Mockflow, server: str) -> None:
    name = sandbox.url.rpartition("/")[2]
    console.panel("Sandboxes")
    console.button(f"Delete {name}").click()
    console.agree("Delete")
    console.page.wait_for_url(f"{server}/_mockflow/ui/")
    expect(console.page.get_by_role("banner")).to_contain_text("Sandbox default")
    console.is_live()
    assert requests.get(f"{server}/_mockflow/sandboxes", timeout=10).text.count(f'"{name}"') == 0


def test_what_was_typed_is_there_when_one_comes_back(console: Console) -> None:
    console.field("Filter").fill("milk")
    console.panel("Faults")
    console.field("Rule").fill("status=503; times=")
    console.panel("Snapshots")
    console.panel("Faults")
    expect(console.field("Rule")).to_have_value("status=503; times=")
    console.panel("Requests")
    expect(console.field("Filter")).to_have_value("milk")


def test_what_others_change_without_an_event_is_seen_all_the_same(console: Console, sandbox: Mockflow) -> None:
    console.panel("Snapshots")
    sandbox.control.call("PUT", "snapshots/theirs")
    console.looked_at_again()
    expect(console.row("theirs")).to_be_visible()
    console.panel("Data")
    console.page.get_by_role("tab", name="Tasks").click()
    tab = console.page.get_by_role("tab", name="Tasks")
    before = int("".join(filter(str.isdigit, tab.inner_text())))
    add_task(sandbox, "Buy milk")
    expect(tab).to_contain_text(str(before + 1))
    sandbox.control.call("POST", "snapshots/theirs/restore")
    console.looked_at_again()
    expect(tab).to_contain_text(str(before))
