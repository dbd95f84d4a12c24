"""How long one client waits while sixteen others create: `python -m benchmarks.pauses [--tasks 100000]`.

Another client asks for something small again and again, while the file is written, flushed and saved anew; what is
printed is how long its answers took. Needs `wrk`.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import threading
import time
from http.client import HTTPConnection
from pathlib import Path

from benchmarks.candidates import Mockflow, running
from benchmarks.rivals import CONNECTIONS, default_folder, load

EVERY = 0.005
"""Seconds between two questions of the other client."""


def waits(port: int, over: threading.Event) -> list[float]:
    """Milliseconds that each answer took, until it is over."""
    taken = []
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    while not over.is_set():
        begin = time.perf_counter()
        connection.request("GET", "/api/v1/auth-check")
        connection.getresponse().read()
        taken.append((time.perf_counter() - begin) * 1000)
        time.sleep(EVERY)
    connection.close()
    return taken


def described(taken: list[float]) -> str:
    """Median, 99 %, 99.9 %, the longest, and how many took over 20 ms."""
    taken = sorted(taken)
    at = [taken[min(len(taken) - 1, int(len(taken) * part))] for part in (0.5, 0.99, 0.999)]
    late = sum(1 for one in taken if one > 20)
    return (
        f"median {at[0]:.1f} ms, 99 % {at[1]:.1f}, 99.9 % {at[2]:.1f}, longest {taken[-1]:.1f}; "
        f"{late} of {len(taken)} over 20 ms"
    )


def main() -> None:
    """Install, load, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, default=100_000, choices=Mockflow.sizes, help="%(default)s")
    parser.add_argument("--seconds", type=float, default=20, help="%(default)s")
    wanted = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("This needs wrk, which is not installed: apt-get install wrk, or brew install wrk.")
    mockflow = Mockflow()
    mockflow.install(default_folder() / "mockflow")
    with tempfile.TemporaryDirectory() as folder:
        data = mockflow.prepare(Path(folder), [], wanted.tasks)
        with running(mockflow, data, size=wanted.tasks) as server:
            for others in (0, CONNECTIONS):
                over, found = threading.Event(), list[float]()
                asking = threading.Thread(target=lambda: found.extend(waits(server.port, over)))  # noqa: B023
                asking.start()
                if others:
                    headers = mockflow.headers(wanted.tasks)
                    rate = load(server.port, mockflow.calls["create"], headers, wanted.seconds, Path(folder)).rate
                    print(f"{wanted.tasks:,} tasks, {others} clients that create, {rate:,.0f} a second:")
                else:
                    time.sleep(wanted.seconds / 4)
                    print(f"{wanted.tasks:,} tasks, nobody else:")
                over.set()
                asking.join()
                print(f"  {described(found)}")


if __name__ == "__main__":
    main()
