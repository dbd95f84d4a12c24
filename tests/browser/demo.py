"""The demo client as a person uses it: what they click, what they see, what it tells them."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from mockflow.testing import Mockflow

EMAIL, PASSWORD = "demo@flowtask.test", "Passw0rd!"
_MOST_SIGN_INS = 2
_GO = """to => new Promise((done) => {
  if (location.hash === `#${to}`) return done();
  addEventListener("hashchange", done, {once: true});
  location.hash = to;
}).then(() => null)"""

_SIGNED_IN_OR_TOLD = """() => {
  const form = document.querySelector('dialog form[aria-label="Sign in again"]');
  return !form || (form.ariaBusy === "false" && document.querySelector("dialog [role=alert]"));
}"""


def tasks(sandbox: Mockflow, title: str) -> list[str]:
    """The rows of all tasks with a title."""
    return [row for row in sandbox.rows() if row.startswith(f'task {{"title": "{title}"')]


class Told(Exception):
    """The page said in words what went wrong."""


class Demo:
    """The page of one sandbox. What it does waits until the page is at rest."""

    def __init__(self, page: Page) -> None:
        self.page = page

    # -- what a person does

    def enter(self) -> Demo:
        """Sign in with the demo account, which is offered."""
        self.button("Use the demo account").click()
        return self.rested()

    def view(self, name: str) -> Demo:
        """Choose a view, a project or a tag."""
        self.page.get_by_role("navigation", name="Views").get_by_role("link", name=name).first.click()
        return self.rested()

    def go(self, to: str) -> Demo:
        """Go to a view by its address."""
        self.page.evaluate(_GO, to)
        return self.rested()

    def menu(self) -> Demo:
        """Open the list of views, where the screen is too narrow for it."""
        if self.button("Views").is_visible():
            self.button("Views").click()
        return self

    def add(self, title: str) -> Demo:
        """Add a task to what is shown."""
        self.field("New task").fill(title)
        self.field("New task").press("Enter")
        return self.rested()

    def tick(self, title: str) -> Demo:
        """Complete a task, or reopen it."""
        self.check(title).click()
        return self.rested()

    def open(self, title: str) -> Locator:
        """Open a task."""
        self.row(title).locator("button.title").click()
        return self.page.get_by_role("dialog", name="Task")

    def make(self, label: str, name: str) -> Demo:
        """Make what a line is for: a tag, a step, a project, a section."""
        self.field(label).fill(name)
        self.field(label).press("Enter")
        expect(self.field(label)).to_be_empty()
        return self.rested()

    def save(self) -> Demo:
        """Save what is open."""
        self.button("Save").click()
        return self.rested()

    def delete(self, title: str) -> Demo:
        """Delete a task for good."""
        self.open(title)
        self.rested().button("Delete").click()
        self.button("Delete it for good").click()
        return self.rested()

    def sign_in_again(self) -> None:
        """Answer the dialog that asks for it."""
        dialog = self.again()
        dialog.get_by_label("Password", exact=True).fill(PASSWORD)
        dialog.get_by_role("button", name="Sign in", exact=True).click()
        self.page.wait_for_function(_SIGNED_IN_OR_TOLD)

    # -- what there is to see

    def rested(self) -> Demo:
        """Wait until nothing is under way, or a sign-in is wanted."""
        expect(self.page.locator(".progress[hidden]").or_(self.again())).to_be_attached(timeout=30_000)
        return self

    def checked(self) -> Demo:
        """At rest, signed in again where that is wanted. Raises `Told` where the page says what went wrong."""
        for _ in range(_MOST_SIGN_INS):
            if not self.rested().again().is_visible():
                break
            self.sign_in_again()
        alert = self.page.get_by_role("alert")
        if self.again().is_visible() or alert.count() > 0:
            raise Told(alert.first.inner_text() if alert.count() > 0 else "Sign in again")
        return self

    def again(self) -> Locator:
        """The dialog that asks to sign in again."""
        return self.page.get_by_role("dialog", name="Sign in again")

    def notice(self) -> Locator:
        """What the page says of a trouble."""
        return self.page.locator(".notice")

    def row(self, title: str) -> Locator:
        """A task in the view."""
        return self.page.locator("main .row").filter(has=self.page.get_by_text(title, exact=True))

    def group(self, title: str) -> Locator:
        """A day, a section, a column."""
        heading = self.page.get_by_role("heading", name=re.compile(rf"^{re.escape(title)} \d+$"))
        return self.page.locator("section.group").filter(has=heading)

    def titles(self) -> list[str]:
        """What is shown, from top to bottom."""
        return self.page.locator("main .row .title").all_inner_texts()

    def check(self, title: str) -> Locator:
        """The box of a task."""
        return self.page.get_by_role("checkbox", name=f"Done: {title}", exact=True)

    def button(self, name: str) -> Locator:
        """A button, by its whole name."""
        return self.page.get_by_role("button", name=name, exact=True)

    def field(self, name: str) -> Locator:
        """What a label is for; in the dialog, where one is open."""
        fields = self.page.get_by_label(name, exact=True)
        return fields.last
