"""The command line. Commands are imported when they are called, so that each starts fast."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any

import click

from mockflow import __version__
from mockflow.cli.options import checked_url, kept
from mockflow.cli.words import Group
from mockflow.errors import (
    DataUnusable,
    MockflowError,
    PortInUse,
    ServerUnreachable,
    SettingsInvalid,
    StorageFailed,
)

# Where each command lives; its function has the command's name (`exec_` for `exec`, `client_js` for `client-js`).
_COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "serve": "mockflow.cli.serve",
        "exec": "mockflow.cli.running",
        "torture": "mockflow.cli.torture",
        "wait": "mockflow.cli.wait",
        "env": "mockflow.cli.running",
        "request": "mockflow.cli.request",
        "reset": "mockflow.cli.control",
        "clock": "mockflow.cli.control",
        "outbox": "mockflow.cli.control",
        "accounts": "mockflow.cli.control",
        "snapshot": "mockflow.cli.control",
        "data": "mockflow.cli.control",
        "faults": "mockflow.cli.faults",
        "requests": "mockflow.cli.requests",
        "coach": "mockflow.cli.coach",
        "routes": "mockflow.cli.listing",
        "seeds": "mockflow.cli.listing",
        "openapi": "mockflow.cli.listing",
        "client-js": "mockflow.cli.handing",
    }
)

_EXIT_CODES: Mapping[type[BaseException], int] = MappingProxyType(
    {
        SettingsInvalid: 2,
        PortInUse: 3,
        DataUnusable: 4,
        StorageFailed: 4,
        ServerUnreachable: 5,
        MockflowError: 1,
    }
)

_START_ONE = " Start a server with `mockflow serve`, or say where it is with --url."


_AHEAD = ("--url", "--sandbox", "--control-token", "--json")
"""Options of the commands that drive a server, which may stand before the command's name as well."""


def _kept_ahead(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    """Keep what was given before the command's name, for the command."""
    if value:
        (checked_url if parameter.name == "url" else kept)(context, parameter, value)
        context.meta.setdefault("mockflow.ahead", []).append(parameter.opts[0])


class _Commands(Group):
    def __init__(self, *arguments: Any, **attributes: Any) -> None:
        super().__init__(*arguments, **attributes)
        for name in _AHEAD:
            is_flag = name == "--json"
            names = [name, "as_json"] if is_flag else [name]
            ahead = click.Option(names, callback=_kept_ahead, expose_value=False, hidden=True, is_flag=is_flag)
            self.params.append(ahead)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        found = super().resolve_command(ctx, args)
        command = found[1]
        taken = [] if command is None else [one for one in command.params if not one.expose_value]
        for name in ctx.meta.get("mockflow.ahead", ()):
            if not any(name in one.opts for one in taken):
                raise click.UsageError(f"{name} is none of the options that can stand before {args[0]}.", ctx)
        return found

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        function = "exec_" if cmd_name == "exec" else cmd_name.replace("-", "_")
        command: click.Command = getattr(import_module(_COMMANDS[cmd_name]), function)
        return command


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__)
def cli() -> None:
    """A mock server and developer sandbox for the Flowtask REST API.

    `mockflow serve` starts it; the commands from `reset` to `coach` drive one that runs, with --url, --sandbox and
    --control-token before or behind their names. Every option can also be given as a variable MOCKFLOW_<OPTION>,
    e.g. MOCKFLOW_PORT. On a terminal they print tables; in a pipe, or with --json, JSON, one object a line.

    The handbook is at /_mockflow/guide/ of a running server: http://localhost:4747/_mockflow/guide/.

    Exit codes: 0 fine, 1 failed, 2 a word or a value cannot be used, 3 the port is in use, 4 the data file cannot
    be used, 5 no server answers, 6 there was nothing to torture.
    """


def _open_standard_streams() -> None:
    """Put something in the place of standard streams that whoever started this has closed: a socket or a data file
    would get their numbers, and whatever is printed would go there."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, which is this


def main() -> None:
    """Run the command line and leave with its exit code; a failure is one line on stderr."""
    _open_standard_streams()
    try:
        code = cli.main(prog_name="mockflow", standalone_mode=False)  # however it was started
    except click.exceptions.Exit as ended:
        code = ended.exit_code
    except click.Abort:
        code = 130
    except click.ClickException as error:
        code = _told(error.format_message(), error.exit_code)
    except MockflowError as error:
        hint = _START_ONE if isinstance(error, ServerUnreachable) else ""
        code = _told(error.message + hint, _exit_code(error))
    except (OSError, UnicodeError) as error:
        code = _told(str(error), 1)
    sys.exit(code if isinstance(code, int) else 0)


def _exit_code(error: MockflowError) -> int:
    return next(_EXIT_CODES[cls] for cls in type(error).__mro__ if cls in _EXIT_CODES)


def _told(message: str, code: int) -> int:
    with contextlib.suppress(OSError):
        click.echo(f"mockflow: {' '.join(message.split())}", err=True)
    return code
