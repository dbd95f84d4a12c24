"""`mockflow requests`: the journal of a running server."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

import click

from mockflow.cli.helping import complete_operations, examples
from mockflow.cli.options import option
from mockflow.cli.printing import Column, Table, bold, facts, for_people, plain, show, tell
from mockflow.cli.server import ServerGroup, client
from mockflow.client import ControlClient
from mockflow.clock import iso, parse_clock_moment
from mockflow.errors import ServerUnreachable

_REMEMBERED = 2000
"""Requests that may be told of out of their order."""


@click.group(
    cls=ServerGroup,
    epilog=examples(
        "mockflow requests list --status 500",
        "mockflow requests list --follow",
        "mockflow requests show req-1",
    ),
)
def requests() -> None:
    """Show the requests that a sandbox got, and its answers."""


def _target(entry: Mapping[str, Any]) -> str:
    return f"{entry['path']}?{entry['query']}" if entry["query"] else str(entry["path"])


def _took(entry: Mapping[str, Any]) -> str:
    return "" if entry["durationMs"] is None else f"{entry['durationMs']:.1f} ms"


def _status(entry: Mapping[str, Any]) -> str:
    if entry["status"] is not None:
        return str(entry["status"])
    return "none" if entry["durationMs"] is not None else ""


def _status_colour(entry: Mapping[str, Any]) -> str:
    colours = {1: "cyan", 2: "green", 3: "cyan", 4: "yellow"}
    return colours.get((entry["status"] or 0) // 100, "red")


_REQUEST = (
    Column("Id", lambda entry: entry["id"]),
    Column("Time", lambda entry: entry["time"][11:23]),
    Column("Method", lambda entry: entry["method"], lambda _: "cyan"),
    Column("Status", _status, _status_colour),
    Column("Took", _took),
    Column("Operation", lambda entry: entry["operation"]),
    Column("Fault", lambda entry: entry["fault"], lambda _: "magenta"),
    Column("Path", _target),
)


def _since(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """A date is its midnight; ids and moments are as they are."""
    try:
        return value if value is None else iso(parse_clock_moment(value))
    except ValueError:
        return value


@requests.command(
    "list",
    epilog=examples(
        "mockflow requests list --status 401 --limit 5",
        "mockflow requests list --path '/api/v2/todo/**'",
        "mockflow requests list --follow",
    ),
)
@option("--method", metavar="METHOD", help="Only requests with this method.")
@option("--path", metavar="PATTERN", help="Only requests to a path, e.g. '/api/v2/todo/**'.")
@option(
    "--operation",
    metavar="NAME",
    shell_complete=complete_operations,
    help="Only requests of an operation; see `mockflow routes`.",
)
@option("--status", metavar="STATUS", help="Only requests that got this status.")
@option("--since", metavar="ID|MOMENT", callback=_since, help="Only requests after one, or from a moment on.")
@option("--limit", metavar="N", help="Only so many, the newest.")
@option("--text", metavar="TEXT", help="Only requests with this text in path, query or a body.")
@option("--follow", "-f", is_flag=True, help="Go on with each request as it comes, until Ctrl-C.")
def list_requests(follow: bool, **wanted: str | None) -> None:
    """Show the requests, oldest first: all that are kept, unless options choose among them."""
    query = {name: value for name, value in wanted.items() if value is not None}
    if follow:
        _follow(client(), query)
        return
    found = client().call("GET", f"requests?{urlencode(query)}")
    show(
        found["requests"], *_REQUEST, nothing="There are no such requests." if query else "There are no requests."
    )
    if found["evicted"]:
        click.echo(f"mockflow: {found['evicted']} older ones are gone from the journal", err=True)


def _follow(server: ControlClient, query: dict[str, str]) -> None:
    """Print requests as they come, until Ctrl-C. Raises `ServerUnreachable` when the server goes away.

    An event is the sign to look into the journal, which knows the options and has all of a request; one look shows
    all that has come meanwhile.
    """
    table = Table(*_REQUEST)
    printed: set[int] = set()
    later = {name: value for name, value in query.items() if name not in ("since", "limit")}
    try:
        for kind, event in server.events():
            if kind == "listening":
                _print_new(server, table, query, printed)
            elif kind == "reset":
                printed.clear()
            elif kind == "request" and (number := _number(event)) not in printed:
                _print_new(server, table, {**later, "since": f"req-{number - 1}"}, printed)
                printed.difference_update([old for old in printed if old < number - _REMEMBERED])
    except KeyboardInterrupt:
        return
    raise ServerUnreachable(f"{server.url} tells of no more requests: it has stopped, or the sandbox is gone.")


def _number(entry: Mapping[str, Any]) -> int:
    return int(entry["id"].rpartition("-")[2])


def _print_new(server: ControlClient, table: Table, query: Mapping[str, str], printed: set[int]) -> None:
    found = server.call("GET", f"requests?{urlencode(query)}")["requests"]
    table.print(entry for entry in found if _number(entry) not in printed)
    printed.update(map(_number, found))


@requests.command("show", epilog=examples("mockflow requests show req-1"))
@click.argument("request_id", metavar="ID")
def show_request(request_id: str) -> None:
    """Show one request with its headers and bodies; its ID is in its answer's X-Mockflow-Request-Id."""
    if not request_id:
        raise click.BadParameter("a request's id is not empty.", param_hint="'ID'")
    entry = client().call("GET", f"requests/{quote(request_id, safe='')}")
    if not for_people():
        facts(entry)
        return
    facts(
        {
            name: value
            for name, value in entry.items()
            if name not in ("request", "response") and value not in (None, "")
        }
    )
    _print_part("Request", entry["request"])
    if entry["status"] is None:
        click.echo(
            f"\n{bold('Response')}\nnone reached the client" + (" yet" if entry["durationMs"] is None else "")
        )
    else:
        _print_part("Response", entry["response"])


def _print_part(title: str, part: Mapping[str, Any]) -> None:
    click.echo(f"\n{bold(title)}")
    for name, value in part["headers"].items():
        click.echo(f"{plain(name)}: {plain(value)}")
    body = part["body"]
    lines = (
        body.splitlines() if isinstance(body, str) else json.dumps(body, indent=2, ensure_ascii=False).splitlines()
    )
    if body is not None:
        click.echo("\n".join(["", *map(plain, lines)]))
    elif part["bodySize"]:
        click.echo(f"\n(a body of {part['bodySize']} bytes, which was not kept or is no text)")
    if body is not None and part["bodyCut"]:
        click.echo(f"(only the beginning of {part['bodySize']} bytes was kept)")


@requests.command(epilog=examples("mockflow requests har > requests.har"))
def har() -> None:
    """Print the journal as HAR 1.2, which a browser's network panel opens."""
    click.echo(json.dumps(client().call("GET", "requests.har"), ensure_ascii=False, indent=1))


@requests.command(epilog=examples("mockflow requests clear"))
def clear() -> None:
    """Forget all requests; their numbering goes on."""
    done = client().call("DELETE", "requests")
    tell(f"{done['deleted']} removed", done)
