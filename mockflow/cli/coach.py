"""`mockflow coach`: what the client did wrong, from the journal of a running server."""

from __future__ import annotations

import click

from mockflow.cli.helping import examples
from mockflow.cli.options import option
from mockflow.cli.printing import Column, show
from mockflow.cli.server import ServerCommand, client

_NOTE = "note"


_FINDING = (
    Column(
        "Level", lambda finding: finding["level"], lambda finding: "yellow" if finding["level"] == _NOTE else "red"
    ),
    Column("Rule", lambda finding: finding["rule"]),
    Column("Requests", lambda finding: " ".join(finding["requests"][:3])),
    Column("Message", lambda finding: finding["message"]),
)


@click.command(cls=ServerCommand, epilog=examples("mockflow coach", "mockflow coach --fail --sandbox gw0"))
@option("--fail", is_flag=True, help="Exit 1 if there are findings other than notes.")
def coach(fail: bool) -> None:
    """Say what the client did wrong: rule, level, requests, message."""
    found = client().call("GET", "requests/findings")["findings"]
    show(found, *_FINDING, nothing="The client did nothing wrong.")
    if fail and any(finding["level"] != _NOTE for finding in found):
        raise click.exceptions.Exit(1)
