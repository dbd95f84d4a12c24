"""`mockflow requests`: the journal of a running server."""

from __future__ import annotations

import json
from urllib.parse import quote, urlencode

import click

from mockflow.cli.control import client_of, server_options, show
from mockflow.cli.helping import complete_operations, examples
from mockflow.client import ControlClient


@click.group(epilog=examples("mockflow requests list --status 500", "mockflow requests show req-1"))
@server_options
@click.pass_context
def requests(context: click.Context, url: str, sandbox: str | None, control_token: str | None) -> None:
    """Show what a sandbox was asked, and what it answered."""
    context.obj = client_of(url, sandbox, control_token)


@requests.command(
    "list",
    epilog=examples(
        "mockflow requests list --status 401 --limit 5", "mockflow requests list --path '/api/v2/todo/**'"
    ),
)
@click.option("--method", metavar="METHOD", help="Only requests with this method.")
@click.option("--path", metavar="PATTERN", help="Only those to a path, e.g. '/api/v2/todo/**'.")
@click.option(
    "--operation",
    metavar="NAME",
    shell_complete=complete_operations,
    help="Only those of an operation, see `mockflow routes`.",
)
@click.option("--status", metavar="STATUS", help="Only those answered so.")
@click.option("--since", metavar="ID|ISO", help="Only those after a request, or from a moment on.")
@click.option("--limit", metavar="N", help="Only the newest so many.")
@click.option("--text", metavar="TEXT", help="Only those with this in path, query or a body.")
@click.pass_obj
def list_requests(client: ControlClient, /, **wanted: str | None) -> None:
    """One request a line, oldest first, as JSON; all, unless an option says which."""
    query = urlencode({name: value for name, value in wanted.items() if value is not None})
    found = client.call("GET", f"requests?{query}")
    show(found["requests"])
    if found["evicted"]:
        click.echo(f"mockflow: {found['evicted']} older ones are gone from the journal", err=True)


@requests.command("show", epilog=examples("mockflow requests show req-1"))
@click.argument("request_id", metavar="ID")
@click.pass_obj
def show_request(client: ControlClient, request_id: str) -> None:
    """Show one request, whose ID is what X-Mockflow-Request-Id said."""
    if not request_id:
        raise click.BadParameter("a request's id is not empty.", param_hint="'ID'")
    show([client.call("GET", f"requests/{quote(request_id, safe='')}")])


@requests.command(epilog=examples("mockflow requests har > requests.har"))
@click.pass_obj
def har(client: ControlClient) -> None:
    """Print the journal as HAR 1.2, which a browser's network panel opens."""
    click.echo(json.dumps(client.call("GET", "requests.har"), ensure_ascii=False, indent=1))


@requests.command(epilog=examples("mockflow requests clear"))
@click.pass_obj
def clear(client: ControlClient) -> None:
    """Forget all requests."""
    click.echo(f"{client.call('DELETE', 'requests')['deleted']} removed")
