"""What a test holds in its hand: one sandbox of a running server, driven over its control API.

The pytest plugin's fixtures give one. Without pytest, `sandbox()` does, or `server()` and then `.sandbox()` of it
for each test (`docs/testing.md`).
"""

from mockflow.testing.faults import Fault, Preset
from mockflow.testing.handle import Clock, Mockflow, Outbox
from mockflow.testing.records import Account, Entry, Headers, Message, Part
from mockflow.testing.running import sandbox, server
from mockflow.testing.words import (
    Disconnect,
    Distribution,
    FaultRule,
    Filter,
    Match,
    Method,
    Operation,
    Phase,
    PresetName,
)

__all__ = [
    "Account",
    "Clock",
    "Disconnect",
    "Distribution",
    "Entry",
    "Fault",
    "FaultRule",
    "Filter",
    "Headers",
    "Match",
    "Message",
    "Method",
    "Mockflow",
    "Operation",
    "Outbox",
    "Part",
    "Phase",
    "Preset",
    "PresetName",
    "sandbox",
    "server",
]
