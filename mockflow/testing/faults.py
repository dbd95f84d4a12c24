"""Fault rules and presets that a test puts in force, and the server's words about them as Python spells them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Self
from urllib.parse import quote

from mockflow.client import ControlClient
from mockflow.errors import InvalidInput, ServerRefused
from mockflow.faults.grammar import PLACES, flat
from mockflow.testing.words import FaultRule, check_names

_ARGUMENTS: Mapping[tuple[str, ...], str] = {place: key.replace("-", "_") for key, place in PLACES.items()}
_WORDS: Mapping[str, str] = {
    **{key: key.replace("-", "_") for key in PLACES if "-" in key},
    **{place[-1]: name for place, name in _ARGUMENTS.items() if place[-1] != name and place[-1] != "body"},
    "effect": "an effect (status, disconnect, hang, malformed or expire_session)",
}
"""What the server calls by another name than `fault()` does."""
_WORD = re.compile(rf"(?<![\w'-])({'|'.join(map(re.escape, _WORDS))})(?![\w'-])")


class Fault:
    """A rule that is in force from the call that made it until its `with` is over, or `end()` is called."""

    def __init__(self, control: ControlClient, rule_id: str, told: str = "") -> None:
        self.id = rule_id
        self._control = control
        self._told = told
        self._hits: int | None = None

    @property
    def hits(self) -> int:
        """How often it fired; after its end, until then."""
        return self._shown().get("hits", 0) if self._hits is None else self._hits

    def end(self) -> None:
        """Take it out of force, if that was not done before, here or by a reset."""
        if self._hits is not None:
            return  # its id may be another rule's by now
        shown = self._shown()
        self._hits = shown.get("hits", 0)
        if shown:
            self._control.call("DELETE", f"faults/{quote(self.id, safe='')}")

    def _shown(self) -> dict[str, Any]:
        rules = self._control.call("GET", "faults")["faults"]
        return next((rule for rule in rules if rule["id"] == self.id), {})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def __repr__(self) -> str:
        ended = "" if self._hits is None else f", ended after {self._hits} hits"
        return f"<Fault {self.id}: {self._told}{ended}>"


class Preset:
    """The rules of a preset, in force as a `Fault` is."""

    def __init__(self, name: str, faults: Iterable[Fault]) -> None:
        self.name = name
        self.faults = tuple(faults)

    @property
    def hits(self) -> int:
        """How often its rules fired, all together; after its end, until then."""
        return sum(fault.hits for fault in self.faults)

    def end(self) -> None:
        """Take them out of force."""
        for fault in self.faults:
            fault.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def __repr__(self) -> str:
        return f"<Preset {self.name}: {', '.join(fault.id for fault in self.faults)}>"


def put(control: ControlClient, rule: Mapping[str, Any]) -> Fault:
    """Put the rule in force that the keyword arguments of `fault()` stand for."""
    check_names("fault", rule, FaultRule.__annotations__)
    told = ", ".join(f"{name}={value!r}" for name, value in rule.items())
    try:
        made = control.call("POST", "faults", flat(**rule))
    except ServerRefused as error:
        raise error.reworded(f"fault({told}): {_reworded(error)}") from None
    except InvalidInput as error:
        raise ValueError(f"fault({told}): {_as_python(error.message)}") from None
    return Fault(control, made["id"], told)


def use(control: ControlClient, name: str) -> Preset:
    """Put a preset in force."""
    try:
        made = control.call("POST", f"faults/presets/{quote(name, safe='')}")["faults"]
    except ServerRefused as error:
        raise error.reworded(f"preset({name!r}): {error.told}") from None
    return Preset(name, [Fault(control, rule["id"], f"preset={name!r}") for rule in made])


def _reworded(error: ServerRefused) -> str:
    """What the server said about a rule, by the names of the arguments."""
    offences = [(_ARGUMENTS.get(tuple(one["path"]), ""), _as_python(one["message"])) for one in error.errors]
    told = [f"{name}: {words}" if name else words for name, words in offences]
    return " ".join(told) or error.told


def _as_python(words: str) -> str:
    return _WORD.sub(lambda found: _WORDS[found[1]], words)
