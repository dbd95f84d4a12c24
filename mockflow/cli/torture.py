"""`mockflow torture`: a client's own tests, under every fault."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from mockflow.cli.helping import complete_operations, examples
from mockflow.cli.options import Seconds, option

if TYPE_CHECKING:
    from mockflow.torture.accepting import Accepted
    from mockflow.torture.campaign import Campaign, Options

# What needs a suite is imported by the functions below: `--help` and `--list` need none of it.

FOUND, NOTHING, INTERRUPTED = 1, 6, 130
_FILE = click.Path(dir_okay=False, path_type=Path)


def _list_faults(context: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    from mockflow.torture.troubles import troubles

    if wanted and not context.resilient_parsing:
        for trouble in troubles():
            click.echo(f"{trouble.name:14}{trouble.rule}")
        context.exit()


def _known(kind: str, known: Sequence[str]) -> Callable[[click.Context, click.Parameter, Any], Any]:
    """A callback that refuses a name that is none, with the nearest that there are."""

    def check(_context: click.Context, parameter: click.Parameter, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if name not in known:
                near = get_close_matches(name, known, 3, 0.4)
                told = f" Did you mean {', '.join(near)}?" if near else f" There are {', '.join(known)}."
                raise click.BadParameter(f"there is no {kind} {name!r}.{told}", param=parameter)
        return names

    return check


def _fault_names(context: click.Context, parameter: click.Parameter, names: tuple[str, ...]) -> tuple[str, ...]:
    from mockflow.torture.troubles import names as known

    checked: tuple[str, ...] = _known("fault", known())(context, parameter, names)
    return checked


def _operations(context: click.Context, parameter: click.Parameter, names: tuple[str, ...]) -> tuple[str, ...]:
    from mockflow.operations import BY_NAME

    checked: tuple[str, ...] = _known("operation", list(BY_NAME))(context, parameter, names)
    return checked


@click.command(
    context_settings={"ignore_unknown_options": False, "allow_interspersed_args": False},
    epilog=examples(
        "mockflow torture -- pytest",
        "mockflow torture --fault lost --operation createTask -- pytest tests/test_tasks.py",
        "mockflow torture --time 600 -- npm test",
    ),
)
@option(
    "--time", "seconds", type=Seconds(1), default=60.0, metavar="SECONDS", help="Begin no experiment after this."
)
@option(
    "--fault",
    "faults",
    envvar="MOCKFLOW_TORTURE_FAULT",
    multiple=True,
    metavar="NAME",
    callback=_fault_names,
    help="Only this fault; see --list.  [repeatable]",
)
@option(
    "--operation",
    "operations",
    multiple=True,
    metavar="NAME",
    callback=_operations,
    shell_complete=complete_operations,
    help="Only requests of this operation.  [repeatable]",
)
@option(
    "--test",
    "tests",
    multiple=True,
    metavar="PATTERN",
    help="Only tests whose names contain or match this.  [repeatable]",
)
@option("--all", "thorough", is_flag=True, help="Every fault at every request, even where another stands for it.")
@option(
    "--patience",
    type=Seconds(1, 3600),
    default=10.0,
    metavar="SECONDS",
    help="How long a hang lasts; make it longer than your client's time-outs.",
)
@option(
    "--jobs",
    type=click.IntRange(1, 64),
    metavar="N",
    help="How many tests run at once.  [default: as many as processors]",
)
@option("--strict", is_flag=True, help="Notes count as defects do.")
@option(
    "--accept",
    type=_FILE,
    metavar="FILE",
    help="A file of known findings, which do not count: TOML, an [[accept]] for each.",
)
@option(
    "--json",
    "json_file",
    envvar="MOCKFLOW_TORTURE_JSON",
    type=_FILE,
    metavar="FILE",
    help="Write plan and results to this file.",
)
@option("--junit", "junit_file", type=_FILE, metavar="FILE", help="Write a JUnit report to this file.")
@option(
    "--annotate", is_flag=True, help="Also print each finding so that GitHub Actions shows it beside the code."
)
@click.option(
    "--list", is_flag=True, is_eager=True, expose_value=False, callback=_list_faults, help="List the faults."
)
@option("--again", metavar="ID", help="Run this one experiment alone, and show its journal.")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def torture(command: tuple[str, ...], **wanted: Any) -> None:
    """Run COMMAND, your client's own tests, under every fault, and tell what the client does not survive.

    With pytest, each test is tortured by itself; any other command, whose tests use MOCKFLOW_URL, as a whole.

    Exit codes: 0 no defect, 1 defects, 2 an option cannot be used, 6 there was nothing to torture, 130 Ctrl-C.
    """
    from mockflow.torture.accepting import Accepted, read

    accepted = Accepted() if wanted["accept"] is None else read(wanted["accept"])
    _check_writable(wanted["json_file"], wanted["junit_file"])
    campaign = _tortured(command, _options(wanted))
    if wanted["again"] is not None and not campaign.plan and campaign.cleans:
        raise click.UsageError(f"There is no experiment {wanted['again']!r} in these tests.")
    _write(campaign, accepted, wanted)
    _print(campaign, command, accepted, wanted)
    sys.exit(_exit_code(campaign, accepted, strict=wanted["strict"]))


def _options(wanted: dict[str, Any]) -> Options:
    from mockflow.torture.campaign import Options

    names = ("seconds", "faults", "operations", "tests", "thorough", "patience", "again")
    given = {name: wanted[name] for name in names}
    if wanted["jobs"] is not None:
        given["jobs"] = wanted["jobs"]
    return Options(**given)


def _check_writable(*files: Path | None) -> None:
    for file in files:
        if file is not None and not file.resolve().parent.is_dir():
            raise click.UsageError(f"{file} cannot be written: there is no such folder.")


def _tortured(command: Sequence[str], options: Options) -> Campaign:
    """What came of it; an empty one, with a line on stderr, where the suite did not even begin."""
    from mockflow.torture.campaign import Campaign, Torturer
    from mockflow.torture.stage import Stage
    from mockflow.torture.suites import NothingToTorture, opened

    with _progress() as tell, _terminated_like_interrupted():
        try:
            with opened(command) as suite, Stage(suite) as stage:
                return Torturer(suite, stage, options, tell).run()
        except NothingToTorture as error:
            click.echo(f"mockflow: {error.message}", err=True)
            return Campaign()
        except KeyboardInterrupt:
            return Campaign(interrupted=True)


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """Tells on a terminal how far it is, in one line that goes away."""
    attended = sys.stderr.isatty()

    def tell(what: str, done: int, count: int) -> None:
        if attended:
            click.echo(f"\r\x1b[K{what}: {done} of {count}", err=True, nl=False)

    try:
        yield tell
    finally:
        if attended:
            click.echo("\r\x1b[K", err=True, nl=False)


@contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    """SIGTERM ends it as Ctrl-C does: with the report of what there is, and nothing left running."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _write(campaign: Campaign, accepted: Accepted, wanted: dict[str, Any]) -> None:
    from mockflow.torture.exports import as_json, junit

    if wanted["json_file"] is not None:
        text = json.dumps(as_json(campaign, accepted), ensure_ascii=False, indent=1)
        wanted["json_file"].write_text(f"{text}\n", encoding="utf-8")
    if wanted["junit_file"] is not None:
        text = junit(campaign, accepted, strict=wanted["strict"])
        wanted["junit_file"].write_text(text, encoding="utf-8")


def _print(campaign: Campaign, command: Sequence[str], accepted: Accepted, wanted: dict[str, Any]) -> None:
    from mockflow.torture.exports import annotated
    from mockflow.torture.report import Report

    colors = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    report = Report(campaign, command, accepted, colors=colors)
    alone = wanted["again"] is not None and campaign.results
    for line in report.one(campaign.results[0]) if alone else report.lines():
        click.echo(line)
    if wanted["annotate"]:
        for line in annotated(campaign, accepted, strict=wanted["strict"]):
            click.echo(line)
    reason = None if campaign.interrupted else _reason_for_nothing(campaign)
    if reason is not None:
        click.echo(f"mockflow: nothing was tortured: {reason}", err=True)


def _reason_for_nothing(campaign: Campaign) -> str | None:
    if campaign.results:
        return None
    if campaign.cleans:
        return "there was no time left." if campaign.plan else "no request is one that was asked for."
    if campaign.left_out and not campaign.reached:
        return "no request reached the server. Do the tests use MOCKFLOW_URL, or the plugin's fixtures?"
    return "there is no test left." if campaign.left_out else "there is no test."


def _exit_code(campaign: Campaign, accepted: Accepted, *, strict: bool) -> int:
    from mockflow.torture.exports import counts

    if campaign.interrupted:
        return INTERRUPTED
    if not campaign.results:
        return NOTHING
    return FOUND if any(counts(result, accepted, strict=strict) for result in campaign.results) else 0
