"""Chance that repeats itself: the same seed gives the same faults, whatever the threads do."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from statistics import median, quantiles
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockflow.clock import Clock
from mockflow.faults.engine import Faults, Hit, checked
from mockflow.faults.matching import Facts
from tests.conftest import NOW, MakeApp
from tests.support import Api

CONTROL = "/_mockflow"
CHECK = "/api/v1/auth-check"
FLAKY = ("id=a; 500; probability=0.3", "id=b; 503; probability=0.3")
REQUESTS = 200


def facts() -> Facts:
    return Facts("checkAuth", "GET", CHECK, None)


def engine(*rules: dict[str, Any], seed: int = 42) -> Faults:
    return Faults(Clock(NOW), lambda: seed, [checked(rule) for rule in rules])


def answers(api: Api) -> list[tuple[int, str | None]]:
    replies = [api.get(CHECK) for _ in range(REQUESTS)]
    return [(reply.status_code, reply.headers.get("X-Mockflow-Fault")) for reply in replies]


def counted(api: Api) -> list[tuple[str, int, int]]:
    return [(rule["id"], rule["matched"], rule["hits"]) for rule in api.get(f"{CONTROL}/faults").json["faults"]]


def test_the_same_requests_fail_after_a_reset_and_in_another_app(make_app: MakeApp) -> None:
    api, other = (Api(make_app(faults=FLAKY)) for _ in range(2))
    first, first_counts = answers(api), counted(api)
    api.post(f"{CONTROL}/reset")
    assert (answers(api), counted(api)) == (first, first_counts)
    assert answers(other) == first


def test_another_seed_makes_others_fail(make_app: MakeApp) -> None:
    assert answers(Api(make_app(faults=FLAKY, seed=1))) != answers(Api(make_app(faults=FLAKY, seed=2)))


def test_a_reset_with_another_seed_draws_from_it(make_app: MakeApp) -> None:
    api = Api(make_app(faults=FLAKY, seed=1))
    api.post(f"{CONTROL}/reset", seed=2)
    assert answers(api) == answers(Api(make_app(faults=FLAKY, seed=2)))


def test_rules_with_other_ids_fail_others(make_app: MakeApp) -> None:
    first, second = ([status for status, _ in answers(Api(make_app(faults=(rule,))))] for rule in FLAKY)
    assert [status == 200 for status in first] != [status == 200 for status in second]


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.9])
def test_the_share_of_hits_is_what_was_asked_for(share: float) -> None:
    faults = engine({"effect": {"status": 500}, "probability": share})
    hits = sum(faults.find(facts) is not None for _ in range(5000))
    assert abs(hits / 5000 - share) < 0.03
    assert faults.listed()[0]["hits"] == hits
    assert faults.listed()[0]["matched"] == 5000


def decided(faults: Faults, threads: int) -> list[Counter[str]]:
    """Of so many requests, how often each rule fired, and how often each of their latencies was drawn."""
    together = threading.Barrier(threads)

    def some(number: int) -> list[Hit | None]:
        together.wait()
        return [faults.find(facts) for _ in range(number)]

    with ThreadPoolExecutor(threads) as pool:
        hits = [hit for found in pool.map(some, [REQUESTS // threads] * threads) for hit in found]
    return [
        Counter(hit.rule_id if hit else "none" for hit in hits),
        Counter(f"{hit.rule_id} {hit.delay_seconds}" for hit in hits if hit),
    ]


RULES: tuple[dict[str, Any], ...] = (
    {"id": "a", "effect": {"status": 500}, "probability": 0.3, "latency": {"ms": 100, "jitter": 100}},
    {"id": "b", "latency": {"ms": 50, "jitter": 40}, "probability": 0.3, "skip": 7},
    {"id": "c", "effect": {"disconnect": "reset"}, "probability": 0.3, "times": 20},
)


def test_eight_threads_get_what_one_gets() -> None:
    alone = engine(*RULES)
    expected = decided(alone, 1)
    for _ in range(5):
        crowded = engine(*RULES)
        assert decided(crowded, 8) == expected
        assert crowded.listed() == alone.listed()


def test_eight_clients_at_once_get_what_one_gets(make_app: MakeApp) -> None:
    expected = Counter(answers(Api(make_app(faults=FLAKY))))
    crowded = make_app(faults=FLAKY)

    def some(_: int) -> list[tuple[int, str | None]]:
        api = Api(crowded)
        replies = [api.get(CHECK) for _ in range(REQUESTS // 8)]
        return [(reply.status_code, reply.headers.get("X-Mockflow-Fault")) for reply in replies]

    with ThreadPoolExecutor(8) as pool:
        seen = Counter(answer for found in pool.map(some, range(8)) for answer in found)
    assert seen == expected


latencies = st.none() | st.fixed_dictionaries(
    {"ms": st.integers(1, 5000)},
    optional={"jitter": st.integers(0, 5000), "distribution": st.sampled_from(["uniform", "lognormal"])},
)
names = st.from_regex(r"[A-Za-z0-9_.-]{1,64}", fullmatch=True)


@given(
    seed=st.integers(-(2**63), 2**63 - 1), name=names, share=st.floats(0.01, 1), own=latencies, before=latencies
)
@settings(max_examples=50, deadline=None)
def test_whether_a_rule_fires_depends_on_seed_rule_and_match_alone(
    seed: int, name: str, share: float, own: dict[str, Any] | None, before: dict[str, Any] | None
) -> None:
    plain = {"id": name, "effect": {"status": 500}, "probability": share}
    late = plain if own is None else {**plain, "latency": own}
    passed = {"id": f"{name[:60]}-1st", "effect": {"status": 501}, "match": {"operation": "createTask"}}
    if before is not None:
        passed["latency"] = before

    def sequence(*rules: dict[str, Any]) -> list[bool]:
        faults = engine(*rules, seed=seed)
        return [faults.find(facts) is not None for _ in range(40)]

    assert sequence(plain) == sequence(late) == sequence(passed, late)


@given(seed=st.integers(0, 2**32), ms=st.floats(0, 10_000), jitter=st.floats(0.1, 10_000))
@settings(max_examples=50, deadline=None)
def test_jitter_stays_within_its_bounds_and_below_nothing(seed: int, ms: float, jitter: float) -> None:
    faults = engine({"latency": {"ms": ms, "jitter": jitter}}, seed=seed)
    for _ in range(40):
        hit = faults.find(facts)
        assert hit is not None
        assert max(0, ms - jitter) - 1e-6 <= hit.delay_seconds * 1000 <= ms + jitter + 1e-6


def delays(**latency: Any) -> list[float]:
    faults = engine({"id": "late", "latency": latency})
    return [hit.delay_seconds * 1000 for _ in range(4000) if (hit := faults.find(facts))]


def test_jitter_uses_its_bounds() -> None:
    drawn = delays(ms=100, jitter=50)
    assert 50 <= min(drawn) < 51
    assert 149 < max(drawn) <= 150
    assert abs(median(drawn) - 100) < 3


def test_a_latency_without_jitter_is_exact() -> None:
    assert set(delays(ms=100)) == {100.0}


def test_lognormal_has_its_median_and_one_in_six_above_jitter() -> None:
    drawn = delays(ms=200, jitter=300, distribution="lognormal")
    assert abs(median(drawn) - 200) < 20
    assert abs(sum(delay > 500 for delay in drawn) / len(drawn) - 1 / 6) < 0.03
    assert min(drawn) > 0
    assert quantiles(drawn, n=100)[98] > 1000  # a long tail


def test_latencies_repeat_and_do_not_follow_what_decides_the_hit() -> None:
    assert delays(ms=100, jitter=50) == delays(ms=100, jitter=50)
    faults = engine({"id": "late", "latency": {"ms": 100, "jitter": 100}, "probability": 0.2})
    drawn = [hit.delay_seconds * 1000 for _ in range(4000) if (hit := faults.find(facts))]
    assert abs(median(drawn) - 100) < 15  # of 0 to 200, though only one in five fires
