"""`mockflow client-js`: the handle for JavaScript tests, as files of one's own."""

from __future__ import annotations

import json
from pathlib import Path

import click

from mockflow.cli.helping import examples
from mockflow.cli.printing import json_option, tell
from mockflow.cli.words import Command

_OURS = "mockflow's handle for JavaScript tests"
"""What the first lines of each file say."""
_BEGINNING = 300
_PACKAGE = {"description": _OURS, "private": True, "type": "module"}


@click.command("client-js", cls=Command, epilog=examples("mockflow client-js tests/mockflow"))
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@json_option
def client_js(folder: Path) -> None:
    """Write the handle for JavaScript tests into FOLDER.

    There are client.js, client.d.ts with its types, and a package.json that says that it is an ES module. Those of
    an older mockflow are replaced; anything else of these names is left as it is.
    """
    from mockflow.http.scripts import FILES, FOLDER  # late: each command imports what it needs

    places = {folder / name: (FOLDER / name).read_bytes() for name in FILES}
    places[folder / "package.json"] = f"{json.dumps(_PACKAGE, indent=2)}\n".encode()
    for place in places:
        if place.exists() and not _is_ours(place):
            raise click.UsageError(f"{place} is something else, and is left as it is: name another folder.")
    folder.mkdir(parents=True, exist_ok=True)
    for place, content in places.items():
        place.write_bytes(content)
    tell(f"Wrote {', '.join(map(str, places))}.", {"written": [str(place) for place in places]})


def _is_ours(place: Path) -> bool:
    if not place.is_file():
        return False
    with place.open(encoding="utf-8", errors="replace") as file:
        return _OURS in file.read(_BEGINNING)
