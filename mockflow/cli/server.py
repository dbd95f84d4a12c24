"""Which server a command drives: options taken before and after a subcommand, and a client made of them."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any

import click

from mockflow.cli.options import checked_url, kept, option
from mockflow.cli.printing import json_option
from mockflow.cli.words import Command, Group
from mockflow.client import ControlClient
from mockflow.settings import DEFAULT_URL

_TIMEOUT_SECONDS = 10.0


def _url() -> str:
    """What a server on this machine has put into its --ready-file, if there is one."""
    kept = os.environ.get("MOCKFLOW_READY_FILE")
    if kept:
        with contextlib.suppress(OSError, UnicodeError):
            return Path(kept).read_text(encoding="utf-8").strip() or DEFAULT_URL
    return DEFAULT_URL


url_option = option(
    "--url",
    default=_url,
    show_default=DEFAULT_URL,
    callback=checked_url,
    expose_value=False,
    help="The server's base URL, without /api.",
)
token_option = option(
    "--control-token",
    metavar="TOKEN",
    callback=kept,
    expose_value=False,
    show_default=False,
    help="The token of the control API.",
)
sandbox_option = option(
    "--sandbox",
    metavar="NAME",
    callback=kept,
    expose_value=False,
    show_default=False,
    help="The sandbox; `default` when left out.",
)


class ServerCommand(Command):
    """A command that drives a running server."""

    def __init__(self, *arguments: Any, **attributes: Any) -> None:
        super().__init__(*arguments, **attributes)
        _with_server_options(self)


class ServerGroup(Group):
    """Commands under one name that drive a running server."""

    command_class = ServerCommand

    def __init__(self, *arguments: Any, **attributes: Any) -> None:
        super().__init__(*arguments, **attributes)
        _with_server_options(self)


def _with_server_options(command: click.Command) -> None:
    for add in (url_option, sandbox_option, token_option, json_option):
        add(command)


def client(timeout_seconds: float = _TIMEOUT_SECONDS) -> ControlClient:
    """A client of the server and the sandbox that the running command was told."""
    meta = click.get_current_context().meta
    return ControlClient(
        meta["mockflow.url"],
        sandbox=meta.get("mockflow.sandbox"),
        token=meta.get("mockflow.control_token"),
        timeout_seconds=timeout_seconds,
    )
