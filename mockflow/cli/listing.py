"""`mockflow routes`, `seeds` and `openapi`: what the server has, without starting one."""

from __future__ import annotations

import click

from mockflow.cli.helping import examples


@click.command(epilog=examples("mockflow routes"))
def routes() -> None:
    """List the operations of the API."""
    from mockflow.operations import OPERATIONS  # late: each command imports what it needs

    for operation in OPERATIONS:
        path = operation.path.replace("<", ":").replace(">", "")
        click.echo(f"{operation.method:7}{path:52}{operation.name:22}{operation.summary}")


@click.command(epilog=examples("mockflow seeds"))
def seeds() -> None:
    """List the seed sets that are shipped."""
    from mockflow.seeding.file import load  # late: each command imports what it needs
    from mockflow.seeding.sets import names

    for name in names():
        found = load(name)
        click.echo(f"{name:10}{found.about}")
        for persona in found.personas:
            password = persona.password or f"through {persona.provider}"
            click.echo(f"{'':10}{persona.email} / {password}: {persona.purpose}")


@click.command(epilog=examples("mockflow openapi > openapi.json"))
def openapi() -> None:
    """Print the API as an OpenAPI 3.1 document."""
    from mockflow.http.openapi import text  # late: each command imports what it needs

    click.echo(text(), nl=False)
