"""docs/testing.md: each recipe is run as it stands, and whatever a test can hold is on the page."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mockflow import pytest_plugin
from mockflow.client import ControlClient
from mockflow.testing import Fault, Filter, Match, Mockflow
from tests.suites import Suite, run

PAGE = (Path(__file__).parent.parent.parent / "docs" / "testing.md").read_text()
BLOCKS: list[tuple[str, str]] = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
FAILING = "test_fails.py"


def files() -> dict[str, str]:
    """The modules and seed files of the page; each says its name in its first line."""
    found = [text for kind, text in BLOCKS if kind in ("python", "yaml")]
    named = {text.partition("\n")[0].removeprefix("# "): text for text in found}
    assert len(named) == len(found)
    return named


@pytest.fixture(scope="module")
def recipes(tmp_path_factory: pytest.TempPathFactory) -> Suite:
    """One run of pytest over all of them."""
    return run(tmp_path_factory.mktemp("recipes"), files())


@pytest.mark.minutes
def test_every_recipe_does_what_it_says(recipes: Suite) -> None:
    for test, outcome in recipes.outcomes.items():
        assert outcome == ("failure" if test.startswith(FAILING) else "passed"), recipes.output
    assert {test.partition("::")[0] for test in recipes.outcomes} == {name for name in files() if ".py" in name}


@pytest.mark.parametrize("shown", [text for kind, text in BLOCKS if kind == "text"])
def test_a_failing_test_shows_what_the_page_says(recipes: Suite, shown: str) -> None:
    shown, output = (re.sub("-{5,}", "-----", text) for text in (shown, recipes.output))  # as wide as it is
    assert re.search(re.escape(shown.strip()).replace("…", ".+"), output), output


def fixtures() -> list[str]:
    """The names of the plugin's fixtures."""
    found = vars(pytest_plugin).items()
    return [
        name for name, value in found if type(value).__name__ == "FixtureFunctionDefinition" and name[0] != "_"
    ]


def members() -> Iterator[tuple[str, Any]]:
    """What a test can reach, as the page writes it, with the object it is."""
    mockflow = Mockflow(ControlClient())
    holders = {
        "mockflow": mockflow,
        "mockflow.clock": mockflow.clock,
        "mockflow.outbox": mockflow.outbox,
        "fault": Fault(mockflow.control, "fault-1"),
    }
    for holder, one in holders.items():
        for name in dir(one):
            if not name.startswith("_"):
                yield f"{holder}.{name}", inspect.getattr_static(one, name)


def rows(name: str) -> list[str]:
    """The rows of the page's tables that are about something."""
    return [line for line in PAGE.splitlines() if re.match(rf"\|.*`{re.escape(name)}[`(.].*\|.*\|$", line)]


def test_every_fixture_is_on_the_page() -> None:
    assert set(fixtures()) == {"mockflow", "mockflow_server", "mockflow_settings"}
    for name in fixtures():
        assert rows(name), name


@pytest.mark.parametrize("name", [name for name, _ in members()])
def test_everything_a_test_can_hold_is_on_the_page(name: str) -> None:
    assert rows(name)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("mockflow.requests", Filter.__annotations__),
        ("mockflow.assert_called", ("count", "at_least", "at_most")),
        *((name, inspect.signature(it).parameters) for name, it in members() if inspect.isfunction(it)),
    ],
)
def test_every_argument_is_on_the_page(name: str, words: Any) -> None:
    """Those of a `TypedDict` have no name of their own."""
    (row,) = rows(name)
    for word in words:
        assert word in ("self", "match", "wanted") or word in row, word


def test_every_part_of_a_match_is_on_the_page() -> None:
    _, _, part = PAGE.partition("### What your client sent")
    for word in Match.__annotations__:
        assert f"`{word}`" in part.partition("```")[0], word
