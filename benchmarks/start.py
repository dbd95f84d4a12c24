"""Process start to first answer, against json-server and Prism: `python benchmarks/start.py --rivals DIR`."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from socket import socket
from statistics import median

LIMIT_SECONDS = 30.0
BASELINE = "json-server"
OPENAPI = {
    "openapi": "3.1.0",
    "info": {"title": "tasks", "version": "1"},
    "paths": {
        "/todos": {"get": {"responses": {"200": {"description": "all", "content": {"application/json": {
            "example": {"todos": []}}}}}}}
    },
}  # fmt: skip

Command = Callable[[int], tuple[list[str], str]]


def free_port() -> int:
    """A port nobody listens on."""
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def first_answer(command: Command) -> float:
    """Milliseconds from the start of a process to its first answer."""
    port = free_port()
    arguments, path = command(port)
    begin = time.perf_counter()
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while time.perf_counter() - begin < LIMIT_SECONDS:
            connection = HTTPConnection("localhost", port, timeout=5)
            try:
                connection.request("GET", path)
                connection.getresponse().read()
                return (time.perf_counter() - begin) * 1000
            except (OSError, HTTPException):
                time.sleep(0.002)
            finally:
                connection.close()
        raise TimeoutError(" ".join(arguments))
    finally:
        process.terminate()
        process.wait(10)


def candidates(rivals: Path | None, folder: Path) -> dict[str, Command]:
    """Each candidate's command and a path it answers."""
    mockflow = [sys.executable, "-m", "mockflow", "serve", "--port"]
    kept = folder / "kept.json"
    path = "/api/v1/auth-check"
    found: dict[str, Command] = {
        "mockflow, data file": lambda port: ([*mockflow, str(port), "--data", str(kept)], path),
        "mockflow, memory, demo": lambda port: ([*mockflow, str(port), "--memory"], path),
        "mockflow, memory, minimal": lambda port: ([*mockflow, str(port), "--memory", "--seeds", "minimal"], path),
    }
    if rivals is not None:
        (folder / "db.json").write_text(json.dumps({"todos": [{"id": str(n), "title": "x"} for n in range(50)]}))
        (folder / "api.json").write_text(json.dumps(OPENAPI))
        programs = rivals / "node_modules" / ".bin"
        server, prism = str(programs / "json-server"), str(programs / "prism")
        found["json-server"] = lambda port: ([server, str(folder / "db.json"), "--port", str(port)], "/todos")
        found["prism"] = lambda port: ([prism, "mock", "-p", str(port), str(folder / "api.json")], "/todos")
    return found


def main() -> None:
    """Measure in turn and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rivals", type=Path, help="a folder with node_modules")
    parser.add_argument("--runs", type=int, default=15)
    arguments = parser.parse_args()
    times: dict[str, list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        commands = candidates(arguments.rivals, Path(folder))
        for number in range(arguments.runs + 1):  # the first round warms caches and makes the data file
            for name, command in commands.items():
                taken = first_answer(command)
                if number:
                    times[name].append(taken)
    base = median(times[BASELINE]) if BASELINE in times else None
    print("| | first answer, median ms | fastest | against json-server |\n|---|---:|---:|---:|")
    for name, taken_all in times.items():
        ratio = f"{median(taken_all) / base:.2f}" if base else "-"
        print(f"| {name} | {median(taken_all):.0f} | {min(taken_all):.0f} | {ratio} |")


if __name__ == "__main__":
    main()
