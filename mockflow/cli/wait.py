"""`mockflow wait`."""

from __future__ import annotations

import click

from mockflow.cli.helping import examples
from mockflow.cli.options import NumberRange, option, token_option, url_option
from mockflow.client import ControlClient
from mockflow.errors import ServerUnreachable

_PAUSE_SECONDS = 0.05
TIMED_OUT = 5


@click.command(epilog=examples("mockflow wait --url http://localhost:4747 --timeout 10"))
@url_option
@option("--timeout", type=NumberRange(0), default=30.0, metavar="SECONDS", help="How long to wait.")
@token_option
def wait(url: str, timeout: float, control_token: str | None) -> None:
    """Block until a server is ready; exit 5 when it is not in time."""
    from time import sleep  # late, and only here: nothing else in mockflow sleeps

    client = ControlClient(url, token=control_token, timeout_seconds=max(0.1, min(timeout, 10.0)))
    try:
        client.wait(timeout, lambda: sleep(_PAUSE_SECONDS))
    except ServerUnreachable as error:
        click.echo(f"mockflow: not ready after {timeout:g} seconds: {error.message}", err=True)
        raise click.exceptions.Exit(TIMED_OUT) from None
    click.echo(f"{url} is ready")
