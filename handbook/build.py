"""Makes the handbook that `/_mockflow/guide/` serves: a build of the wheel does, and `python handbook/build.py`.

An editable install serves what was built last. `--strict` takes warnings for errors, `--if-stale` does nothing
where nothing has changed since.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent.parent
GUIDE = ROOT / "mockflow" / "pages" / "guide"
NOT_SERVED = [
    ".buildinfo",
    "objects.inv",
    *(f"_static/{name}" for name in ("basic.css", "file.png", "minus.png", "plus.png")),
]
WRITTEN_BY = ["sphinx", "snowballstemmer"]
"""The packages whose scripts are in the site."""


def build(out: Path, *, strict: bool = False) -> None:
    """Write the site into a folder, anew; `strict` ends with an error where Sphinx has a warning."""
    from sphinx.cmd.build import build_main  # the tests use this file without it

    with tempfile.TemporaryDirectory() as folder:
        site, kept = Path(folder, "site"), Path(folder, "kept")
        options = ["-q", "-W", "--keep-going"] if strict else ["-q"]
        if build_main([*options, "-c", str(ROOT / "handbook"), "-d", str(kept), str(ROOT / "docs"), str(site)]):
            sys.exit("The handbook could not be made.")
        for name in NOT_SERVED:
            (site / name).unlink(missing_ok=True)
        shutil.rmtree(site / "_sources", ignore_errors=True)
        for package in WRITTEN_BY:
            (site / "_static" / f"LICENSE-{package}.txt").write_text(license_of(package), encoding="utf-8")
        shutil.rmtree(out, ignore_errors=True)
        shutil.move(site, out)


def license_of(package: str) -> str:
    """What an installed package says about its use."""
    files = distribution(package).files or []
    return "\n".join(file.read_text() for file in files if file.name.startswith(("LICENSE", "COPYING")))


def is_stale() -> bool:
    """Whether the handbook has to be made anew: something it is made of has changed since."""
    made = GUIDE / "index.html"
    sources = [path for folder in ("docs", "handbook") for path in (ROOT / folder).rglob("*") if path.is_file()]
    return not made.exists() or max(path.stat().st_mtime for path in sources) > made.stat().st_mtime


class HandbookHook(BuildHookInterface[Any]):
    """Has the handbook in every wheel."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Called by hatchling before it makes a wheel, an editable one included."""
        build(GUIDE)


if __name__ == "__main__" and ("--if-stale" not in sys.argv or is_stale()):
    build(GUIDE, strict="--strict" in sys.argv)
