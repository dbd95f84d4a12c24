"""`mockflow reset`, `clock`, `outbox`, `accounts`, `snapshot`, `data`: thin clients of the control API."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import click
from click.core import ParameterSource

from mockflow.cli.helping import complete_seeds, examples
from mockflow.cli.options import option
from mockflow.cli.printing import Column, facts, show, tell
from mockflow.cli.server import ServerCommand, ServerGroup, client
from mockflow.cli.words import Word

_LARGE_SECONDS = 120.0
"""Whole states may be large."""


@click.command(
    cls=ServerCommand,
    epilog=examples("mockflow reset", "mockflow reset --seeds minimal --clock 2030-01-31"),
)
@option(
    "--seeds", metavar="NAME", shell_complete=complete_seeds, help="Start from another shipped seed set this once."
)
@option("--seed", type=int, metavar="INT", help="Start from another seed this once.")
@option(
    "--clock",
    metavar="MOMENT",
    help="Freeze the clock at a moment, such as 2030-01-31T09:00:00Z; a date is its midnight in UTC.",
)
def reset(**wanted: Any) -> None:
    """Bring a sandbox back to its start state: data, clock, faults, outbox and requests."""
    facts(
        client().call("POST", "reset", {name: value for name, value in wanted.items() if _is_meant(name, value)})
    )


def _is_meant(name: str, value: Any) -> bool:
    """Whether a start is to be another one.

    A variable such as MOCKFLOW_SEEDS may be there for the server, whose own file or running clock it names: those
    it starts with anyway.
    """
    source = click.get_current_context().get_parameter_source(name)
    for_server = source is ParameterSource.ENVIRONMENT and (
        value == "real" or str(value).endswith((".yaml", ".yml"))
    )
    return value is not None and not for_server


@click.command(
    cls=ServerCommand,
    epilog=examples(
        "mockflow clock",
        "mockflow clock freeze 2030-01-31T09:00:00Z",
        "mockflow clock set 2030-01-31",
        "mockflow clock advance 24h",
        "mockflow clock real",
    ),
)
@click.argument("action", type=Word.of("show", "freeze", "set", "advance", "real"), default="show")
@click.argument("value", required=False)
def clock(action: str, value: str | None) -> None:
    """Show or move a sandbox's clock.

    ACTION is `show`; `freeze` or `set` with a moment (2030-01-31T09:00:00Z, or a date for its midnight in UTC);
    `advance` with seconds or a duration (90s, 5m, 24h, 1d, PT5M); or `real`, which is this machine's time.
    A frozen clock stands still until it is moved; a running clock runs on from where `set` has put it.
    """
    if (value is not None) != (action in ("freeze", "set", "advance")):
        raise click.UsageError(f"{action} takes {'no value' if value is not None else 'a value'}.")
    calls = {"show": ("GET", "clock"), "real": ("DELETE", "clock")}
    facts(client().call(*calls.get(action, ("PUT", "clock", {action: value}))))


_MESSAGE = (
    Column("Sent", lambda message: message["sentAt"]),
    Column("To", lambda message: message["to"]),
    Column("Kind", lambda message: message["kind"]),
    Column("Code", lambda message: message.get("code"), lambda _: "green"),
    Column("Subject", lambda message: message["subject"]),
)


@click.command(
    cls=ServerCommand, epilog=examples("mockflow outbox --to new@example.com", "mockflow outbox --clear")
)
@option("--to", metavar="EMAIL", help="Only messages to this address.")
@option("--kind", metavar="KIND", help="Only messages of this kind.")
@option("--clear", is_flag=True, help="Empty the outbox instead.")
def outbox(clear: bool, **wanted: str | None) -> None:
    """Show the messages that Flowtask would have mailed, with their one-time codes, oldest first."""
    if clear:
        done = client().call("DELETE", "outbox")
        tell(f"{done['deleted']} removed", done)
        return
    query = urlencode({name: value for name, value in wanted.items() if value is not None})
    show(client().call("GET", f"outbox?{query}")["messages"], *_MESSAGE, nothing="There are no messages.")


_ACCOUNT = (
    Column("E-mail", lambda account: account["email"], lambda _: "cyan"),
    Column("Password", lambda account: account["password"] or f"through {account['provider']}"),
    Column("Name", lambda account: account["name"]),
    Column("For", lambda account: account["for"]),
)


@click.command(cls=ServerCommand, epilog=examples("mockflow accounts"))
def accounts() -> None:
    """Show the accounts of the seeds, with their passwords."""
    show(client().call("GET", "accounts")["accounts"], *_ACCOUNT, nothing="The seeds have no account.")


_SNAPSHOT = (
    Column("Name", lambda one: one["name"], lambda _: "cyan"),
    Column("Saved", lambda one: one["savedAt"]),
)


@click.command(
    cls=ServerCommand,
    epilog=examples("mockflow snapshot", "mockflow snapshot save before", "mockflow snapshot restore before"),
)
@click.argument("action", type=Word.of("list", "save", "restore", "delete"), default="list")
@click.argument("name", required=False)
def snapshot(action: str, name: str | None) -> None:
    """List, save, restore or delete a sandbox's snapshots.

    ACTION is `list`, or `save`, `restore` or `delete` with the NAME of one. A snapshot holds data, sessions,
    outbox, clock and faults.
    """
    if action == "list":
        show(client().call("GET", "snapshots")["snapshots"], *_SNAPSHOT, nothing="There are no snapshots.")
        return
    if not name:
        raise click.UsageError(f"{action} needs the name of a snapshot.")
    path = f"snapshots/{quote(name, safe='')}"
    calls = {"save": ("PUT", path), "restore": ("POST", f"{path}/restore"), "delete": ("DELETE", path)}
    facts(client().call(*calls[action]))


@click.group(cls=ServerGroup, epilog=examples("mockflow data save before.json", "mockflow data load before.json"))
def data() -> None:
    """Save all that a sandbox stores into a file, or load such a file."""


@data.command(epilog=examples("mockflow data save before.json", "mockflow data save - > before.json"))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path, allow_dash=True))
def save(file: Path) -> None:
    """Write everything that is stored into FILE, as one JSON document; `-` prints it."""
    document = client(_LARGE_SECONDS).call("GET", "data")
    text = json.dumps(document, ensure_ascii=True, indent=2)
    if str(file) == "-":
        click.echo(text)
        return
    file.write_text(f"{text}\n", encoding="utf-8")
    tell(f"Saved to {file}.", {"saved": str(file)})


@data.command(epilog=examples("mockflow data load before.json"))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path, allow_dash=True))
def load(file: Path) -> None:
    """Put the document in FILE in place of everything that is stored; `-` reads it from standard input.

    All or nothing: a document that Flowtask could not have stored changes nothing.
    """
    try:
        text = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        document = json.loads(text)
    except (ValueError, OSError) as error:
        raise click.UsageError(f"{file} cannot be read: {getattr(error, 'strerror', None) or error}.") from None
    done = client(_LARGE_SECONDS).call("PUT", "data", document)
    tell(f"{done['loaded']} records loaded.", done)
