"""Pictures of console and demo client, into the folder MOCKFLOW_SCREENSHOTS; those in docs/ were made by this."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from mockflow.client import ControlClient
from mockflow.process import running_server
from mockflow.testing import Mockflow
from tests.browser.conftest import OpenConsole, OpenPage
from tests.browser.scenery import happen
from tests.browser.watching import PANELS, Console, Watched

pytestmark = pytest.mark.minutes

MOST_BYTES = 200_000
WIDE = {"width": 1280, "height": 800}
NARROW = {"width": 360, "height": 740}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where they go."""
    return Path(os.environ.get("MOCKFLOW_SCREENSHOTS") or tmp_path)


@pytest.fixture(scope="module")
def default() -> Iterator[Mockflow]:
    """The sandbox `default` of a server of its own, in which something has happened."""
    with running_server() as url:
        found = Mockflow(ControlClient(url))
        happen(found, neighbour="checkout")
        yield found


def take(shown: Console | Watched, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    shown.page.mouse.move(0, 0)
    shown.page.screenshot(path=path, animations="disabled", caret="hide")
    assert 5_000 < path.stat().st_size < MOST_BYTES


def test_light_a_request_beside_the_list(open_console: OpenConsole, default: Mockflow, folder: Path) -> None:
    console = open_console(default.url, viewport=WIDE, color_scheme="light")
    console.open_request("/api/v2/todo/search").get_by_role("region", name="As curl").wait_for()
    take(console, folder / "console-light.png")


def test_dark_the_faults(open_console: OpenConsole, default: Mockflow, folder: Path) -> None:
    console = open_console(default.url, "faults", viewport=WIDE, color_scheme="dark")
    expect(console.row("slow-list")).to_be_visible()
    expect(console.page.get_by_role("switch")).to_have_count(10)
    take(console, folder / "console-dark.png")


def test_narrow_the_requests(open_console: OpenConsole, default: Mockflow, folder: Path) -> None:
    console = open_console(default.url, viewport=NARROW, color_scheme="light")
    expect(console.row("/api/v2/nowhere")).to_be_visible()
    take(console, folder / "console-narrow.png")


def test_split_the_demo_client_beside_the_console(open_page: OpenPage, folder: Path) -> None:
    with running_server(["--clock", "2026-11-24T09:30:00Z"]) as url:
        split = open_page(f"{url}/_mockflow/demo/split.html", viewport=WIDE, color_scheme="light")
        client, console = (
            split.page.frame_locator(".client iframe"),
            split.page.frame_locator("[title='The console']"),
        )
        expect(console.get_by_text("Live", exact=True)).to_be_visible()
        client.get_by_role("button", name="Use the demo account").click()
        client.get_by_role("textbox", name="New task").fill("Thank Lee")
        client.get_by_role("textbox", name="New task").press("Enter")
        expect(client.locator(".row", has_text="Thank Lee")).to_be_visible()
        client.get_by_role("checkbox", name="Done: Renew the domain flowtask.test").click()
        expect(client.locator(".row", has_text="Renew the domain")).to_have_count(0)
        expect(console.get_by_role("row").filter(has_text="PATCH")).to_be_visible()
        take(split, folder / "demo-split.png")
        split.page.close()


@pytest.mark.skipif(
    "MOCKFLOW_SCREENSHOTS" not in os.environ, reason="only for whoever wants to look at all of them"
)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 800, 360])
def test_every_panel(open_console: OpenConsole, default: Mockflow, folder: Path, width: int, scheme: str) -> None:
    console = open_console(default.url, viewport={"width": width, "height": 800}, color_scheme=scheme)
    for name in PANELS:
        console.panel(name)
        take(console, folder / "panels" / f"{name.lower()}-{width}-{scheme}.png")
