"""The names that a test can give, as types: an editor completes them, and a type checker refuses any other.

A test compares them with what the server knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal, TypedDict

from mockflow.errors import nearest

Operation = Literal[
    "requestSignUpCode",
    "completeSignUp",
    "signIn",
    "checkAuth",
    "signOut",
    "getProfile",
    "updateProfile",
    "updateName",
    "updatePassword",
    "getPreferences",
    "updatePreferences",
    "listTasks",
    "createTask",
    "updateTask",
    "deleteTask",
    "searchTasks",
    "updateTasks",
    "deleteTasks",
    "listProjects",
    "getInbox",
    "listPersonalProjects",
    "createProject",
    "getProject",
    "updateProject",
    "deleteProject",
    "listSections",
    "createSection",
    "updateSection",
    "deleteSection",
    "listTags",
    "createTag",
    "updateTag",
    "countTags",
    "deleteTags",
]
PresetName = Literal[
    "expired-session", "rate-limited", "outage", "flaky", "slow", "flaky-network", "lost-responses"
]
Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
Disconnect = Literal["reset", "empty", "truncate", "garbage"]
Distribution = Literal["uniform", "lognormal"]
Phase = Literal["before", "after"]


class FaultRule(TypedDict, total=False):
    """The keys of the flat grammar of faults, with `_` for `-` (`docs/faults.md`).

    Seconds: `retry_after`, `hang`, `expires_after`. Milliseconds: `latency`, `jitter`.
    """

    id: str
    operation: Operation
    method: Method
    path: str
    user: str
    status: int
    message: str
    retry_after: int
    content_type: str
    content: Any
    disconnect: Disconnect
    hang: float
    malformed: Literal[True]
    expire_session: Literal[True]
    latency: float
    jitter: float
    distribution: Distribution
    bytes_per_second: int
    skip: int
    times: int
    probability: float
    phase: Phase
    expires_after: float


class Match(TypedDict, total=False):
    """What a request has to be: `path` is a pattern, `query` and `headers` are some of its own, `body` is a part
    of its JSON."""

    operation: Operation
    method: str
    path: str
    status: int
    query: dict[str, str | Sequence[str]]
    headers: dict[str, str]
    body: Any


class Filter(TypedDict, total=False):
    """Which requests to show: also those with a text in path, query or bodies, those since a request's id or a
    moment, and the newest so many."""

    operation: Operation
    method: str
    path: str
    status: int
    text: str
    since: str | datetime
    limit: int


def check_names(function: str, given: Iterable[str], known: Iterable[str]) -> None:
    """Raise `TypeError`, with the nearest right name, for a keyword argument that a function does not have."""
    names = list(known)
    for name in given:
        if name not in names:
            raise TypeError(f"{function}() got an unexpected keyword argument {name!r}.{nearest(name, names)}")
