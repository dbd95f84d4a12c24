"""The flat way to write a rule, and the rule that it stands for."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockflow.errors import InvalidInput
from mockflow.faults.grammar import KEYS, flat, parse
from tests.conftest import MakeApp
from tests.support import Api

TEXTS: dict[str, tuple[str, Any]] = {
    "id": ("flaky-create", {"id": "flaky-create"}),
    "operation": ("createTask", {"match": {"operation": "createTask"}}),
    "method": ("POST", {"match": {"method": "POST"}}),
    "path": ("/api/v2/todo/**", {"match": {"path": "/api/v2/todo/**"}}),
    "user": ("demo@flowtask.test", {"match": {"user": "demo@flowtask.test"}}),
    "status": ("429", {"effect": {"status": 429}}),
    "message": ("slow down, please = wait", {"effect": {"message": "slow down, please = wait"}}),
    "retry-after": ("30", {"effect": {"retryAfter": 30}}),
    "content-type": ("text/html", {"effect": {"headers": {"Content-Type": "text/html"}}}),
    "content": ("<h1>Bad Gateway</h1>", {"effect": {"body": "<h1>Bad Gateway</h1>"}}),
    "disconnect": ("reset", {"effect": {"disconnect": "reset"}}),
    "hang": ("2.5", {"effect": {"hang": 2.5}}),
    "malformed": ("true", {"effect": {"malformed": True}}),
    "expire-session": ("true", {"effect": {"expireSession": True}}),
    "latency": ("200", {"latency": {"ms": 200}}),
    "jitter": ("50", {"latency": {"jitter": 50}}),
    "distribution": ("lognormal", {"latency": {"distribution": "lognormal"}}),
    "bytes-per-second": ("100", {"latency": {"bytesPerSecond": 100}}),
    "skip": ("1", {"skip": 1}),
    "times": ("2", {"times": 2}),
    "probability": ("0.2", {"probability": 0.2}),
    "phase": ("after", {"phase": "after"}),
    "expires-after": ("300", {"expiresAfter": 300}),
}


def test_every_key_is_tested_here() -> None:
    assert set(TEXTS) == set(KEYS)


@pytest.mark.parametrize("key", KEYS)
def test_a_key_has_its_place_in_the_rule(key: str) -> None:
    text, rule = TEXTS[key]
    assert parse(f"{key}={text}") == rule


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("401", {"effect": {"status": 401}}),
        (" 401 ", {"effect": {"status": 401}}),
        ("401; times=2", {"effect": {"status": 401}, "times": 2}),
        ("operation=signIn; 401", {"effect": {"status": 401}, "match": {"operation": "signIn"}}),
        ("  status =  500 ;operation= signIn;", {"effect": {"status": 500}, "match": {"operation": "signIn"}}),
        (";;status=500;; ;times=1;", {"effect": {"status": 500}, "times": 1}),
        ("status=500\t;\ttimes=1\n", {"effect": {"status": 500}, "times": 1}),
        ("latency=200; jitter=50", {"latency": {"ms": 200, "jitter": 50}}),
        ("id=5; 500", {"id": "5", "effect": {"status": 500}}),
        ("500; message=true", {"effect": {"status": 500, "message": "true"}}),
        ("500; message=a = b", {"effect": {"status": 500, "message": "a = b"}}),
        ("500; message=zu viel – später", {"effect": {"status": 500, "message": "zu viel – später"}}),
        (
            "disconnect=reset; operation=createTask; probability=0.2",
            {"effect": {"disconnect": "reset"}, "match": {"operation": "createTask"}, "probability": 0.2},
        ),
    ],
)
def test_a_text_stands_for_a_rule(text: str, rule: dict[str, Any]) -> None:
    assert parse(text) == rule


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "Expected a rule such as"),
        (" ; ;", "Expected a rule such as"),
        ("reset", "key=value"),
        ("status=500; operation", "'operation'"),
        ("-401", "key=value"),
        ("4.5", "key=value"),
        ("401, 500", "key=value"),
        ("status=500; colour=red", "'colour'"),
        ("Status=500", "'Status'"),
        ("retryAfter=5", "retry-after"),
        ("=500", "''"),
        ("status=500; status=500", "status is given twice"),
        ("401; status=500", "status is given twice"),
        ("401; 500", "status is given twice"),
        ("id=a; id=b", "id is given twice"),
        ("status=", "status"),
        ("status=five", "'five'"),
        ("times=two", "'two'"),
        ("latency=200ms", "'200ms'"),
        ("hang=1,5", "'1,5'"),
        ("probability=30%", "'30%'"),
        ("malformed=yes", "'yes'"),
        ("malformed=True", "'True'"),
        ("skip=0x1", "'0x1'"),
        ("skip=²", "'²'"),
        ("²", "'²'"),
        ("٤٠١", "'٤٠١'"),
    ],
)
def test_a_text_that_stands_for_none_is_told_what_is_wrong(text: str, told: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse(text)
    assert told in caught.value.message


@pytest.mark.parametrize("text", ["status=" + "9" * 5000, "9" * 5000, "hang=" + "[" * 100_000, "skip=1e999"])
def test_a_text_that_is_far_too_much_is_refused_like_any_other(make_app: MakeApp, text: str) -> None:
    reply = Api(make_app()).call("GET", "/api/v1/auth-check", headers={"X-Mockflow-Fault": text})
    assert reply.status_code == 400
    assert len(reply.content) < 20_000


def test_an_unknown_key_is_told_all_that_there_are() -> None:
    with pytest.raises(InvalidInput) as caught:
        parse("colour=red")
    for key in KEYS:
        assert key in caught.value.message


# -- round trip

numbers = st.integers(0, 10**6) | st.floats(0.001, 1000, allow_nan=False)
words = st.text(
    st.characters(codec="utf-8", exclude_characters=";", exclude_categories=("Cs", "Cc", "Z")), min_size=1
)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "id": st.from_regex(r"[A-Za-z0-9_.-]{1,64}", fullmatch=True),
    "operation": st.sampled_from(["createTask", "checkAuth", "signIn"]),
    "method": st.sampled_from(["GET", "POST"]),
    "path": st.sampled_from(["/**", "/api/v2/todo/*", "/api/v2/todo"]),
    "user": st.just("ann@example.com"),
    "status": st.integers(400, 599),
    "message": words,
    "retry-after": st.integers(0, 10**9),
    "content-type": st.sampled_from(["text/html", "text/plain"]),
    "content": words,
    "disconnect": st.sampled_from(["reset", "empty", "truncate", "garbage"]),
    "hang": numbers,
    "malformed": st.just(True),
    "expire-session": st.just(True),
    "latency": numbers,
    "jitter": numbers,
    "distribution": st.sampled_from(["uniform", "lognormal"]),
    "bytes-per-second": st.integers(1, 10**9),
    "skip": st.integers(0, 10**9),
    "times": st.integers(1, 10**9),
    "probability": st.floats(0.001, 1),
    "phase": st.sampled_from(["before", "after"]),
    "expires-after": numbers,
}


def written(value: Any) -> str:
    return "true" if value is True else str(value)


def place_of(key: str) -> list[str]:
    """Where a key is in a rule, from the outside in."""
    place: list[str] = []
    inner: Any = TEXTS[key][1]
    while isinstance(inner, dict):
        ((name, inner),) = inner.items()
        place.append(name)
    return place


@given(keys=st.fixed_dictionaries({}, optional=VALUES).filter(bool), space=st.sampled_from(["", " ", "  ", "\t"]))
def test_any_flat_rule_is_its_json_form(keys: dict[str, Any], space: str) -> None:
    expected: dict[str, Any] = {}
    for key, value in keys.items():
        *outer, last = place_of(key)
        inner = expected
        for name in outer:
            inner = inner.setdefault(name, {})
        inner[last] = value
    text = f"{space};{space}".join(f"{key}{space}={space}{written(value)}" for key, value in keys.items())
    assert parse(text) == expected
    assert flat(**{key.replace("-", "_"): value for key, value in keys.items()}) == expected


@given(
    text=st.text(max_size=60) | st.lists(st.sampled_from([*KEYS, "=", ";", "4", "01", " ", "true"])).map("".join)
)
def test_any_text_is_a_rule_or_refused_in_our_words(text: str) -> None:
    with suppress(InvalidInput):
        assert parse(text)
