"""`mockflow exec` and `mockflow env`: hand a server's address to a program."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import click
from click.core import ParameterSource

from mockflow.cli.helping import examples
from mockflow.cli.serve import serve
from mockflow.cli.server import ServerCommand, client
from mockflow.cli.words import Command
from mockflow.process import Server, started_server


class _Exec(Command):
    """A command with the options of `serve`; they are checked here, and handed on as they were written."""

    def __init__(self, *arguments: Any, **attributes: Any) -> None:
        super().__init__(*arguments, **attributes)
        self.params += serve.params

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take apart the server's options and the words of the command to run."""
        words = list(args)
        left = super().parse_args(ctx, args)
        command = ctx.params["command"]
        options = words[: len(words) - len(command)]
        in_file = ctx.get_parameter_source("data") is ParameterSource.COMMANDLINE
        ctx.params = {
            "command": command,
            "options": options[:-1] if options[-1:] == ["--"] else options,
            "in_memory": not in_file,
        }
        return left


@click.command(
    "exec",
    cls=_Exec,
    context_settings={"allow_interspersed_args": False},
    options_metavar="[OPTIONS OF SERVE] [--]",
    epilog=examples("mockflow exec -- npm test", "mockflow exec --seeds minimal --fault 401 -- pytest"),
)
@click.argument("command", metavar="COMMAND...", nargs=-1, required=True, type=click.UNPROCESSED)
def exec_(command: tuple[str, ...], options: list[str], in_memory: bool) -> None:
    """Run COMMAND against a server of its own, and end with its exit code.

    The server is on a free port and keeps its data in memory, unless --port or --data say otherwise; MOCKFLOW_URL
    is its base URL. It takes the options of `mockflow serve`, before COMMAND or as variables. If the server ends
    before COMMAND does, `exec` says so and fails.
    """
    signals = _Signals()
    with started_server(options, in_memory=in_memory) as server:
        code = _run(command, server, signals)
    sys.exit(code)


@click.command(cls=ServerCommand, epilog=examples('eval "$(mockflow env --sandbox gw0)"'))
def env() -> None:
    """Print the variables of a running server, for `eval`."""
    server = client()
    server.ready()
    click.echo(f"export MOCKFLOW_URL={shlex.quote(server.url)}")


class _Signals:
    """Passes the signals that end a process on to the command; before there is one, they end this process.

    The first process of a container has to do this: to it, the system does nothing by default.
    """

    def __init__(self) -> None:
        self.command: int | None = None
        for name in ("SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)  # Windows has no SIGHUP
            if number is not None and signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._pass_on)
        self._interrupted = signal.getsignal(signal.SIGINT)

    def _pass_on(self, number: int, _frame: object) -> None:
        if self.command is None:
            sys.exit(128 + number)
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.command, number)

    def to(self, command: int) -> None:
        """From now on there is a command. Ctrl-C reaches it by itself."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self.command = command

    def ended(self) -> None:
        """There is none any more."""
        self.command = None
        signal.signal(signal.SIGINT, self._interrupted)


def _run(command: tuple[str, ...], server: Server, signals: _Signals) -> int:
    """Run the command until it ends: its exit code, or 1 where it ended well but the server did not last."""
    try:
        process = subprocess.Popen(command, env={**os.environ, "MOCKFLOW_URL": server.url})  # noqa: S603
    except OSError as error:
        raise click.UsageError(f"{command[0]} cannot be run: {error.strerror or error}.") from None
    signals.to(process.pid)
    lost: list[str] = []

    def server_ended() -> None:
        lost.append(server.last_words())
        words = f" Its last words: {lost[0]}" if lost[0] else ""
        click.echo(f"mockflow: the server ended before {command[0]} did.{words}", err=True)

    code = _ended(process, server, server_ended)
    signals.ended()
    return code or bool(lost)


def _ended(process: subprocess.Popen[bytes], server: Server, server_ended: Callable[[], None]) -> int:
    """Wait for the command, as a shell tells its exit code; on the way, for the server and whatever was orphaned.

    Orphans come to the first process of a container, which has to take note of their ends.
    """
    if not hasattr(os, "WNOHANG"):  # Windows has neither orphans nor a way to wait for all
        code = process.wait()
        if server.ended():
            server_ended()
        return code
    while True:
        pid, status = os.waitpid(-1, 0)
        code = os.waitstatus_to_exitcode(status)
        if pid == process.pid:
            process.returncode = code  # so that it is not waited for again
            return code if code >= 0 else 128 - code
        if server.is_process(pid):
            server.has_ended(code)
            server_ended()
