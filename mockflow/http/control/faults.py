"""The control API's routes for faults (`docs/faults.md`)."""

from __future__ import annotations

from typing import Any

from flask import Response

from mockflow.faults.presets import PRESETS, preset
from mockflow.http.answers import answer
from mockflow.http.exchange import Exchange
from mockflow.http.later import Later


def list_faults(exchange: Exchange) -> Response:
    """With how often each matched and fired."""
    return answer(200, {"faults": exchange.sandbox.faults.listed()})


def add_fault(exchange: Exchange, body: dict[str, Any] | str) -> Response:
    """One rule, or its flat text, behind the others."""
    return answer(201, exchange.sandbox.faults.add([body])[0])


def replace_faults(exchange: Exchange, body: list[Any]) -> Later:
    """A JSON array of rules, or of their flat texts, in place of all; all or none."""
    faults = exchange.sandbox.faults
    return Later(lambda rules: answer(200, {"faults": faults.replace(rules)}), steps=faults.checking(body))


def clear_faults(exchange: Exchange) -> Response:
    """All rules out of force."""
    return answer(200, {"deleted": exchange.sandbox.faults.clear()})


def show_fault(exchange: Exchange, rule_id: str) -> Response:
    """One rule."""
    return answer(200, exchange.sandbox.faults.one(rule_id))


def remove_fault(exchange: Exchange, rule_id: str) -> Response:
    """One rule out of force."""
    exchange.sandbox.faults.remove(rule_id)
    return answer(200, {"deleted": 1})


def list_presets(_exchange: Exchange) -> Response:
    """What each imitates and stands for."""
    shown = [{"name": name, "imitates": found.imitates, "rules": found.rules} for name, found in PRESETS.items()]
    return answer(200, {"presets": shown})


def use_preset(exchange: Exchange, name: str) -> Response:
    """A preset's rules, behind the others; those it left before make room."""
    return answer(201, {"faults": exchange.sandbox.faults.renew(preset(name).rules)})
