"""The guide to the console tells of every panel that there is."""

from __future__ import annotations

import re
from pathlib import Path

import mockflow
from tests.browser.watching import PANELS

ROOT = Path(__file__).parent.parent.parent
APP = Path(mockflow.__file__).parent / "pages" / "ui" / "app.js"


def test_every_panel_is_in_the_guide() -> None:
    panels = re.findall(r'^  \w+: \["(\w+)", \w+\],$', APP.read_text(), re.MULTILINE)
    guide = re.findall(r"^\| \*\*(\w+)\*\* \|", (ROOT / "docs" / "console.md").read_text(), re.MULTILINE)
    assert tuple(panels) == tuple(guide) == PANELS
