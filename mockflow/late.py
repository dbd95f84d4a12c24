"""Modules that are imported when something of them is first used: a start needs no shapes, and they are slow."""

from __future__ import annotations

from importlib import import_module
from typing import Any


class Late:
    """Stands for a module. What was looked up in it once is found here from then on."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        found = getattr(import_module(self._name), attribute)
        setattr(self, attribute, found)
        return found
