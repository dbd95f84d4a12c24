"""The seed sets there are: those we ship, and a user's own file."""

from __future__ import annotations

from pathlib import Path

from mockflow.errors import SettingsInvalid

_PACKAGE = Path(__file__).resolve().parent.parent


def folder() -> Path:
    """Where the shipped seed sets are: in the package once installed, beside it in a checkout."""
    installed = _PACKAGE / "seeds"
    return installed if installed.is_dir() else _PACKAGE.parent / "seeds"


def names() -> list[str]:
    """The shipped seed sets."""
    return sorted(path.stem for path in folder().glob("*.yaml"))


def locate(name: str) -> Path:
    """The file of a shipped set, or of the user's own. Raises `SettingsInvalid`."""
    if name in names():
        return folder() / f"{name}.yaml"
    path = Path(name)
    if path.suffix in (".yaml", ".yml") and path.is_file():
        return path
    if path.suffix in (".yaml", ".yml"):
        raise SettingsInvalid(f"There is no seed file {name!r}.")
    raise SettingsInvalid(
        f"There is no seed set {name!r}: give one of {', '.join(names())}, or the path of a .yaml file."
    )
