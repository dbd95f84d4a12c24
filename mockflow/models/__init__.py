"""Shapes: what comes in (checked, and nothing more generous than the contract) and what goes out.

`from mockflow import models` loads none of its rooms: `models.tags` is imported when it is first asked for, since
a start needs no shapes and pydantic is slow to import.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockflow.models import (
        accounts,
        base,
        control,
        faults,
        journal,
        offences,
        projects,
        stored,
        tags,
        tasks,
        users,
    )

__all__ = [
    "accounts",
    "base",
    "control",
    "faults",
    "journal",
    "offences",
    "projects",
    "stored",
    "tags",
    "tasks",
    "users",
]


def __getattr__(name: str) -> ModuleType:
    """A room, when it is first looked for; after that Python finds it without asking (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(f"{__name__}.{name}")
