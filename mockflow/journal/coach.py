"""The coach: what a client does wrong, seen from its requests alone (`docs/journal.md`).

One function from a journal to findings. It is given requests as the control API shows them, so that whoever has
such a list can ask.
"""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from mockflow.journal.deployed import differences
from mockflow.journal.redaction import REMOVED
from mockflow.operations import BY_NAME

Request = Mapping[str, Any]

NOTE, WARNING = "note", "warning"
STORM = 9
"""So often a request may be repeated that fails each time."""
_ROUNDS = 3
"""So often a client may sign in for one request."""
_ALIKE = 6
"""So many requests alike, but for an id, could be fewer."""
_TOGETHER_SECONDS = 0.5
"""Within so long calls that began together have their answers."""
_AT_ONCE_SECONDS = 0.003
"""What comes so soon was on its way already."""
_TIMER_SECONDS = 0.02
"""So much too soon may a timer be."""
_ID = re.compile(r"(?<![a-z0-9])(?:c[a-z0-9]{24}|tag_[0-9a-z]{26})(?![a-z0-9])")
_SIGN_INS = ("signIn", "completeSignUp")
_IN_BULK = {"updateTask": "updateTasks", "deleteTask": "deleteTasks"}
# The shape of each operation's body: the module of `mockflow.models`, and the class.
_BODIES = {
    "requestSignUpCode": ("accounts", "SignUpCodeRequest"),
    "completeSignUp": ("accounts", "SignUp"),
    "signIn": ("accounts", "SignIn"),
    "updateName": ("users", "NewName"),
    "updatePassword": ("users", "NewPasswordTwice"),
    "updatePreferences": ("users", "PreferenceChanges"),
    "createTask": ("tasks", "TaskDraft"),
    "updateTask": ("tasks", "TaskChanges"),
    "updateTasks": ("tasks", "BulkChanges"),
    "createProject": ("projects", "ProjectDraft"),
    "updateProject": ("projects", "ProjectChanges"),
    "createSection": ("projects", "SectionDraft"),
    "updateSection": ("projects", "SectionChanges"),
    "createTag": ("tags", "TagDraft"),
    "updateTag": ("tags", "TagChanges"),
}


class Finding(NamedTuple):
    """What is wrong by one of the `RULES`, at which requests, and how much it counts: `warning` or `note`."""

    rule: str
    level: str
    requests: tuple[str, ...]
    message: str


def coached(requests: Sequence[Request]) -> list[Finding]:
    """All findings on a journal, whose requests come oldest first."""
    return [finding for look in RULES.values() for finding in look(requests)]


def _finding(rule: str, requests: Sequence[Request], message: str, level: str = WARNING) -> Finding:
    return Finding(rule, level, tuple(request["id"] for request in requests), message)


def _same(request: Request) -> tuple[str, str, str, str]:
    """What makes a request the same as another."""
    body = json.dumps(request["request"]["body"], sort_keys=True)
    return request["method"], request["path"], request["query"], body


def _called(request: Request) -> str:
    return str(request["operation"] or f"{request['method']} {request['path']}")


def _pairs(requests: Sequence[Request]) -> Iterator[tuple[Request, Request]]:
    """Each request with the next that is the same."""
    last: dict[tuple[str, str, str, str], Request] = {}
    for request in requests:
        key = _same(request)
        if key in last:
            yield last[key], request
        last[key] = request


def _between(requests: Sequence[Request], first: Request, second: Request) -> list[Request]:
    ids = [request["id"] for request in requests]
    return list(requests[ids.index(first["id"]) + 1 : ids.index(second["id"])])


def _well(request: Request) -> bool:
    return request["status"] is not None and request["status"] < 400


# -- after a refusal


def _retry_after_ignored(requests: Sequence[Request]) -> Iterator[Finding]:
    for refused, again in _pairs(requests):
        told = _header(refused["response"], "retry-after")
        if refused["status"] not in (429, 503) or not (told or "").isdecimal():
            continue
        seconds = float(told or 0)
        waited = _waited(refused, again)
        if _AT_ONCE_SECONDS < waited < seconds - _TIMER_SECONDS:
            message = f"{_called(again)} came back after {waited:.2f} s; Retry-After said {seconds:g}."
            yield _finding("retry-after-ignored", (refused, again), message)


def _waited(refused: Request, again: Request) -> float:
    """Seconds of real time or of the sandbox's clock, whichever are more: a test may move the clock instead."""
    moments = [datetime.fromisoformat(request["time"]) for request in (refused, again)]
    real = ((again["elapsedMs"] or 0) - (refused["elapsedMs"] or 0)) / 1000
    return float(max(real, (moments[1] - moments[0]).total_seconds()))


def _retry_storm(requests: Sequence[Request]) -> Iterator[Finding]:
    runs: dict[tuple[str, str, str, str], list[Request]] = {}
    for request in requests:
        run = runs.setdefault(_same(request), [])
        status = request["status"]
        if status is None or status == 429 or status >= 500:
            run.append(request)
            continue
        yield from _storm(run)
        run.clear()
    for run in runs.values():
        yield from _storm(run)


def _storm(run: Sequence[Request]) -> Iterator[Finding]:
    if len(run) > STORM + 1:
        message = f"{_called(run[0])} failed {len(run)} times in a row and was sent again each time."
        yield _finding("retry-storm", run, message)


def _refusal_repeated(requests: Sequence[Request]) -> Iterator[Finding]:
    for refused, again in _pairs(requests):
        if refused["status"] != 400 or again["status"] != 400:
            continue
        changed = any(_well(one) and one["method"] != "GET" for one in _between(requests, refused, again))
        if not changed:
            message = f"{_called(again)} was refused with 400, and sent again as it was."
            yield _finding("refusal-repeated", (refused, again), message)


# -- sessions


def _unauthorized_repeated(requests: Sequence[Request]) -> Iterator[Finding]:
    for refused, again in _pairs(requests):
        if refused["status"] != 401 or again["status"] != 401 or _are_at_once(requests, refused, again):
            continue
        if not any(_signs_in(one) for one in _between(requests, refused, again)):
            message = f"{_called(again)} got 401, and was sent again without a sign-in."
            yield _finding("unauthorized-repeated", (refused, again), message)


def _are_at_once(requests: Sequence[Request], first: Request, second: Request) -> bool:
    """Whether two calls found the session over together, and got what they wanted in the end."""
    behind = requests[[request["id"] for request in requests].index(second["id"]) + 1 :]
    in_the_end = any(_signs_in(one) or (_well(one) and _same(one) == _same(second)) for one in behind)
    return in_the_end and _waited(first, second) < _TOGETHER_SECONDS


def _signs_in(request: Request) -> bool:
    return request["operation"] in _SIGN_INS and _well(request)


def _sign_in_loop(requests: Sequence[Request]) -> Iterator[Finding]:
    rounds: dict[tuple[str, str, str, str], list[Request]] = {}
    for refused, again in _pairs(requests):
        signed_in = any(_signs_in(one) for one in _between(requests, refused, again))
        if refused["status"] == again["status"] == 401 and signed_in:
            rounds.setdefault(_same(again), []).append(again)
    for run in rounds.values():
        if len(run) >= _ROUNDS:
            message = f"{_called(run[0])} got 401 {len(run)} times although the client had just signed in."
            yield _finding("sign-in-loop", run, message)


def _cookie_lost(requests: Sequence[Request]) -> Iterator[Finding]:
    """A client that has signed in, and does not send the cookie it got."""
    signed_in: Request | None = None
    for request in requests:
        operation = BY_NAME.get(request["operation"] or "")
        if _signs_in(request):
            signed_in = request
        elif request["operation"] == "signOut":
            signed_in = None
        elif operation is not None and operation.session and signed_in is not None and request["status"] == 401:
            if _header(request["request"], "cookie") is None:
                message = f"{_called(request)} came without the cookie that {_called(signed_in)} had given."
                yield _finding("cookie-lost", (signed_in, request), message)
                signed_in = None
        elif _well(request) and request["user"] is not None and signed_in is not None:
            signed_in = None  # it has the cookie; who comes without it is somebody else


# -- single requests


def _no_such_path(requests: Sequence[Request]) -> Iterator[Finding]:
    for request in requests:
        if request["operation"] is None and request["status"] == 404:
            message = f"There is no {request['method']} {request['path']}."
            yield _finding("no-such-path", (request,), message)


def _secret_in_url(requests: Sequence[Request]) -> Iterator[Finding]:
    for request in requests:
        names = [pair.partition("=")[0] for pair in request["query"].split("&") if pair.endswith(REMOVED)]
        if names:
            message = f"{_called(request)} has {', '.join(names)} in its address, where every log keeps it."
            yield _finding("secret-in-url", (request,), message)


def _unknown_field(requests: Sequence[Request]) -> Iterator[Finding]:
    for request in requests:
        body = request["request"]["body"]
        known = _fields(request["operation"])
        if known is None or not isinstance(body, dict):
            continue
        strange = [name for name in body if name not in known]
        if strange:
            message = f"{_called(request)} knows no {', '.join(strange)}: Flowtask ignores it."
            yield _finding("unknown-field", (request,), message)


def _fields(operation: str | None) -> frozenset[str] | None:
    if operation not in _BODIES:
        return None
    module, name = _BODIES[operation]
    # Late: a shape is loaded when there is a body to compare with it.
    shape = getattr(importlib.import_module(f"mockflow.models.{module}"), name)
    return frozenset(field.alias or name for name, field in shape.model_fields.items())


# -- many requests


def _n_plus_1(requests: Sequence[Request]) -> Iterator[Finding]:
    """Requests in a row that differ in an id alone: reads after a list, or changes that one call would make."""
    run: list[Request] = []
    for request in [*requests, None]:
        if request is not None and run and _is_like(run[-1], request):
            run.append(request)
            continue
        if len({one["path"] for one in run}) >= _ALIKE:
            yield _finding("n-plus-1", run, _fewer(run))
        run = [] if request is None or not _ID.search(request["path"]) else [request]


def _is_like(one: Request, other: Request) -> bool:
    if one["operation"] is None or one["operation"] != other["operation"] or not _ID.search(other["path"]):
        return False
    return bool(one["method"] == "GET" or one["request"]["body"] == other["request"]["body"])


def _fewer(run: Sequence[Request]) -> str:
    operation = run[0]["operation"]
    instead = _IN_BULK.get(operation)
    cure = f"{instead} would do it in one" if instead else "the list has it all"
    return f"{len(run)} times {operation} in a row, one for each id: {cure}."


def _deployed_differs(requests: Sequence[Request]) -> Iterator[Finding]:
    """Each difference once, with all requests that meet it."""
    found: dict[str, list[Request]] = {}
    for request in requests:
        for message in differences(request):
            found.setdefault(message, []).append(request)
    for message, those in found.items():
        yield _finding("deployed-differs", those, message, NOTE)


def _header(part: Mapping[str, Any], name: str) -> str | None:
    headers: Mapping[str, str] = part["headers"]
    return next((value for key, value in headers.items() if key.lower() == name), None)


RULES: Mapping[str, Callable[[Sequence[Request]], Iterator[Finding]]] = {
    "retry-after-ignored": _retry_after_ignored,
    "retry-storm": _retry_storm,
    "refusal-repeated": _refusal_repeated,
    "unauthorized-repeated": _unauthorized_repeated,
    "sign-in-loop": _sign_in_loop,
    "cookie-lost": _cookie_lost,
    "no-such-path": _no_such_path,
    "secret-in-url": _secret_in_url,
    "n-plus-1": _n_plus_1,
    "unknown-field": _unknown_field,
    "deployed-differs": _deployed_differs,
}
"""What is looked for, by name."""
