"""What strangers put into titles, names, headers and paths is shown as text; nothing of it is carried out."""

from __future__ import annotations

from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import expect

from mockflow.testing import Mockflow
from tests.browser.watching import PANELS, Console

SCRIPT = "<script>window.hacked = 1</script>"
IMAGE = "<img src=x onerror='window.hacked = 1'>"
UNSEEN = "red\u202egnirts\u2066\u200b\u0007\u001b[31m\u0000\u2028end"
NO_NUL = UNSEEN.replace("\0", "")  # a body with one is no text, and a rule must not have one
IN_NAME = "".join(letter for letter in UNSEEN if letter >= " ")  # no name has control characters
SHOWN = "redU+202EgnirtsU+2066U+200B␇␛[31m␀U+2028end"


def poisoned(document: dict[str, Any]) -> dict[str, Any]:
    """The data with a name or title of each kind in every record."""
    for table, key in (
        ("tasks", "title"),
        ("projects", "name"),
        ("sections", "name"),
        ("tags", "name"),
        ("users", "name"),
    ):
        for number, record in enumerate(document[table].values()):
            if record.get("isDefault"):
                continue  # an Inbox is called so
            record[key] = (f"{SCRIPT}{number}", f"{IMAGE}{number}", f"{IN_NAME}{number}")[number % 3]
    return document


def send(sandbox: Mockflow) -> None:
    """A request whose path, query, headers and body are as bad as HTTP lets them be."""
    url = urlsplit(sandbox.url)
    connection = HTTPConnection(url.hostname or "", url.port, timeout=10)
    path = f"{url.path}/api/v2/%3Cscript%3Ewindow.hacked=1%3C%2Fscript%3E%E2%80%AE%1B?q=<img%20src=x>"
    headers: dict[str, str | bytes] = {
        "X-Odd": "<script>\u202e</script>".encode(),
        "User-Agent": IMAGE,
        "Content-Type": SCRIPT,
    }
    connection.request("POST", path, f"{SCRIPT}{NO_NUL}".encode(), headers)
    connection.getresponse().read()
    connection.close()


def nothing_was_done(console: Console) -> None:
    assert console.page.evaluate("window.hacked") is None
    assert console.page.locator("#app script, #app img[src=x]").count() == 0


def test_a_hostile_request_is_shown_as_text(console: Console, sandbox: Mockflow) -> None:
    send(sandbox)
    row = console.page.locator("button.row")
    expect(row).to_contain_text("<script>window.hacked=1<%2Fscript>U+202E␛")
    row.click()
    detail = console.page.locator(".detail")
    body = detail.get_by_role("region", name="Body of the request")
    expect(body).to_have_text(f"{SCRIPT}{SHOWN}".replace("␀", ""))
    expect(detail.locator("tr").filter(has_text="User-Agent")).to_contain_text(IMAGE)
    for way in ("curl", "pytest", "JavaScript"):
        detail.get_by_role("tab", name=way).click()
        text = detail.get_by_role("region", name=f"As {way}").inner_text()
        assert "script" in text
        assert not set(text) & set("\u202e\u2066\u200b\u0007\u001b\u0000\u2028")
    nothing_was_done(console)


def test_hostile_titles_and_names_are_shown_as_text(console: Console, sandbox: Mockflow) -> None:
    sandbox.control.call("PUT", "data", poisoned(sandbox.control.call("GET", "data")))
    sandbox.control.call("POST", "faults", {"effect": {"status": 500, "message": f"{SCRIPT}{NO_NUL}"}})
    console.panel("Data")
    for name in ("Projects", "Tasks", "Tags", "Users"):
        console.page.get_by_role("tab", name=name).click()
        for text in (SCRIPT, IMAGE, "".join(letter for letter in SHOWN if letter not in "␇␛␀")):
            expect(console.page.locator("#data-panel").get_by_text(text).first).to_be_attached()
    console.panel("Faults")
    expect(console.row("status=500")).to_contain_text(f"message={SCRIPT}{SHOWN}".replace("␀", ""))
    nothing_was_done(console)


def test_everything_legal_that_breaks_clients_breaks_no_panel(console: Console, sandbox: Mockflow) -> None:
    sandbox.reset(seeds="edge")
    console.page.set_viewport_size({"width": 360, "height": 740})
    for name in PANELS:
        console.panel(name)
        assert no_wider_than_the_window(console), name
    console.panel("Data")
    for name in ("Projects", "Tasks", "Tags", "Users"):
        console.page.get_by_role("tab", name=name).click()
        expect(console.page.locator("#data-panel").locator("h3, tbody th").first).to_be_visible()
        assert no_wider_than_the_window(console), name
    nothing_was_done(console)


def no_wider_than_the_window(console: Console) -> bool:
    return bool(console.page.evaluate("document.documentElement.scrollWidth <= innerWidth"))
