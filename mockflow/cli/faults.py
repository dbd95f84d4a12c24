"""`mockflow faults`: the fault rules of a running server."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import click

from mockflow.cli.helping import complete_presets, examples
from mockflow.cli.printing import Column, show, tell
from mockflow.cli.server import ServerGroup, client
from mockflow.cli.words import Word
from mockflow.errors import InvalidInput


def _presets() -> list[str]:
    from mockflow.faults.presets import PRESETS  # late: the other commands need none

    return list(PRESETS)


@click.group(
    cls=ServerGroup,
    epilog=examples(
        "mockflow faults add 'status=500; operation=createTask; times=2'",
        "mockflow faults preset flaky",
        "mockflow faults clear",
    ),
)
def faults() -> None:
    """Show and change the fault rules of a running server.

    A RULE is written as for `serve --fault`: 'status=500; operation=createTask; times=2', or a status alone.
    """


def _said(rule: dict[str, Any]) -> str:
    """A rule in the flat grammar, without its id; what the grammar cannot say is left out."""
    from mockflow.faults.grammar import KEYS, flat  # late: programs are given JSON

    said = ((key, _at(rule, flat(**{key: None}))) for key in KEYS if key != "id")
    return "; ".join(f"{key}={value}" for key, value in said if value is not None)


def _at(rule: Any, place: Any) -> str | None:
    """What a rule has at a place: an object with one key, which has another such object or nothing."""
    if isinstance(place, dict):
        ((key, inner),) = place.items()
        return _at(rule[key], inner) if isinstance(rule, dict) and key in rule else None
    if isinstance(rule, float):
        return f"{rule:g}"
    return str(rule).lower() if isinstance(rule, bool) else str(rule)


_RULE = (
    Column("Id", lambda rule: rule["id"], lambda _: "magenta"),
    Column("Rule", _said),
    Column("Matched", lambda rule: rule["matched"]),
    Column("Hits", lambda rule: rule["hits"]),
)


@faults.command("list", epilog=examples("mockflow faults list"))
def list_rules() -> None:
    """Show the rules in force, and how often each has matched and hit a request."""
    show(client().call("GET", "faults")["faults"], *_RULE, nothing="No rule is in force.")


@faults.command(epilog=examples("mockflow faults add 'status=429; retry-after=1; times=2'"))
@click.argument("rule")
def add(rule: str) -> None:
    """Add RULE after the rules in force."""
    from mockflow.faults.engine import checked  # late: the other commands need no rules
    from mockflow.faults.grammar import parse

    try:
        parsed = parse(rule)
        checked(parsed)
    except InvalidInput as error:
        raise click.UsageError(error.message) from None
    show([client().call("POST", "faults", parsed)], *_RULE)


@faults.command(epilog=examples("mockflow faults clear", "mockflow faults clear fault-1"))
@click.argument("rule_id", metavar="[ID]", required=False)
@click.option("--id", "former", hidden=True, help="The former way to give ID.")
def clear(rule_id: str | None, former: str | None) -> None:
    """Remove the rule ID, or all rules if none is named."""
    named = former if rule_id is None else rule_id
    if named == "":
        raise click.BadParameter("a rule's id is not empty.", param_hint="'ID'")
    path = "faults" if named is None else f"faults/{quote(named, safe='')}"
    done = client().call("DELETE", path)
    tell(f"{done['deleted']} removed", done)


_PRESET = (
    Column("Name", lambda preset: preset["name"], lambda _: "cyan"),
    Column("Imitates", lambda preset: preset["imitates"]),
)


@faults.command(epilog=examples("mockflow faults preset", "mockflow faults preset rate-limited"))
@click.argument("name", required=False, type=Word(_presets), shell_complete=complete_presets)
def preset(name: str | None) -> None:
    """Add the rules of the preset NAME; without NAME, list the presets."""
    if name is None:
        show(client().call("GET", "faults/presets")["presets"], *_PRESET)
    else:
        show(client().call("POST", f"faults/presets/{quote(name, safe='')}")["faults"], *_RULE)
