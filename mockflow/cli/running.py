"""`mockflow exec` and `mockflow env`: hand a server's address to a program."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

import click

from mockflow.cli.control import client_of, server_options
from mockflow.errors import SettingsInvalid

# These are the running server's business, or would keep it from being one of its own.
_NOT_INHERITED = ("MOCKFLOW_PORT", "MOCKFLOW_HOST", "MOCKFLOW_DATA", "MOCKFLOW_URL", "MOCKFLOW_LOG_FORMAT")
_STOP_SECONDS = 10


@click.command("exec", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def exec_(command: tuple[str, ...]) -> None:
    """Run COMMAND against a server of its own, and end with its exit code.

    The server keeps its data in memory, on a free port; MOCKFLOW_URL is its base URL. Its options are given as
    variables: MOCKFLOW_SEEDS=minimal mockflow exec -- npm test
    """
    with _server() as url:
        sys.exit(_run(command, {**os.environ, "MOCKFLOW_URL": url}))


@click.command()
@server_options
def env(url: str, sandbox: str | None, control_token: str | None) -> None:
    """Print the variables of a running server, for `eval`."""
    client = client_of(url, sandbox, control_token)
    client.ready()
    click.echo(f"export MOCKFLOW_URL={shlex.quote(client.url)}")


@contextmanager
def _server() -> Iterator[str]:
    """A server that is ready; it is stopped at the end."""
    kept = {name: value for name, value in os.environ.items() if name not in _NOT_INHERITED}
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "mockflow", "serve", "--memory", "--port", "0"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            env=kept,
            text=True,
            start_new_session=True,  # Ctrl-C is for the command; the server is stopped after it
        )
        try:
            yield _url_of(process, log)
        finally:
            process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout is not None:
                process.stdout.close()


def _url_of(process: subprocess.Popen[str], log: IO[str]) -> str:
    for line in process.stdout or ():
        if line.startswith("MOCKFLOW READY "):
            return line.split()[-1]
    process.wait()
    log.seek(0)
    raise SettingsInvalid(log.read().strip().removeprefix("mockflow: ") or "The server did not start.")


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
