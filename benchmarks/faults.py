"""What the fault engine costs a request: `python benchmarks/faults.py`.

In process, in turns: the app as it is, with one inactive rule, and with the engine taken out.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from mockflow.app import create_app, sandboxes_of
from mockflow.http import faulting
from mockflow.settings import Settings

REQUESTS = 1_000
ROUNDS = 21
PATH = "/api/v1/auth-check"


def environ() -> dict[str, Any]:
    """What a server hands over for one request."""
    return {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": PATH,
        "SCRIPT_NAME": "",
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "localhost",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
    }


def microseconds(app: Any) -> float:
    """The mean of many requests."""
    begin = time.perf_counter()
    for _ in range(REQUESTS):
        b"".join(app(environ(), lambda *_: None))
    return (time.perf_counter() - begin) / REQUESTS * 1e6


def without_engine(measure: Callable[[], float]) -> float:
    """Measure with the engine's two hooks doing nothing."""
    before, after = faulting.before, faulting.after
    setattr(faulting, "before", lambda *_: None)  # noqa: B010 - mypy would compare the types
    setattr(faulting, "after", lambda _exchange, response: response)  # noqa: B010
    try:
        return measure()
    finally:
        faulting.before, faulting.after = before, after


def main() -> None:
    """Measure in turns, print medians and ratios."""
    plain, ruled = create_app(Settings(seeds="minimal")), create_app(Settings(seeds="minimal"))
    sandboxes_of(ruled).default.faults.add([{"match": {"operation": "createTask"}, "effect": {"status": 500}}])
    ways: dict[str, Callable[[], float]] = {
        "engine taken out": lambda: without_engine(lambda: microseconds(plain)),
        "no rule": lambda: microseconds(plain),
        "one rule for another operation": lambda: microseconds(ruled),
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, measure in ways.items():
            taken[name].append(measure())
    base = taken["engine taken out"]
    print("| | µs a request, median | against none, round by round |\n|---|---:|---:|")
    for name, found in taken.items():
        ratio = median(mine / theirs for mine, theirs in zip(found, base, strict=True))
        print(f"| {name} | {median(found):.1f} | {ratio:.3f} |")


if __name__ == "__main__":
    main()
