"""Requests that the reference allows and the deployed Flowtask server refuses, or takes otherwise.

Only what a request by itself shows; `docs/deployed.md` has the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs

_NULLED = ("priority", "dueDate", "dueTime")
_UNKNOWN_COLORS = ("orange", "pink")


def differences(request: Mapping[str, Any]) -> Iterator[str]:
    """A sentence for each difference that a request of the journal will meet."""
    operation, body = request["operation"], request["request"]["body"]
    if operation == "listTags" and {"ids", "ids[]"} & set(parse_qs(request["query"], keep_blank_values=True)):
        yield "listTags with ids: the deployed server ignores them and lists all tags."
    if not isinstance(body, dict):
        return
    for names, look in _LOOKS:
        if operation in names:
            yield from look(operation, body)


def _draft(_operation: str, body: Mapping[str, Any]) -> Iterator[str]:
    left_out = [name for name in _NULLED if name not in body]
    if left_out:
        yield f"createTask without {', '.join(left_out)}: the deployed server answers 400. Send null."
    if "isAllDay" not in body:
        yield "createTask without isAllDay: the deployed server stores null, not true. Send it."


def _task(operation: str, body: Mapping[str, Any]) -> Iterator[str]:
    if body.get("dueTime") is not None and body.get("isAllDay") is True:
        yield f"{operation} with a dueTime and isAllDay true: the deployed server keeps the time."
    rule = body.get("recurrenceRule")
    if isinstance(rule, dict) and rule.get("pattern") == "monthly":
        yield f"{operation} with the pattern monthly: the deployed server answers 400; it knows montly."


def _change(_operation: str, body: Mapping[str, Any]) -> Iterator[str]:
    if "projectId" in body and body["projectId"] is None:
        yield "updateTask with projectId null: the deployed server stores null, and it is in no project."


def _bulk(_operation: str, body: Mapping[str, Any]) -> Iterator[str]:
    if "projectId" in body:
        yield "updateTasks with projectId: the deployed server answers 500. Use updateTask for each."


def _tag(operation: str, body: Mapping[str, Any]) -> Iterator[str]:
    if body.get("color") in _UNKNOWN_COLORS:
        yield f"{operation} with the color {body['color']}: the deployed server answers 400."


def _sign_in(_operation: str, body: Mapping[str, Any]) -> Iterator[str]:
    email = body.get("email")
    if isinstance(email, str) and email != email.lower():
        yield "signIn with capitals in the address: the deployed server answers 400, unless it was stored so."


def _preferences(_operation: str, body: Mapping[str, Any]) -> Iterator[str]:
    if set(body) == {"taskRemainders"}:
        yield "updatePreferences with taskRemainders alone: the deployed server answers 400."
    if "digestTime" in body and body["digestTime"] is None:
        yield "updatePreferences with digestTime null: the deployed server answers 400."


_LOOKS = (
    (("createTask",), _draft),
    (("createTask", "updateTask"), _task),
    (("updateTask",), _change),
    (("updateTasks",), _bulk),
    (("createTag", "updateTag"), _tag),
    (("signIn",), _sign_in),
    (("updatePreferences",), _preferences),
)
