"""Which effect a rule asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mockflow import models
from mockflow.faults.effects.disconnect import DISCONNECTS
from mockflow.faults.effects.effect import Effect
from mockflow.faults.effects.expire_session import ExpireSession
from mockflow.faults.effects.hang import Hang
from mockflow.faults.effects.malformed import Malformed
from mockflow.faults.effects.status import Status

_KINDS: Mapping[str, Callable[[Any], Effect]] = {
    "status": Status,
    "disconnect": lambda effect: DISCONNECTS[effect.disconnect](),
    "hang": lambda effect: Hang(effect.hang),
    "malformed": lambda _: Malformed(),
    "expireSession": lambda _: ExpireSession(),
}


def effect_of(shape: models.faults.FaultEffect) -> Effect:
    """The effect of a rule that has one."""
    make = next(make for name, make in _KINDS.items() if getattr(shape, name) is not None)
    return make(shape)
