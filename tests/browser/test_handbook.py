"""The handbook in a browser: under the policy of all pages, for everybody to read, searched without a network."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.watching import violations
from tests.house.test_handbook import NAMES

GUIDE = "/_mockflow/guide/"


# The colours of code are looked at once each: to measure every word of it takes axe minutes a page.
BUT_CODE = "axe.run({exclude: [['.highlight pre']]}, {resultTypes: ['violations']})"
COLOURS_OF_CODE = """() => {
  const seen = new Map();
  for (const one of document.querySelectorAll(".highlight pre span")) {
    const key = getComputedStyle(one).color;
    if (one.innerText.trim() && !seen.has(key)) seen.set(key, one);
  }
  [...seen.values()].forEach((one, number) => one.setAttribute("data-looked-at", number));
  return axe.run({include: [["[data-looked-at]"]]}, {runOnly: ["color-contrast"], resultTypes: ["violations"]});
}"""
EVERY_KIND_OF_CODE = ["testing", "tutorial", "openapi", "ci"]


@pytest.mark.minutes
def test_axe_and_the_policy_find_nothing_in_any_page(open_page: OpenPage, server: str) -> None:
    page = open_page(f"{server}{GUIDE}").page
    for name in [*NAMES, "search"]:
        page.goto(f"{server}{GUIDE}{name}.html")
        assert violations(page, BUT_CODE) == [], name


@pytest.mark.minutes
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_colours_can_be_read(open_page: OpenPage, server: str, scheme: str) -> None:
    page = open_page(f"{server}{GUIDE}", color_scheme=scheme).page
    for name in EVERY_KIND_OF_CODE:
        page.goto(f"{server}{GUIDE}{name}.html")
        assert violations(page, COLOURS_OF_CODE) == [], name
        assert page.locator("[data-looked-at]").count() > 1
    page.goto(f"{server}{GUIDE}index.html")
    assert violations(page, BUT_CODE) == []


@pytest.mark.minutes
def test_a_narrow_screen_shows_all_of_it(open_page: OpenPage, server: str) -> None:
    page = open_page(f"{server}{GUIDE}", viewport={"width": 360, "height": 740}).page
    for name in [*NAMES, "search"]:
        page.goto(f"{server}{GUIDE}{name}.html")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
    link = page.get_by_role("navigation", name="Handbook").get_by_role("link", name="Tutorial")
    expect(link).to_be_hidden()
    page.get_by_text("Contents", exact=True).click()
    expect(link).to_be_visible()


def test_what_is_searched_is_found(open_page: OpenPage, server: str) -> None:
    page = open_page(f"{server}/s/gw0{GUIDE}", viewport={"width": 1280, "height": 800}).page
    page.get_by_role("searchbox").fill("snapshot restore")
    page.keyboard.press("Enter")
    found = page.locator("#search-results ul.search > li")
    expect(found.filter(has_text="The command line").first).to_contain_text("snapshot")
    assert violations(page) == []
    found.get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.url.startswith(f"{server}/s/gw0{GUIDE}")


def test_next_turns_the_page(open_page: OpenPage, server: str) -> None:
    page = open_page(f"{server}{GUIDE}").page
    page.get_by_role("navigation", name="Previous and next").get_by_role("link", name="Next").click()
    expect(page.get_by_role("navigation", name="Handbook").locator(".current > a")).to_have_text("Tutorial")
