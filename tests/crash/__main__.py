"""All of it, by hand: `python -m tests.crash --rounds 200 --writers 4`. Exit code 1 where something was lost."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import TextIO

from mockflow.clock import Stopwatch
from tests.crash import faults, storms
from tests.crash.kills import killed

_ALL = (*faults.ALL, *storms.ALL)


def main() -> int:
    """Do the rounds, then each fault, and print what came of it."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--rounds", type=int, default=200, help="how many times to kill -9 under writers")
    parser.add_argument("--writers", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1, help="of when to kill, and of what is written")
    parser.add_argument("--folder", type=Path, help="where to keep the files, on the disk to be tried")
    parser.add_argument("--only", choices=["kills", *(fault.__name__ for fault in _ALL)])
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        return _run(Path(folder).resolve(), arguments)


def _run(folder: Path, arguments: argparse.Namespace) -> int:
    failures = 0
    if arguments.only in (None, "kills"):
        stopwatch = Stopwatch()
        (folder / "kills").mkdir()
        tally = killed(
            folder / "kills",
            rounds=arguments.rounds,
            writers=arguments.writers,
            seed=arguments.seed,
            show=lambda line: _say(line, sys.stderr),
        )
        _say(f"kill -9: {tally}; {stopwatch.seconds:.0f} s")
        for line in tally.lost:
            _say(line)
        failures += len(tally.lost)
    for fault in _ALL:
        if arguments.only in (None, fault.__name__):
            failures += not _survived(fault, folder / fault.__name__)
    return 1 if failures else 0


def _survived(fault: faults.Fault, folder: Path) -> bool:
    name = fault.__name__.replace("_", " ")
    folder.mkdir()
    stopwatch = Stopwatch()
    try:
        fault(folder)
    except faults.Skipped as reason:
        _say(f"{name}: NOT TRIED, {reason}")
    except AssertionError as error:
        _say(f"{name}: FAILED, {error!r}")
        return False
    else:
        _say(f"{name}: survived; {stopwatch.seconds:.1f} s")
    return True


def _say(line: str, stream: TextIO = sys.stdout) -> None:
    stream.write(f"{line}\n")
    stream.flush()


if __name__ == "__main__":
    sys.exit(main())
