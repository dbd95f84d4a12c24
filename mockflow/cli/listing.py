"""`mockflow routes`, `seeds` and `openapi`: what the server has, without starting one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mockflow.cli.helping import examples
from mockflow.cli.printing import Column, for_people, json_option, show
from mockflow.cli.words import Command

if TYPE_CHECKING:
    from mockflow.seeding.shapes import SeedPersona


_ROUTE = (
    Column("Method", lambda route: route["method"], lambda _: "cyan"),
    Column("Path", lambda route: route["path"]),
    Column("Name", lambda route: route["name"]),
    Column("What it does", lambda route: route["summary"]),
)


@click.command(cls=Command, epilog=examples("mockflow routes"))
@json_option
def routes() -> None:
    """List the operations of the API."""
    from mockflow.operations import OPERATIONS  # late: each command imports what it needs

    show(({**one._asdict(), "path": one.path.replace("<", ":").replace(">", "")} for one in OPERATIONS), *_ROUTE)


_SEEDS = (
    Column("Name", lambda one: one["name"], lambda _: "cyan"),
    Column("What it is", lambda one: one["about"]),
)
_PERSONA = (
    Column("Seeds", lambda one: one["seeds"], lambda _: "cyan"),
    Column("E-mail", lambda one: one["email"]),
    Column("Password", lambda one: one["password"] or f"through {one['provider']}"),
    Column("For", lambda one: one["for"]),
)


@click.command(cls=Command, epilog=examples("mockflow seeds"))
@json_option
def seeds() -> None:
    """List the shipped seed sets and their accounts."""
    from mockflow.seeding.file import load  # late: each command imports what it needs
    from mockflow.seeding.sets import names

    found = [(name, load(name)) for name in names()]
    listed: list[dict[str, Any]] = [
        {"name": name, "about": one.about, "accounts": [_persona(persona) for persona in one.personas]}
        for name, one in found
    ]
    show(listed, *_SEEDS)
    if for_people():
        click.echo()
        show([{"seeds": one["name"], **account} for one in listed for account in one["accounts"]], *_PERSONA)


def _persona(persona: SeedPersona) -> dict[str, Any]:
    return {
        **{name: getattr(persona, name) for name in ("email", "password", "name", "provider")},
        "for": persona.purpose,
    }


@click.command(cls=Command, epilog=examples("mockflow openapi > openapi.json"))
def openapi() -> None:
    """Print the API as an OpenAPI 3.1 document."""
    from mockflow.http.openapi import text  # late: each command imports what it needs

    click.echo(text(), nl=False)
