"""`mockflow wait`."""

from __future__ import annotations

import click

from mockflow.cli.helping import examples
from mockflow.cli.options import Seconds, option
from mockflow.cli.server import client, token_option, url_option
from mockflow.cli.words import Command
from mockflow.errors import ServerUnreachable

_PAUSE_SECONDS = 0.05
TIMED_OUT = 5


@click.command(
    cls=Command, epilog=examples("mockflow wait", "mockflow wait --url http://localhost:4747 --timeout 2m")
)
@url_option
@option("--timeout", type=Seconds(0), default=30, metavar="SECONDS", help="How long to wait: seconds, or 90s, 5m.")
@token_option
def wait(timeout: float) -> None:
    """Block until a server is ready; exit 5 if it is not ready in time."""
    from time import sleep  # late, and only here: nothing else in mockflow sleeps

    server = client(max(0.1, min(timeout, 10.0)))
    try:
        server.wait(timeout, lambda: sleep(_PAUSE_SECONDS))
    except ServerUnreachable as error:
        click.echo(f"mockflow: not ready after {timeout:g} seconds: {error.message}", err=True)
        raise click.exceptions.Exit(TIMED_OUT) from None
    click.echo(f"{server.url} is ready")
