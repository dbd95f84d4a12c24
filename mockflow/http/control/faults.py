"""The control API's routes for faults (`docs/faults.md`)."""

from __future__ import annotations

from flask import Response

from mockflow import models
from mockflow.errors import MalformedBody
from mockflow.faults.presets import PRESETS, preset
from mockflow.http import parsing
from mockflow.http.answers import answer
from mockflow.http.exchange import sandbox


def list_faults() -> Response:
    """With how often each matched and fired."""
    return answer(200, {"faults": sandbox().faults.listed()})


def add_fault() -> Response:
    """One rule, or its flat text, behind the others."""
    rule = parsing.json_content("a JSON object, or the text of a rule", (dict, str))
    return answer(201, sandbox().faults.add([{} if rule is None else rule])[0])


def replace_faults() -> Response:
    """A JSON array of rules, or of their flat texts, in place of all; all or none."""
    rules = parsing.json_content("a JSON array of rules", (list,))
    if rules is None:
        raise MalformedBody("Expected a JSON array of rules as the body, got none.")
    return answer(200, {"faults": sandbox().faults.replace(rules)})


def clear_faults() -> Response:
    """All rules out of force."""
    parsing.json_body(models.control.NoBody)
    return answer(200, {"deleted": sandbox().faults.clear()})


def show_fault(rule_id: str) -> Response:
    """One rule."""
    return answer(200, sandbox().faults.one(rule_id))


def remove_fault(rule_id: str) -> Response:
    """One rule out of force."""
    parsing.json_body(models.control.NoBody)
    sandbox().faults.remove(rule_id)
    return answer(200, {"deleted": 1})


def list_presets() -> Response:
    """What each imitates and stands for."""
    shown = [{"name": name, "imitates": found.imitates, "rules": found.rules} for name, found in PRESETS.items()]
    return answer(200, {"presets": shown})


def use_preset(name: str) -> Response:
    """A preset's rules, behind the others; those it left before make room."""
    parsing.json_body(models.control.NoBody)
    return answer(201, {"faults": sandbox().faults.renew(preset(name).rules)})


ROUTES = (
    ("/faults", "GET", list_faults),
    ("/faults", "POST", add_fault),
    ("/faults", "PUT", replace_faults),
    ("/faults", "DELETE", clear_faults),
    ("/faults/<rule_id>", "GET", show_fault),
    ("/faults/<rule_id>", "DELETE", remove_fault),
    ("/faults/presets", "GET", list_presets),
    ("/faults/presets/<name>", "POST", use_preset),
)
