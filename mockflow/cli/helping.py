"""What helps a person at the prompt: examples under each `--help`, and values to complete."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

# The functions below are called when a shell asks, and only then is imported what they look into.


def examples(*lines: str) -> str:
    """Lines for the end of a command's help, shown as they are."""
    shown = "\n".join(f"  {line}" for line in lines)
    return f"\b\nExample{'s' if len(lines) > 1 else ''}:\n{shown}"


def complete_seeds(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The shipped seed sets, or where none begins so, files."""
    from click.shell_completion import CompletionItem

    from mockflow.seeding.sets import names

    found = [CompletionItem(name) for name in names() if name.startswith(incomplete)]
    return found or [CompletionItem(incomplete, type="file")]


def complete_presets(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The presets of faults, each with what it imitates."""
    from click.shell_completion import CompletionItem

    from mockflow.faults.presets import PRESETS

    found = [(name, preset.imitates) for name, preset in PRESETS.items()]
    return [CompletionItem(name, help=imitates) for name, imitates in found if name.startswith(incomplete)]


def complete_operations(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The operations of the API, each with its summary."""
    from click.shell_completion import CompletionItem

    from mockflow.operations import OPERATIONS

    found = [(operation.name, operation.summary) for operation in OPERATIONS]
    return [CompletionItem(name, help=summary) for name, summary in found if name.startswith(incomplete)]
