"""Mixed traffic with everything, by hand: `python -m tests.soak --minutes 20`.

Prints memory and descriptors of the server each minute, and compares those of the second minute with those of the
end, both taken when nobody asks for anything. Exit code 1 where they have grown.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from random import Random  # noqa: TID251 - the chance of clients, not of mockflow

from mockflow.clock import Stopwatch
from tests.running import Running, serving
from tests.soak.clients import CLIENTS, Client

_GROWTH_KIB = 15_000
_MORE_DESCRIPTORS = 5
_PAUSE_SECONDS = 0.05
_QUIET_SECONDS = 3


class Soak:
    """A server and those who use it, each in a thread."""

    def __init__(self, server: Running, pace: float, seed: int) -> None:
        self._server, self._pace = server, pace
        self.calls: Counter[str] = Counter()
        self.failures: list[str] = []
        self._over = threading.Event()
        self._go = threading.Event()
        self._busy = threading.Semaphore(len(CLIENTS))
        self._threads = [
            threading.Thread(target=self._use, args=(client, Random(seed + number)), daemon=True)
            for number, client in enumerate(CLIENTS)
        ]

    def run(self, minutes: int) -> list[tuple[int, int]]:
        """Use it for so long; memory in KiB and descriptors at the end of each minute."""
        self._go.set()
        for thread in self._threads:
            thread.start()
        found = []
        for minute in range(1, minutes + 1):
            time.sleep(60)
            found.append(self._quietly())
            turns = sum(self.calls.values())
            _say(f"minute {minute}: {found[-1][0]} KiB, {found[-1][1]} descriptors, {turns} turns")
        self._over.set()
        for thread in self._threads:
            thread.join(30)
        return found

    def _quietly(self) -> tuple[int, int]:
        """What the server holds once all clients have paused."""
        self._go.clear()
        for _ in CLIENTS:
            self._busy.acquire(timeout=30)
        time.sleep(_QUIET_SECONDS)
        found = _held(self._server)
        for _ in CLIENTS:
            self._busy.release()
        self._go.set()
        return found

    def _use(self, client: Client, random: Random) -> None:
        while not self._over.is_set():
            self._go.wait()
            with self._busy:
                try:
                    client(self._server, random)
                except Exception as error:
                    self.failures.append(f"{client.__name__}: {error!r}")
            self.calls[client.__name__] += 1
            time.sleep(_PAUSE_SECONDS / self._pace)


def main() -> int:
    """Soak a server, and tell whether it holds more in the end."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=int, default=20)
    parser.add_argument("--pace", type=float, default=1.0, help="how fast clients go on; 1 is a modest rate")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    stopwatch = Stopwatch()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "log")
        with serving("--data", f"{folder}/db.json", stderr=log) as server:
            soak = Soak(server, arguments.pace, arguments.seed)
            found = soak.run(arguments.minutes)
        told = [line for line in log.read_text(errors="replace").splitlines() if _is_bad(line)]
    early, late = found[min(1, len(found) - 1)], found[-1]
    _say(f"turns: {dict(soak.calls)}; {stopwatch.seconds:.0f} s")
    _say(f"minute 2: {early[0]} KiB, {early[1]} descriptors; end: {late[0]} KiB, {late[1]} descriptors")
    for line in [*soak.failures[:10], *told[:10]]:
        _say(line)
    grown = late[0] - early[0] > _GROWTH_KIB or late[1] - early[1] > _MORE_DESCRIPTORS
    return 1 if grown or soak.failures or told else 0


def _is_bad(line: str) -> bool:
    """Whether a line of the log tells of a failure of the server's own."""
    return "Traceback" in line or (" 500 " in line and " fault=" not in line)


def _held(server: Running) -> tuple[int, int]:
    process = Path(f"/proc/{server.process.pid}")
    resident = int((process / "status").read_text().partition("VmRSS:")[2].split()[0])
    return resident, len(list((process / "fd").iterdir()))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
