"""`mockflow reset`, `clock`, `outbox`, `accounts`, `snapshot`: drive a running server over its control API."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import click

from mockflow.cli.helping import examples
from mockflow.cli.options import option, token_option, url_option
from mockflow.client import ControlClient

_Command = TypeVar("_Command", bound=Callable[..., Any])


def server_options(command: _Command) -> _Command:
    """Which server, which sandbox of it, and its token."""
    decorated = token_option(command)
    decorated = option("--sandbox", metavar="NAME", help="The sandbox; default when left out.")(decorated)
    return url_option(decorated)


def client_of(url: str, sandbox: str | None, control_token: str | None) -> ControlClient:
    """A client for one sandbox of a server."""
    return ControlClient(url, sandbox=sandbox, token=control_token)


def show(items: Iterable[Any]) -> None:
    """One JSON object a line."""
    for item in items:
        click.echo(json.dumps(item, ensure_ascii=False))


@click.command(epilog=examples("mockflow reset", "mockflow reset --seeds minimal --clock 2030-01-31T09:00:00Z"))
@server_options
@click.option("--seeds", metavar="NAME", help="Another shipped seed set, for once.")
@click.option("--seed", type=int, metavar="INT", help="Another seed, for once.")
@click.option("--clock", metavar="ISO", help="Freeze the clock at a moment.")
def reset(url: str, sandbox: str | None, control_token: str | None, **wanted: Any) -> None:
    """Bring a sandbox back to its start state."""
    body = {name: value for name, value in wanted.items() if value is not None}
    show([client_of(url, sandbox, control_token).call("POST", "reset", body)])


@click.command(epilog=examples("mockflow clock freeze 2030-01-31T09:00:00Z", "mockflow clock advance PT25H"))
@server_options
@click.argument("action", type=click.Choice(["show", "freeze", "set", "advance", "real"]), default="show")
@click.argument("value", required=False)
def clock(url: str, sandbox: str | None, control_token: str | None, action: str, value: str | None) -> None:
    """Show or move a sandbox's clock.

    ACTION is show, freeze ISO, set ISO, advance SECONDS (or a duration such as PT5M), or real.
    """
    if (value is not None) != (action in ("freeze", "set", "advance")):
        raise click.UsageError(f"{action} takes {'no value' if value is not None else 'a value'}.")
    client = client_of(url, sandbox, control_token)
    if action == "show":
        show([client.call("GET", "clock")])
    elif action == "real":
        show([client.call("DELETE", "clock")])
    else:
        show([client.call("PUT", "clock", {action: _number(value) if action == "advance" else value})])


def _number(value: str | None) -> Any:
    try:
        return float(value or "")
    except ValueError:
        return value


@click.command(epilog=examples("mockflow outbox --to new@example.com"))
@server_options
@click.option("--to", metavar="EMAIL", help="Only messages to this address.")
@click.option("--kind", metavar="KIND", help="Only messages of this kind.")
@click.option("--clear", is_flag=True, help="Empty the outbox instead.")
def outbox(url: str, sandbox: str | None, control_token: str | None, clear: bool, **wanted: str | None) -> None:
    """Show the messages that Flowtask would have mailed, one a line, oldest first."""
    client = client_of(url, sandbox, control_token)
    if clear:
        click.echo(f"{client.call('DELETE', 'outbox')['deleted']} removed")
        return
    query = urlencode({name: value for name, value in wanted.items() if value is not None})
    show(client.call("GET", f"outbox?{query}")["messages"])


@click.command(epilog=examples("mockflow accounts"))
@server_options
def accounts(url: str, sandbox: str | None, control_token: str | None) -> None:
    """Show the seeded accounts with their passwords, one a line."""
    show(client_of(url, sandbox, control_token).call("GET", "accounts")["accounts"])


@click.command(epilog=examples("mockflow snapshot save before", "mockflow snapshot restore before"))
@server_options
@click.argument("action", type=click.Choice(["list", "save", "restore", "delete"]), default="list")
@click.argument("name", required=False)
def snapshot(url: str, sandbox: str | None, control_token: str | None, action: str, name: str | None) -> None:
    """List, save, restore or delete a sandbox's snapshots."""
    client = client_of(url, sandbox, control_token)
    if action == "list":
        show(client.call("GET", "snapshots")["snapshots"])
        return
    if not name:
        raise click.UsageError(f"{action} needs the name of a snapshot.")
    path = f"snapshots/{quote(name, safe='')}"
    calls = {"save": ("PUT", path), "restore": ("POST", f"{path}/restore"), "delete": ("DELETE", path)}
    show([client.call(*calls[action])])
