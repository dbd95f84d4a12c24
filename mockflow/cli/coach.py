"""`mockflow coach`: what the client did wrong, from the journal of a running server."""

from __future__ import annotations

import click

from mockflow.cli.control import client_of, server_options, show
from mockflow.cli.helping import examples
from mockflow.cli.options import option

_NOTE = "note"


@click.command(epilog=examples("mockflow coach", "mockflow coach --fail --sandbox gw0"))
@server_options
@option("--fail", is_flag=True, help="Exit 1 where there are findings other than notes.")
def coach(url: str, sandbox: str | None, control_token: str | None, fail: bool) -> None:
    """Tell what the client did wrong, one finding a line, as JSON: rule, level, requests, message."""
    found = client_of(url, sandbox, control_token).call("GET", "requests/findings")["findings"]
    show(found)
    if fail and any(finding["level"] != _NOTE for finding in found):
        raise click.exceptions.Exit(1)
