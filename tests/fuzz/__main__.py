"""Much of it, by hand: `python -m tests.fuzz --requests 200000`. Exit code 1 where something is wrong."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings

from mockflow.clock import Stopwatch
from tests.fuzz.driving import Driver
from tests.fuzz.inputs import Document, Sent, attempts
from tests.running import Running, serving

_ROUND = 500
_LONGEST_MS = 250
_GROWTH_KIB = 60_000


def main() -> int:
    """Send so many requests, and tell of answers, time and memory."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--requests", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        notes, log = Path(folder, "holds"), Path(folder, "log")
        try:
            with serving("--data", f"{folder}/db.json", "--watchdog", str(notes), stderr=log) as server:
                grown = _driven(Driver(server), server, arguments.requests, arguments.seed)
        finally:
            failures = _failures(log)
        holds = [json.loads(line) for line in notes.read_text().splitlines()] if notes.exists() else []
        worst = sorted(holds, key=lambda hold: -float(hold["ms"]))[:5]
        for hold in worst:
            _say(f"held the loop for {hold['ms']} ms: {hold['request']} ({hold['call']})")
        too_long = [hold for hold in worst if hold["ms"] > _LONGEST_MS and hold["request"] is not None]
        return 1 if too_long or failures or grown > _GROWTH_KIB else 0


def _failures(log: Path) -> int:
    """Tell of what failed in the server, also where nobody was left to be answered; gives how often."""
    lines = log.read_text(errors="replace").splitlines()
    begun = [number for number, line in enumerate(lines) if line.startswith("Traceback")]
    for number in begun[:3]:
        _say("\n".join(lines[max(0, number - 2) : number + 60]))
    _say(f"failures in the log: {len(begun)}")
    return len(begun)


def _driven(driver: Driver, server: Running, requests: int, first: int) -> int:
    """Send inputs, round by round; gives by how much the memory grew, in KiB, since a tenth of them."""
    stopwatch, number, begun, told = Stopwatch(), first, 0, 0
    while driver.sent < requests:
        _one_round(driver, number)
        number += 1
        begun = begun or (_memory(server) if driver.sent > requests // 10 else 0)
        if driver.sent - told >= requests // 20:
            told = driver.sent
            _say(f"{driver.sent} requests, seed {number}, {_memory(server)} KiB, {stopwatch.seconds:.0f} s")
    _say(f"answers: {dict(sorted(driver.statuses.items()))}")
    _say(f"longest answer: {driver.longest[0] * 1000:.0f} ms on the clock, {driver.longest[1]}")
    return _memory(server) - begun


def _one_round(driver: Driver, number: int) -> None:
    @seed(number)
    @settings(
        max_examples=_ROUND,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(attempts)
    def send(inputs: Sequence[Sent | Document]) -> None:
        driver(inputs)

    send()


def _memory(server: Running) -> int:
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
