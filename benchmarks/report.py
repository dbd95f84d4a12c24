"""Puts what `rivals.py` measured into Markdown and a plot."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

BASE = "json-server 1"
OURS = "mockflow"
SIZES = (100, 1_000, 10_000, 100_000)
CREATES = {f"create {size}": f"create at {size:,} tasks, requests/s" for size in SIZES}
ROWS = {
    "list": "list of 50 tasks, requests/s",
    "p50": "– median, ms",
    "p99": "– 99 %, ms",
    **CREATES,
    "create one by one": "create at 100 tasks on one connection, requests/s",
    "update": "update of one task, requests/s",
    "search": "search, requests/s",
    "auth check": "auth-check, requests/s",
    "sign in": "sign-in, requests/s",
    "start": "start to first answer, ms",
    "first list": "start to first list, ms",
    "idle": "memory idle, MB",
    "loaded": "memory after the list load, MB",
}
NODE = "bare node:http"
GOALS = (
    ("list of 50 tasks, rate", "list", BASE, ">=", 1.4),
    ("list of 50 tasks, rate", "list", NODE, ">=", 0.7),
    ("create at 100 tasks, rate", "create 100", BASE, ">=", 3.5),
    ("create at 100 tasks on one connection, rate", "create one by one", BASE, ">=", 4.0),
    ("start to first answer, time", "start", BASE, "<=", 1.2),
    ("memory after load", "loaded", BASE, "<=", 0.5),
)
"""What mockflow is to reach: the measure, against whom, and the ratio."""
PLOT_HINT = "No plot: matplotlib is not installed here (pip install matplotlib, then run this again)."

NOTES = """\
- Rates: `wrk -t1 -c16 --latency`, one server at a time, candidates in turn within each round; medians over the
  rounds. Failed answers are not counted; where there are few answers, the time is five times as long.
- 50 tasks of 21 fields, the same for each candidate; json-server indents them, which makes 36 kB of 28.
- mockflow has everything on: session cookie, `Origin` header and CORS, journal, faults, a data file that has each
  change before the answer (and is on the disk within a second), a log line for each request in a file.
- Bare node:http is the limit: it serialises the same list for each request and does nothing else.
- The rivals run as they come, logs in a file.
- Creates begin with fresh data; what they make is added to it, so that a faster candidate ends up with more.
- json-server writes its whole file at each change. Mockoon keeps changes in memory only; Prism keeps nothing, it
  always answers the example. None of them has sign-in, accounts or rules between fields.
- mockflow's first answer is to `auth-check`, that of the others to the list. Starts are on existing data, with
  bytecode cached; mockflow is installed from a wheel.
"""


class Results:
    """Values by measure and candidate, one for each round that went well."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, str], list[float]] = defaultdict(list)
        self.notes: list[str] = []

    def add(self, measure: str, name: str, value: float) -> None:
        """Another round's value."""
        self.values[measure, name].append(value)

    def note(self, text: str) -> None:
        """Something the reader should know; once."""
        if text not in self.notes:
            self.notes.append(text)

    def of(self, measure: str, name: str) -> float | None:
        """The median over the rounds."""
        found = self.values.get((measure, name))
        return median(found) if found else None

    def ratio(self, measure: str, name: str, base: str = BASE) -> float | None:
        """Against another candidate, the median of the rounds' ratios."""
        mine, theirs = self.values.get((measure, name)), self.values.get((measure, base))
        if not mine or not theirs or 0 in theirs:
            return None
        if len(mine) != len(theirs):  # a round went wrong
            return median(mine) / median(theirs)
        return median(one / other for one, other in zip(mine, theirs, strict=True))


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Markdown; all columns but the first to the right."""
    cells = list(head)
    lines = [cells, ["---", *["---:"] * (len(cells) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def number(value: float) -> str:
    """With three digits that count, at least."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def cell(results: Results, measure: str, name: str) -> str:
    """The absolute value, and the ratio where there is one."""
    value, ratio = results.of(measure, name), results.ratio(measure, name)
    if not value:
        return "–" if value is None else "none in time"
    return number(value) if ratio is None or name == BASE else f"{number(value)} (**{number(ratio)}**)"


def comparison(results: Results, names: list[str]) -> str:
    """Everything, a row for each measure."""
    return table(
        ["", *names], [[label, *[cell(results, key, name) for name in names]] for key, label in ROWS.items()]
    )


def goals(results: Results) -> str:
    """What was wanted and whether it is so."""
    rows = []
    for label, measure, base, sign, bound in GOALS:
        ratio = results.ratio(measure, OURS, base)
        if ratio is None:
            rows.append([label, base, f"{sign} {bound:g}", "–", "not measured"])
            continue
        reached = ratio >= bound if sign == ">=" else ratio <= bound
        rows.append([label, base, f"{sign} {bound:g}", f"{ratio:.2f}", "yes" if reached else "no"])
    checks, sign_ins = results.of("auth check", OURS), results.of("sign in", OURS)
    if checks and sign_ins:
        ratio = sign_ins / checks
        rows.append(
            ["sign-in, rate", "its own auth-check", ">= 0.35", f"{ratio:.2f}", "yes" if ratio >= 0.35 else "no"]
        )
    return table([OURS, "against", "goal", "measured", "reached"], rows)


def layers(costs: dict[str, list[float]]) -> str:
    """Each way beside the first of its kind."""
    rows, base = [], list[float]()
    for name, taken in costs.items():
        if "everything on" in name:
            base = taken
        ratio = median(one / other for one, other in zip(taken, base, strict=True))
        rows.append([name, f"{median(taken):,.0f}", f"{ratio:.2f}"])
    return table(["", "µs a request", "against everything on"], rows)


def processor() -> str:
    """Its model and how many."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return f"{model or platform.processor() or platform.machine()}, {os.cpu_count()} cores"


def said(*command: str) -> str:
    """The first line of what a program says, whatever its exit code."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return "?"
    return next(iter((done.stdout or done.stderr).splitlines()), "?")


def circumstances(versions: dict[str, str]) -> str:
    """When, where, with what."""
    commit = said("git", "-C", str(Path(__file__).parent), "rev-parse", "--short", "HEAD")
    tools = [f"Python {platform.python_version()}", f"node {said('node', '--version')}", said("wrk", "-v")[:20]]
    return "\n".join(
        [
            f"- {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {processor()}, {platform.system()} {platform.release()}",
            f"- load of the machine at the end, over one and fifteen minutes: {os.getloadavg()[0]:.1f}"
            f" and {os.getloadavg()[2]:.1f}",
            f"- {', '.join(f'{name} ({version})' for name, version in versions.items())}; commit {commit}",
            f"- {', '.join(tool.strip() for tool in tools)}",
            f"- `python -m benchmarks.rivals {' '.join(sys.argv[1:])}`",
        ]
    )


def draw(results: Results, names: list[str], path: Path) -> bool:
    """The rates of creates by number of tasks, both axes logarithmic; whether there is matplotlib for it."""
    try:
        matplotlib: Any = import_module("matplotlib")
        matplotlib.use("Agg")
        pyplot: Any = import_module("matplotlib.pyplot")
    except ImportError:
        return False
    matplotlib.rcParams["svg.hashsalt"] = "mockflow"
    figure, axes = pyplot.subplots(figsize=(7, 4))
    for name in names:
        points = [(size, rate) for size in SIZES if (rate := results.of(f"create {size}", name))]
        if points:
            axes.plot(*zip(*points, strict=True), marker="o", label=name)
    axes.set(xscale="log", yscale="log", xlabel="tasks there are", ylabel="creates a second")
    axes.grid(visible=True, which="major", alpha=0.3)
    axes.legend()
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    return True


def publish(results: Results, costs: dict[str, list[float]], versions: dict[str, str], path: Path | None) -> None:
    """Print it, and write it where wanted."""
    names = list(versions)
    picture = ""
    if path is not None:
        drawn = draw(results, names, path.with_suffix(".svg"))
        picture = f"![Creates a second by number of tasks]({path.stem}.svg)\n\n" if drawn else ""
        print("" if drawn else PLOT_HINT, file=sys.stderr)
    parts = [
        "# mockflow beside other mock servers\n",
        "Written by `benchmarks/rivals.py`; how to run that: [benchmarks/README.md](../benchmarks/README.md).\n",
        f"Absolute figures; in bold the ratio to {BASE}. “–” is what a candidate does not have.\n",
        comparison(results, names) + "\n",
        picture + "## Goals\n",
        goals(results) + "\n",
        "## What mockflow's own layers cost\n",
        "In process, without an HTTP server; with sign-in, CORS and a log in every row.\n",
        layers(costs) + "\n",
        "## How it was measured\n",
        NOTES + circumstances(versions) + "\n",
        *(
            ["## What went wrong\n", "\n".join(f"- {note}" for note in results.notes) + "\n"]
            if results.notes
            else []
        ),
    ]
    text = "\n".join(parts)
    print(text)
    if path is not None:
        path.write_text(text)
