"""The demo client: each of its views, and all that can be done in them."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from playwright.sync_api import expect

from mockflow.testing import Mockflow
from tests.browser.conftest import OpenDemo
from tests.browser.demo import EMAIL, PASSWORD, Demo, tasks

pytestmark = pytest.mark.minutes

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
VIEWS = {
    "Today": (
        ["Hand in the travel expenses", "Send the offer to Acme"],
        ["Dentist", "Answer Lee about the colors"],
    ),
    "Upcoming": (["Dentist", "Write the teaser"], ["Pay the rent", "Send the offer to Acme"]),
    "All": (["Dentist", "Pay the rent", "Repair the kitchen shelf"], ["Buy dowels", "First lesson"]),
    "Completed": (["Answer Lee about the colors", "Choose a host"], ["Dentist"]),
    "Inbox": (["Dentist", "Read about fractional indexing"], ["Repair the kitchen shelf"]),
    "Home": (["Repair the kitchen shelf", "Ask for three quotes"], ["Dentist"]),
    "errand": (["Dentist", "Repair the kitchen shelf"], ["Send the offer to Acme"]),
}
"""By view, project or tag, some of what it shows, and some of what it does not."""


def test_each_view_shows_what_belongs_to_it(demo: Demo) -> None:
    for view, (there, elsewhere) in VIEWS.items():
        demo.view(view)
        expect(demo.page.get_by_role("heading", name=view, exact=True).first).to_be_visible()
        titles = demo.titles()
        assert set(there) <= set(titles), view
        assert not set(elsewhere) & set(titles), view
    demo.view("Completed")
    expect(demo.group("Today")).to_contain_text("Answer Lee about the colors")
    expect(demo.group("Older")).to_contain_text("Choose a host")


def test_a_task_is_added_opened_changed_completed_and_deleted(demo: Demo, sandbox: Mockflow) -> None:
    demo.add("Buy milk")
    expect(demo.group("Today").filter(has_text="Buy milk")).to_be_visible()
    expect(demo.field("New task")).to_be_empty()
    demo.open("Buy milk")
    demo.field("Title").fill("Buy oat milk")
    demo.field("Notes").fill("The blue one")
    demo.field("At").fill("18:30")
    demo.field("Priority").select_option("High")
    demo.field("Repeat").select_option("Weekly")
    demo.field("Project").select_option("Home")
    demo.field("Section").select_option("Kitchen")
    demo.page.get_by_role("checkbox", name="errand").check()
    demo.make("New tag", "groceries").make("New step", "Find a bag").make("New step", "Walk there")
    demo.tick("Find a bag").save()
    expect(demo.row("Buy oat milk")).to_contain_text("18:30")
    expect(demo.row("Buy oat milk")).to_contain_text("1 of 2 steps")
    (row,) = tasks(sandbox, "Buy oat milk")
    for part in (
        '"description": "The blue one"',
        '"priority": "high"',
        '"pattern": "weekly"',
        '"section": "Kitchen"',
    ):
        assert part in row
    assert '"tags": ["errand", "groceries"]' in row
    demo.tick("Buy oat milk")  # it repeats: the next one is in a week
    expect(demo.row("Buy oat milk")).to_have_count(0)
    expect(demo.view("Upcoming").row("Buy oat milk")).to_have_count(1)
    demo.delete("Buy oat milk")
    expect(demo.row("Buy oat milk")).to_have_count(0)
    demo.view("Completed").tick("Buy oat milk").view("Today")
    expect(demo.row("Buy oat milk")).to_have_count(1)
    assert len(tasks(sandbox, "Buy oat milk")) == 1


def test_tasks_are_moved_with_keys_and_by_dragging(demo: Demo) -> None:
    demo.view("Inbox").add("First").add("Second").add("Third")
    assert demo.titles()[-3:] == ["First", "Second", "Third"]
    third = demo.row("Third").locator(".title")
    third.press("Alt+ArrowUp")
    expect(demo.rested().page.locator("main .row").nth(-2)).to_contain_text("Third")
    expect(third).to_be_focused()
    demo.row("Second").drag_to(demo.row("First"), target_position={"x": 200, "y": 2})
    expect(demo.rested().page.locator("main .row").nth(-3)).to_contain_text("Second")
    assert demo.titles()[-3:] == ["Second", "First", "Third"]
    demo.page.reload()
    demo.rested()
    assert demo.titles()[-3:] == ["Second", "First", "Third"]
    # tasks of different days may have the same key: then those behind are moved on
    while demo.titles()[0] != "Third":
        before = demo.titles().index("Third")
        demo.row("Third").locator(".title").press("Alt+ArrowUp")
        assert demo.rested().titles().index("Third") == before - 1


def test_a_project_is_a_list_or_a_board_and_tasks_go_from_section_to_section(
    demo: Demo, sandbox: Mockflow
) -> None:
    demo.view("Website relaunch")
    expect(demo.page.get_by_role("region", name="Board")).to_be_visible()
    expect(demo.check("Draw the new icons")).to_be_disabled()  # Lee's
    demo.row("Draw the sitemap").drag_to(demo.group("Backlog").locator("h3"))
    expect(demo.group("Backlog").filter(has_text="Draw the sitemap")).to_be_visible()
    demo.row("Draw the sitemap").locator(".title").press("Alt+ArrowRight")
    expect(demo.group("In progress").filter(has_text="Draw the sitemap")).to_be_visible()
    demo.rested().button("Board").click()
    expect(demo.rested().page.get_by_role("region", name="Board")).to_have_count(0)
    demo.make("New section", "Later")
    expect(demo.group("Later")).to_be_visible()
    demo.make("New project", "Sail around the world").view("Sail around the world").add("Buy a boat")
    (row,) = tasks(sandbox, "Buy a boat")
    assert '"project": "Sail around the world"' in row


def test_a_search_finds_tasks_projects_and_tags(demo: Demo) -> None:
    demo.field("Search").fill("re-launch")
    demo.field("Search").press("Enter")
    expect(demo.row("Re-launch the newsletter")).to_be_visible()
    demo.field("Search").fill("deep")
    demo.field("Search").press("Enter")
    demo.page.locator("main").get_by_role("link", name="deep work").click()
    expect(demo.row("Move the backups to the new disk")).to_be_visible()


def test_somebody_signs_up_with_the_code_from_the_outbox_and_out_again(
    open_demo: OpenDemo, sandbox: Mockflow
) -> None:
    demo = open_demo(sandbox.url, expects=["400"])
    demo.button("Create an account").click()
    demo.field("E-mail").fill("New@example.com")
    demo.button("Send me a code").click()
    expect(demo.page.get_by_role("link", name="outbox of the console")).to_have_attribute("href", "../ui/#outbox")
    demo.field("Code").fill("000000x")
    demo.field("Password").fill("correct horse")
    demo.button("Create the account").click()
    expect(demo.page.get_by_role("alert")).to_be_visible()
    demo.field("Code").fill(sandbox.outbox.code_for("new@example.com"))
    demo.button("Create the account").click()
    expect(demo.page.get_by_text("Nothing to do here.")).to_be_visible()
    demo.rested().button("Profile").click()
    demo.button("Sign out").click()
    expect(demo.button("Use the demo account")).to_be_visible()
    demo.page.reload()
    expect(demo.button("Use the demo account")).to_be_visible()


def test_the_profile_has_a_name_and_a_picture(demo: Demo, tmp_path: Path) -> None:
    picture = tmp_path / "me.png"
    picture.write_bytes(PNG)
    demo.button("Profile").click()
    demo.field("Name").fill("Dana the Great")
    demo.field("Picture").set_input_files(picture)
    demo.save()
    face = demo.button("Profile").locator("img")
    expect(face).to_be_visible()
    assert face.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1
    demo.button("Profile").click()
    expect(demo.field("Name")).to_have_value("Dana the Great")


def test_two_tabs_show_the_same_and_do_not_undo_each_other(
    demo: Demo, open_demo: OpenDemo, sandbox: Mockflow
) -> None:
    other = open_demo(sandbox.url, context=demo.page.context)
    other.open("Send the offer to Acme")
    other.field("Notes").fill("By mail")
    demo.page.bring_to_front()
    demo.tick("Renew the domain flowtask.test").add("From the other tab")
    demo.open("Send the offer to Acme")
    demo.field("Priority").select_option("Low")
    demo.save()
    other.page.bring_to_front()
    expect(other.row("From the other tab")).to_have_count(1)
    expect(other.row("Renew the domain flowtask.test")).to_have_count(0)
    other.save()
    (row,) = tasks(sandbox, "Send the offer to Acme")
    assert '"priority": "low"' in row
    assert '"description": "By mail"' in row
    sent = [change.request.body for change in sandbox.requests(operation="updateTask")]
    assert sent == [{"completed": True}, {"priority": "low"}, {"description": "By mail"}]
    demo.page.bring_to_front()
    demo.delete("From the other tab")
    other.page.bring_to_front()
    expect(other.row("From the other tab")).to_have_count(0)


def test_who_comes_back_after_an_hour_goes_on_where_they_were(open_demo: OpenDemo, sandbox: Mockflow) -> None:
    """The session is over by then, and a task of before midnight is overdue; what was typed is there."""
    sandbox.clock.freeze("2026-11-24T23:30:00Z")
    demo = open_demo(sandbox.url, expects=["400", "401"], timezone_id="UTC").enter().add("Buy milk")
    expect(demo.group("Today")).to_contain_text("Buy milk")
    demo.field("New task").fill("Buy eggs")
    sandbox.clock.advance("PT1H")
    sandbox.control.call("DELETE", "sessions", {"email": EMAIL})
    demo.field("New task").press("Enter")
    expect(demo.again()).to_contain_text(EMAIL)
    demo.again().get_by_label("Password").fill("wrong")
    demo.again().get_by_role("button", name="Sign in", exact=True).click()
    expect(demo.again().get_by_role("alert")).to_be_visible()
    demo.again().get_by_label("Password").fill(PASSWORD)
    demo.again().get_by_role("button", name="Sign in", exact=True).click()
    expect(demo.again()).to_have_count(0)
    expect(demo.rested().group("Overdue")).to_contain_text("Buy milk")
    expect(demo.field("New task")).to_be_empty()
    assert len(tasks(sandbox, "Buy eggs")) == 1
