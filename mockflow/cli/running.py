"""`mockflow exec` and `mockflow env`: hand a server's address to a program."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys

import click

from mockflow.cli.helping import examples
from mockflow.cli.server import ServerCommand, client
from mockflow.process import running_server


@click.command(
    "exec",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
    epilog=examples("mockflow exec -- npm test", "MOCKFLOW_SEEDS=minimal mockflow exec -- pytest"),
)
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def exec_(command: tuple[str, ...]) -> None:
    """Run COMMAND against a server of its own, and end with its exit code.

    The server keeps its data in memory, on a free port; MOCKFLOW_URL is its base URL. Its options are given as
    variables, such as MOCKFLOW_SEEDS.
    """
    with running_server() as url:
        sys.exit(_run(command, {**os.environ, "MOCKFLOW_URL": url}))


@click.command(cls=ServerCommand, epilog=examples('eval "$(mockflow env --sandbox gw0)"'))
def env() -> None:
    """Print the variables of a running server, for `eval`."""
    server = client()
    server.ready()
    click.echo(f"export MOCKFLOW_URL={shlex.quote(server.url)}")


def _run(command: tuple[str, ...], environment: dict[str, str]) -> int:
    try:
        process = subprocess.Popen(command, env=environment)  # noqa: S603 - the user's own command
    except OSError as error:
        raise click.UsageError(f"{command[0]} cannot be run: {error.strerror or error}.") from None
    for number in (signal.SIGTERM, signal.SIGINT):
        # Ctrl-C reaches the command by itself.
        signal.signal(number, lambda got, _: process.send_signal(got) if got == signal.SIGTERM else None)
    code = process.wait()
    return code if code >= 0 else 128 - code
