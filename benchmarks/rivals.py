"""mockflow beside json-server, Prism and Mockoon: `python -m benchmarks.rivals [--write docs/benchmarks.md]`.

Installs the rivals from npm and mockflow from a wheel into a folder outside the project, measures all of them in
turn, round by round, and prints Markdown: medians over the rounds, and ratios against json-server 1. Needs `wrk`.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from benchmarks import report
from benchmarks.candidates import (
    LAYERS,
    SMALLEST,
    Call,
    Candidate,
    Mockflow,
    Server,
    Unavailable,
    all_candidates,
    resident,
    run,
    running,
)

CONNECTIONS = 16
FEW = 4 * CONNECTIONS
FEWEST = 100
"""Tasks there are where creates are tried on one connection, too."""
LONGER = 5
"""So many times as long for a candidate with so few answers, that those still under way at the end matter less."""
STARTS = 9
SETTLE_SECONDS = 1.0
COSTS_SECONDS = 300
OTHERS = ("auth check", "update", "search", "sign in")

_SCRIPT = """
wrk.method = {method}
wrk.headers["Content-Type"] = "application/json"
{headers}
local n = 0
{request}
function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format("RESULT %d %d %d %d %d\\n", summary.requests, summary.duration,
    e.status + e.connect + e.read + e.write + e.timeout, latency:percentile(50), latency:percentile(99)))
end
"""
_REQUEST = "function request() n = n + 1; return wrk.format(nil, nil, nil, string.format({body}, n)) end"


class Load(NamedTuple):
    """What `wrk` found: good answers a second, and milliseconds."""

    rate: float
    p50: float
    p99: float
    failed: int


def load(
    port: int, call: Call, headers: dict[str, str], seconds: float, folder: Path, connections: int = CONNECTIONS
) -> Load:
    """Ask for the same thing over and over, on 16 connections or fewer."""
    script = folder / "load.lua"
    lines = "\n".join(f"wrk.headers[{json.dumps(name)}] = {json.dumps(value)}" for name, value in headers.items())
    request = _REQUEST.format(body=json.dumps(call.body)) if call.body else ""
    script.write_text(_SCRIPT.format(method=json.dumps(call.method), headers=lines, request=request))
    address = f"http://127.0.0.1:{port}{call.path}"
    options = [f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "60s", "-s", str(script)]
    said = run("wrk", "-t1", *options, "--latency", address, seconds=seconds + 60)
    result = next(line for line in said.splitlines() if line.startswith("RESULT"))
    requests, duration, failed, p50, p99 = map(int, result.split()[1:])
    return Load((requests - failed) / (duration / 1e6), p50 / 1000, p99 / 1000, failed)


class Runner:
    """Measures candidates; one server runs at a time, on data of its own."""

    def __init__(self, candidates: list[Candidate], tasks: list[dict[str, Any]], seconds: float) -> None:
        self.candidates = candidates
        self.results = report.Results()
        self._tasks = tasks
        self._seconds = seconds

    def round(self) -> None:
        """Everything once, all candidates side by side."""
        self._starts()
        for candidate in self.candidates:
            with self._telling(candidate, "lists"):
                self._lists(candidate)
        for size in sorted({size for candidate in self.candidates for size in candidate.sizes}):
            for candidate in self.candidates:
                if "create" in candidate.calls and size in candidate.sizes:
                    with self._telling(candidate, f"create at {size:,}"):
                        self._creates(candidate, size)

    @contextmanager
    def _telling(self, candidate: Candidate, what: str) -> Iterator[None]:
        """Progress; what goes wrong is noted and the rest goes on."""
        print(f"  {candidate.name}: {what}", file=sys.stderr, flush=True)
        try:
            yield
        except (RuntimeError, OSError, Unavailable, subprocess.SubprocessError) as error:
            self.results.note(f"{candidate.name}, {what}: {error}")

    @contextmanager
    def _server(self, candidate: Candidate, size: int, first: str | None = None) -> Iterator[tuple[Server, Path]]:
        with tempfile.TemporaryDirectory(prefix="rivals-") as folder:
            data = candidate.prepare(Path(folder), self._tasks, size)
            with running(candidate, data, size=size, first=first) as server:
                yield server, Path(folder)

    def _starts(self) -> None:
        """The median of a few starts: until anything is answered, and until the tasks are."""
        taken: dict[tuple[str, Candidate], list[float]] = {}
        for _ in range(STARTS):
            for candidate in self.candidates:
                with self._telling(candidate, "start"):
                    for kind, path in (("start", candidate.first), ("first list", candidate.calls["list"].path)):
                        if kind == "start" or path != candidate.first:
                            with self._server(candidate, SMALLEST, path) as (server, _):
                                milliseconds = server.first_ms
                        taken.setdefault((kind, candidate), []).append(milliseconds)
        for (kind, candidate), found in taken.items():
            self.results.add(kind, candidate.name, median(found))

    def _ask(
        self, candidate: Candidate, what: str, port: int, size: int, folder: Path, connections: int = CONNECTIONS
    ) -> Load:
        call, headers = candidate.calls[what], candidate.headers(size)
        found = load(port, call, headers, self._seconds, folder, connections)
        if found.rate * self._seconds < FEW:
            found = load(port, call, headers, self._seconds * LONGER, folder, connections)
        if found.failed:
            self.results.note(f"{candidate.name}, {what} at {size:,}: {found.failed} failed; not counted")
        return found

    def _lists(self, candidate: Candidate) -> None:
        """The list and memory; then what else there is, on the same server."""
        with self._server(candidate, SMALLEST) as (server, folder):
            time.sleep(SETTLE_SECONDS)
            self.results.add("idle", candidate.name, resident(server.pid))
            load(server.port, candidate.calls["list"], candidate.headers(SMALLEST), 1, folder)  # warms up
            found = self._ask(candidate, "list", server.port, SMALLEST, folder)
            self.results.add("loaded", candidate.name, resident(server.pid))
            for name, value in (("list", found.rate), ("p50", found.p50), ("p99", found.p99)):
                self.results.add(name, candidate.name, value)
            for what in OTHERS:
                if what in candidate.calls:
                    found = self._ask(candidate, what, server.port, SMALLEST, folder)
                    self.results.add(what, candidate.name, found.rate)

    def _creates(self, candidate: Candidate, size: int) -> None:
        kinds = {f"create {size}": CONNECTIONS} | ({"create one by one": 1} if size == FEWEST else {})
        for kind, connections in kinds.items():
            with self._server(candidate, size) as (server, folder):
                time.sleep(SETTLE_SECONDS)
                found = self._ask(candidate, "create", server.port, size, folder, connections)
                self.results.add(kind, candidate.name, found.rate)


def install(folder: Path, wanted: Collection[str]) -> tuple[dict[str, Candidate], dict[str, str], list[str]]:
    """Those that are wanted and could be installed, the versions of all of them, and what could not be."""
    ready: dict[str, Candidate] = {}
    versions: dict[str, str] = {}
    missing: list[str] = []
    for key, candidate in all_candidates().items():
        if wanted and key not in wanted:
            continue
        print(f"installing {candidate.name} in {folder / key}", file=sys.stderr, flush=True)
        try:
            versions[candidate.name] = candidate.install(folder / key)
            ready[key] = candidate
        except Unavailable as error:
            missing.append(f"{candidate.name} could not be installed: {error}")
            print(f"  {missing[-1]}; going on without it", file=sys.stderr, flush=True)
    return ready, versions, missing


def default_folder() -> Path:
    """In the user's cache."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mockflow-rivals"


def main() -> None:
    """Install, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dir", type=Path, default=default_folder(), help="where to install; %(default)s")
    parser.add_argument("--seconds", type=float, default=3, help="of each measurement, whole ones; %(default)s")
    parser.add_argument("--rounds", type=int, default=3, help="%(default)s")
    parser.add_argument(
        "--only", action="append", default=[], choices=list(all_candidates()),
        help="one that is measured; may be repeated; all where there is none",
    )  # fmt: skip
    parser.add_argument("--write", type=Path, help="a Markdown file; the plot is saved beside it")
    wanted = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("This needs wrk, which is not installed: apt-get install wrk, or brew install wrk.")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that servers are stopped
    ready, versions, missing = install(wanted.dir.resolve(), wanted.only)
    mockflow = ready.get("mockflow")
    if not isinstance(mockflow, Mockflow):
        sys.exit("Without mockflow there is nothing to compare.")
    runner = Runner(list(ready.values()), mockflow.tasks, wanted.seconds)
    for note in missing:
        runner.results.note(note)
    for number in range(wanted.rounds):
        print(f"round {number + 1} of {wanted.rounds}", file=sys.stderr, flush=True)
        runner.round()
    print("mockflow's layers", file=sys.stderr, flush=True)
    try:
        costs = json.loads(run(mockflow.python, "-P", LAYERS, "costs", seconds=COSTS_SECONDS))
    except Unavailable as error:
        runner.results.note(f"mockflow's layers: {error}")
        costs = {}
    kept = [[measure, name, values] for (measure, name), values in runner.results.values.items()]
    (wanted.dir / "results.json").write_text(json.dumps({"values": kept, "costs": costs, "versions": versions}))
    report.publish(runner.results, costs, versions, wanted.write)


if __name__ == "__main__":
    main()
