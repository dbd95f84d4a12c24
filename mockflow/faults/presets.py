"""Named sets of rules, each imitating one bad day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from mockflow.errors import NotFound, nearest


class Preset(NamedTuple):
    """What it imitates, and the rules it stands for."""

    imitates: str
    rules: tuple[Mapping[str, Any], ...]


PRESETS: Mapping[str, Preset] = {
    "expired-session": Preset(
        "the session ends while somebody works",
        ({"id": "expired-session", "effect": {"expireSession": True}, "times": 1},),
    ),
    "rate-limited": Preset(
        "too many requests: three are refused, each saying when to come back",
        ({"id": "rate-limited", "effect": {"status": 429, "retryAfter": 1}, "times": 3},),
    ),
    "outage": Preset(
        "the service is down for half a minute",
        ({"id": "outage", "effect": {"status": 503, "retryAfter": 30}, "expiresAfter": 30},),
    ),
    "flaky": Preset(
        "one request in ten fails on the server", ({"id": "flaky", "effect": {"status": 500}, "probability": 0.1},)
    ),
    "slow": Preset(
        "every answer takes one to three seconds", ({"id": "slow", "latency": {"ms": 2000, "jitter": 1000}},)
    ),
    "flaky-network": Preset(
        "connections are reset and answers break off",
        (
            {"id": "flaky-network-reset", "effect": {"disconnect": "reset"}, "probability": 0.1},
            {"id": "flaky-network-truncate", "effect": {"disconnect": "truncate"}, "probability": 0.1},
        ),
    ),
    "lost-responses": Preset(
        "the server did it, but its answer is lost",
        ({"id": "lost-responses", "effect": {"disconnect": "empty"}, "phase": "after", "probability": 0.3},),
    ),
}


def preset(name: str) -> Preset:
    """One of them. Raises `NotFound`."""
    if name not in PRESETS:
        raise NotFound(f"There is no preset {name!r}.{nearest(name[:80], PRESETS)}")
    return PRESETS[name]
