"""What others made is what they published, and what licence it is under lies beside it."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

import mockflow

VENDOR = Path(mockflow.__file__).parent / "pages" / "ui" / "vendor"
LINE = re.compile(r"^(\S+\.js) ([0-9a-f]{64}) npm:(\S+)@(\d+\.\d+\.\d+) (\S+)$", re.MULTILINE)
RECORDED = {match[1]: match[2] for match in LINE.finditer((VENDOR / "SOURCES.txt").read_text())}


def test_each_file_is_recorded() -> None:
    assert set(RECORDED) == {path.name for path in VENDOR.glob("*.js")} != set()


@pytest.mark.parametrize("name", RECORDED)
def test_it_is_unchanged(name: str) -> None:
    assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == RECORDED[name]


def test_the_licences_are_there() -> None:
    assert "Apache License" in (VENDOR / "LICENSE-htm.txt").read_text()
    assert "MIT License" in (VENDOR / "LICENSE-preact.txt").read_text()
