"""Commands and values that answer a wrong word with the nearest right one, and groups that show what they have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

from mockflow.errors import nearest

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def _unknown(kind: str, word: str, words: Iterable[str], context: click.Context) -> click.UsageError:
    told = nearest(word, words) or f" See `{context.command_path} --help`."
    return click.UsageError(f"No such {kind}: {word}.{told}", context)


class Command(click.Command):
    """A command that says which option was meant."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the words behind the command's name; raises `UsageError`."""
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            raise _unknown("option", error.option_name, _options(self, ctx), ctx) from None


class Group(click.Group):
    """Commands under one name; alone, it shows its help. It says which command or option was meant."""

    command_class = Command

    def __init__(self, *arguments: Any, **attributes: Any) -> None:
        super().__init__(*arguments, **{"invoke_without_command": True, **attributes})

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the words behind the group's name; raises `UsageError`."""
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            raise _unknown("option", error.option_name, _options(self, ctx), ctx) from None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that was named; raises `UsageError`."""
        if not ctx.resilient_parsing and self.get_command(ctx, args[0]) is None:
            raise _unknown("command", args[0], self.list_commands(ctx), ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was named, or show the help."""
        result = super().invoke(ctx)
        if ctx.invoked_subcommand is None:
            click.echo(ctx.get_help())
        return result


def _options(command: click.Command, ctx: click.Context) -> list[str]:
    return [name for parameter in command.get_params(ctx) for name in parameter.opts if name.startswith("--")]


class Word(click.types.StringParamType):
    """One of a few words, which are asked for when they are needed."""

    name = "word"

    def __init__(self, words: Callable[[], Sequence[str]]) -> None:
        self._words = words

    @classmethod
    def of(cls, *words: str) -> Word:
        """One of these."""
        return cls(lambda: words)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The word; any other fails with the nearest."""
        words = self._words()
        if value not in words:
            self.fail(f"{value!r} is not one of {', '.join(words)}.{_meant(value, words)}", param, ctx)
        return value

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        param: click.Parameter,  # noqa: ARG002
        incomplete: str,
    ) -> list[CompletionItem]:
        """Those that begin so."""
        from click.shell_completion import CompletionItem  # late: only a shell asks

        return [CompletionItem(word) for word in self._words() if word.startswith(incomplete)]


def _meant(word: str, words: Sequence[str]) -> str:
    told = nearest(word, words)
    return told if told.startswith(" Did") else ""
