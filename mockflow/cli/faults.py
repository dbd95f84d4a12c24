"""`mockflow faults`: the fault rules of a running server."""

from __future__ import annotations

from urllib.parse import quote

import click

from mockflow.cli.control import client_of, server_options, show
from mockflow.cli.helping import complete_presets, examples
from mockflow.client import ControlClient
from mockflow.errors import InvalidInput


@click.group(
    epilog=examples(
        "mockflow faults add 'status=500; operation=createTask; times=2'",
        "mockflow faults preset flaky",
        "mockflow faults clear",
    )
)
@server_options
@click.pass_context
def faults(context: click.Context, url: str, sandbox: str | None, control_token: str | None) -> None:
    """Show and change the fault rules of a running server.

    A RULE is written as for `serve --fault`: 'status=500; operation=createTask; times=2', or a status alone.
    """
    context.obj = client_of(url, sandbox, control_token)


@faults.command("list", epilog=examples("mockflow faults list"))
@click.pass_obj
def list_rules(client: ControlClient) -> None:
    """Show the rules in force, one JSON object a line."""
    show(client.call("GET", "faults")["faults"])


@faults.command(epilog=examples("mockflow faults add 'status=429; retry-after=1; times=2'"))
@click.argument("rule")
@click.pass_obj
def add(client: ControlClient, rule: str) -> None:
    """Put a rule behind those in force."""
    from mockflow.faults.engine import checked  # late: the other commands need no rules
    from mockflow.faults.grammar import parse

    try:
        parsed = parse(rule)
        checked(parsed)
    except InvalidInput as error:
        raise click.UsageError(error.message) from None
    show([client.call("POST", "faults", parsed)])


@faults.command(epilog=examples("mockflow faults clear --id fault-1"))
@click.option("--id", "rule_id", metavar="ID", help="Only this rule.")
@click.pass_obj
def clear(client: ControlClient, rule_id: str | None) -> None:
    """Take all rules out of force, or one."""
    if rule_id == "":
        raise click.BadParameter("a rule's id is not empty.", param_hint="'--id'")
    path = "faults" if rule_id is None else f"faults/{quote(rule_id, safe='')}"
    click.echo(f"{client.call('DELETE', path)['deleted']} removed")


@faults.command(epilog=examples("mockflow faults preset rate-limited"))
@click.argument("name", required=False, shell_complete=complete_presets)
@click.pass_obj
def preset(client: ControlClient, name: str | None) -> None:
    """Put a preset's rules in force; without NAME, list the presets."""
    if name is not None:
        show(client.call("POST", f"faults/presets/{quote(name, safe='')}")["faults"])
        return
    for found in client.call("GET", "faults/presets")["presets"]:
        click.echo(f"{found['name']:18}{found['imitates']}")
