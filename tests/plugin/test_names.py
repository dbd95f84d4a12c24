"""The names that a test gives: those that are right, as types, and what is said to those that are wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, get_args, get_type_hints

import pytest
import requests

from mockflow import testing
from mockflow.faults.grammar import KEYS
from mockflow.faults.presets import PRESETS
from mockflow.models.faults import Disconnect as KnownDisconnect
from mockflow.models.faults import FaultLatency, FaultMatch, FaultRule
from mockflow.models.journal import RequestFilter, RequestMatch
from mockflow.operations import OPERATIONS
from mockflow.testing import Filter, Match, Mockflow

Call = Callable[[Mockflow], object]


@pytest.mark.parametrize(
    ("names", "known"),
    [
        (testing.Operation, [operation.name for operation in OPERATIONS]),
        (testing.PresetName, PRESETS),
        (testing.Method, get_args(get_args(FaultMatch.model_fields["method"].annotation)[0])),
        (testing.Disconnect, get_args(KnownDisconnect)),
        (testing.Phase, get_args(FaultRule.model_fields["phase"].annotation)),
        (testing.Distribution, get_args(FaultLatency.model_fields["distribution"].annotation)),
    ],
)
def test_the_types_name_what_the_server_knows(names: Any, known: Any) -> None:
    assert get_args(names) == tuple(known)


def test_the_arguments_are_what_the_server_takes() -> None:
    assert list(testing.FaultRule.__annotations__) == [key.replace("-", "_") for key in KEYS]
    assert set(Match.__annotations__) == set(RequestMatch.model_fields)
    assert set(Filter.__annotations__) == set(RequestFilter.model_fields)
    assert get_type_hints(testing.FaultRule)["operation"] == testing.Operation


# mypy reads this file, strictly: it fails where one of these is not refused.
REFUSED: list[tuple[Call, str]] = [
    (lambda box: box.fault(oper="createTask"), "fault() … 'oper'. Did you mean operation?"),  # type: ignore[call-arg]
    (lambda box: box.fault(retry_aftr=1), "fault() … 'retry_aftr'. Did you mean retry_after?"),  # type: ignore[call-arg]
    (lambda box: box.fault(xyz=1), "fault() … 'xyz'."),  # type: ignore[call-arg]
    (lambda box: box.requests(statsu=401), "requests() … 'statsu'. Did you mean status?"),  # type: ignore[call-arg]
    (lambda box: box.assert_called(cuont=1), "assert_called() … 'cuont'. Did you mean count?"),  # type: ignore[call-arg]
    (lambda box: box.assert_called(bdoy={}), "assert_called() … 'bdoy'. Did you mean body?"),  # type: ignore[call-arg]
    (
        lambda box: box.assert_not_called(count=1),  # type: ignore[call-arg]
        "assert_not_called() … 'count'. There are operation, method, path, status, query, headers, body.",
    ),
]


@pytest.mark.parametrize(("call", "told"), REFUSED, ids=[told for _, told in REFUSED])
def test_a_wrong_name_is_told_the_nearest_as_python_spells_it(box: Mockflow, call: Call, told: str) -> None:
    words = re.escape(told).replace("…", "got an unexpected keyword argument")
    with pytest.raises(TypeError, match=f"^{words}$"):
        call(box)


def test_wrong_values_are_for_the_type_checker_to_find(box: Mockflow) -> None:
    entry = box.control.url
    refused: list[Call] = [
        lambda box: box.fault(operation="createTaks"),  # type: ignore[arg-type]
        lambda box: box.fault(disconnect="rst"),  # type: ignore[arg-type]
        lambda box: box.fault(status="500"),  # type: ignore[arg-type]
        lambda box: box.preset("outtage"),  # type: ignore[arg-type]
        lambda box: box.requests()[0].statsu,  # type: ignore[attr-defined]
        lambda box: box.assert_called(operation="createTaks"),  # type: ignore[arg-type]
    ]
    assert (len(refused), entry) == (6, box.url)


# -- what things say of themselves


def test_everything_says_what_it_is(box: Mockflow) -> None:
    cookies = box.sign_in("ann@example.com")
    requests.post(f"{box.url}/api/v2/todo?x=1", json={"title": "Buy milk"}, cookies=cookies, timeout=20)
    requests.post(f"{box.url}/api/v1/user/signup/send-otp", json={"email": "new@example.com"}, timeout=20)
    fault = box.fault(status=503, retry_after=1)
    preset = box.preset("outage")
    shown = {
        box: f"<Mockflow {box.url}>",
        box.control: f"<ControlClient {box.url}>",
        box.clock: f"<Clock of {box.url}>",
        box.outbox: f"<Outbox of {box.url}>",
        fault: f"<Fault {fault.id}: status=503, retry_after=1>",
        preset: "<Preset outage: outage>",
    }
    for one, told in shown.items():
        assert repr(one) == told
    fault.end()
    assert repr(fault) == f"<Fault {fault.id}: status=503, retry_after=1, ended after 0 hits>"
    sent, _ = box.requests()
    told = "req-1 POST /api/v2/todo?x=1 -> 201 operation=createTask user=ann@example.com"
    assert (repr(sent), str(sent)) == (f"<{told}>", told)
    (message,) = box.outbox.messages()
    assert repr(message).startswith("<sign-up-code to new@example.com: '")
    assert repr(message).endswith(f", code {message.code}>")
    assert "ann@example.com" in repr(box.accounts[0])


def test_an_entry_has_what_was_sent_and_answered(box: Mockflow) -> None:
    requests.get(f"{box.url}/api/v2/todo", headers={"X-Mine": "1"}, timeout=20)
    (entry,) = box.requests()
    assert (entry.status, entry.response.body["message"]) == (401, entry.response.body["msg"])
    assert entry.request.headers["x-mine"] == entry.request.headers["X-MINE"] == "1"
    assert ("x-mine" in entry.request.headers, "x-yours" in entry.request.headers) == (True, False)
    assert entry.response.headers.get("content-type") == "application/json; charset=utf-8"
    assert dict(entry.request.headers)["X-Mine"] == "1"
    assert (entry.request.body, entry.request.body_size, entry.request.body_cut) == (None, 0, False)
    assert entry.time.isoformat() == "2030-01-01T00:00:00+00:00"
    assert entry.elapsed_ms >= 0
    assert entry.duration_ms is not None
