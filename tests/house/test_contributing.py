"""What CONTRIBUTING says a change opens: the files are there, and what the code asks for is in them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import mockflow
from mockflow import models
from mockflow.cli import _COMMANDS
from mockflow.domain.views import TASK_KEYS
from mockflow.faults.effects.kinds import _KINDS
from mockflow.faults.grammar import PLACES
from mockflow.store.schema import TABLES

ROOT = Path(mockflow.__file__).parent.parent
PAGE = ROOT / "CONTRIBUTING.md"
pytestmark = pytest.mark.skipif(not PAGE.exists(), reason="the page is not where the package is installed")


def rows() -> dict[str, list[str]]:
    """What is to be added, and the files and folders that are named for it."""
    table = PAGE.read_text().partition("| to add |")[2].partition("\n\n")[0]
    return {
        row.split("|")[1].strip(): re.findall(r"`(mockflow/[^`]+)`", row) for row in table.splitlines()[2:] if row
    }


def test_all_that_is_named_is_there() -> None:
    named = [place for places in rows().values() for place in places]
    assert len(named) > 12
    assert [place for place in named if not (ROOT / place).exists()] == []


def test_a_tasks_keys_have_one_order() -> None:
    shown = [name for name in models.tasks.Task.model_fields if name != "children"]
    alone = list(models.tasks.TaskAlone.model_fields)
    assert shown == TASK_KEYS
    assert alone == [name for name in TASK_KEYS if name != "tags"]
    assert set(models.stored.RECORDS["tasks"].model_fields) <= set(TABLES["tasks"].fields)


def test_each_effect_is_in_its_rooms() -> None:
    keys = {place[1] for place in PLACES.values() if place[0] == "effect"}
    assert set(models.faults.EFFECTS) == set(_KINDS)
    assert set(models.faults.EFFECTS) <= keys
    rooms = {path.stem for path in (ROOT / "mockflow/faults/effects").glob("*.py")}
    assert {re.sub("([A-Z])", r"_\1", name).lower() for name in models.faults.EFFECTS} <= rooms


def test_each_command_has_its_row_and_its_room() -> None:
    for module in _COMMANDS.values():
        assert (ROOT / f"{module.replace('.', '/')}.py").exists(), module


def test_each_panel_is_on_the_page_of_panels() -> None:
    page = (ROOT / rows()["a panel of the console"][-1]).read_text()
    loaded = "".join(path.read_text() for path in (ROOT / "mockflow/pages/ui/panels").glob("*.js")) + page
    for panel in (ROOT / "mockflow/pages/ui/panels").glob("*.js"):
        assert f"/{panel.name}" in loaded, panel.name


def test_the_top_folder_stays_small() -> None:
    assert len(list((ROOT / "mockflow").glob("*.py"))) <= 15
