"""A page that remembers what went wrong in it, and the console as a person sees it."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Any

from playwright.sync_api import ConsoleMessage, Error, Locator, Page, expect

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
PANELS = ("Requests", "Faults", "Outbox", "Clock", "Accounts", "Data", "Snapshots", "Sandboxes")
_REFUSED = re.compile(r"Failed to load resource: (?:the server responded with a status of (\d+)|net::(\w+))")


_AXE_MS, _LOOK_MS = 40_000, 50
WHOLE_PAGE = "axe.run(document, {resultTypes: ['violations']})"


def violations(page: Page, run: str = WHOLE_PAGE) -> list[str]:
    """What axe-core finds, each with the elements it found it in."""
    found = _looked_through(page, run)["violations"]
    return [f"{one['id']}: {[node['html'][:160] for node in one['nodes']]}" for one in found]


def _looked_through(page: Page, run: str) -> Any:
    """What axe gives. Now and then it never comes to an end on a busy machine, and has to begin again."""
    page.bring_to_front()  # Chromium slows down the timers of a page that is behind another
    page.evaluate(AXE)
    for _ in range(3):
        page.evaluate(f"""() => {{
            const run = {run};
            window.found = null;
            Promise.resolve(typeof run === "function" ? run() : run).then(
                (found) => (window.found = found), (error) => (window.found = {{ error: String(error) }})
            );
        }}""")
        for _ in range(_AXE_MS // _LOOK_MS):  # `wait_for_function` evaluates text, which the page's policy forbids
            if (found := page.evaluate("window.found")) is not None:
                return found
            page.wait_for_timeout(_LOOK_MS)
        page.evaluate("window.axe = undefined")
        page.evaluate(AXE)
    raise AssertionError("axe does not come to an end")


class Watched:
    """A page; `check` fails for console errors, CSP violations and errors of scripts."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.problems: list[str] = []
        self.expected: set[str] = set()
        """Statuses, network errors and `CORS` that the test brings about: Chromium tells the console of each."""
        page.on("console", self._heard)
        page.on("pageerror", self._broken)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.problems.append(message.text)

    def _broken(self, error: Error) -> None:
        self.problems.append(f"{error.message}\n{error.stack}")

    def check(self) -> None:
        """Fail where something went wrong that was not expected."""
        left = [one for one in self.problems if not self._is_expected(one)]
        assert left == [], left

    def _is_expected(self, problem: str) -> bool:
        if "CORS" in self.expected and "blocked by CORS policy" in problem:
            return True
        found = _REFUSED.match(problem)
        return found is not None and (found[1] or found[2]) in self.expected


class Console:
    """The console, by the names that a person or a screen reader finds things under."""

    def __init__(self, watched: Watched) -> None:
        self.watched = watched
        self.page = watched.page

    def is_live(self) -> None:
        """Wait until it is connected."""
        expect(self.page.get_by_role("banner").get_by_text("Live", exact=True)).to_be_visible()

    def expects(self, *refusals: str) -> None:
        """These statuses and network errors are no accident."""
        self.watched.expected.update(refusals)

    def looked_at_again(self) -> None:
        """Come back to it from another tab."""
        self.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    def panel(self, name: str) -> Locator:
        """Choose a panel."""
        self.page.get_by_role("tablist", name="Panels").get_by_role("tab", name=name).click()
        return self.page.locator("#panel")

    def button(self, name: str) -> Locator:
        """A button, by its whole name."""
        return self.page.get_by_role("button", name=name, exact=True)

    def field(self, name: str) -> Locator:
        """What a label is for."""
        return self.page.get_by_label(name, exact=True)

    def row(self, text: str) -> Locator:
        """Rows of a table that hold a text."""
        return self.page.get_by_role("row").filter(has_text=text)

    def sections(self, name: str) -> Locator:
        """A part of a panel."""
        return self.page.get_by_role("region", name=name, exact=True)

    def agree(self, action: str) -> None:
        """Answer the question of the dialog that asks."""
        self.page.get_by_role("dialog").get_by_role("button", name=action, exact=True).click()

    def open_request(self, path: str) -> Locator:
        """Show the newest request of a path."""
        self.page.locator("button.row").filter(has_text=path).first.click()
        return self.page.locator(".detail")
