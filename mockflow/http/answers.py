"""Answers: one way to make a JSON body, one to make an error's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from flask import Response
from werkzeug.http import HTTP_STATUS_CODES

from mockflow.errors import (
    BodyTooLarge,
    Forbidden,
    InvalidInput,
    MockflowError,
    NoSuchRoute,
    NotFound,
    NotSignedIn,
    SettingsInvalid,
    TooManyRequests,
    TooManySandboxes,
)
from mockflow.faults.effects import Injected

_JSON = "application/json; charset=utf-8"

STATUSES: Mapping[type[MockflowError], int] = {
    InvalidInput: 400,
    SettingsInvalid: 400,
    NotSignedIn: 401,
    Forbidden: 403,
    NotFound: 404,
    BodyTooLarge: 413,
    TooManyRequests: 429,
    TooManySandboxes: 507,
    MockflowError: 500,
}
"""The status of each class of errors; a class that is not here has its nearest ancestor's."""


def answer(status: int, body: Any) -> Response:
    """A JSON answer."""
    return Response(orjson.dumps(body), status, content_type=_JSON)


def status_of(error: MockflowError) -> int:
    """The HTTP status for an error (contract, section 1)."""
    return status_of_kind(type(error))


def status_of_kind(kind: type[MockflowError]) -> int:
    """The HTTP status for a class of errors."""
    return next(STATUSES[cls] for cls in kind.__mro__ if cls in STATUSES)


MESSAGES = {
    400: "The request is invalid.",
    401: "Sign in first: there is no session, or it has expired.",
    403: "This belongs to somebody else.",
    404: "There is no such thing.",
    413: "The body is larger than 100 KiB.",
    429: "Too many requests.",
    500: "Something went wrong on the server.",
    503: "The service is unavailable.",
}
"""What an injected answer says of its status, unless the rule has words of its own."""


def injected_answer(injected: Injected) -> Response:
    """The answer of a fault, in the shape that its status has in the contract."""
    status = injected.status
    message = injected.message or MESSAGES.get(status) or f"{_phrase(status)}."
    body: Any = {"message": message, "msg": message}
    if status == 400:
        body["errors"] = []
    if status == 401:
        body["isAuthenticated"] = False
    response = _as_it_is(injected) or answer(status, injected.body if injected.own_body else body)
    if injected.retry_after is not None:
        response.headers["Retry-After"] = str(injected.retry_after)
    response.headers.update(injected.headers)
    return response


def _as_it_is(injected: Injected) -> Response | None:
    """The text of a rule whose headers name a content type that is not JSON, such as a gateway's HTML page."""
    named = {name.lower(): value for name, value in injected.headers.items()}.get("content-type", "json")
    if not isinstance(injected.body, str) or "json" in named.lower():
        return None
    return Response(injected.body.encode(), injected.status, content_type=named)


def _phrase(status: int) -> str:
    return HTTP_STATUS_CODES.get(status, f"Status {status}")


def error_body(error: MockflowError) -> dict[str, Any]:
    """The one shape of an error: `message`, repeated as `msg`, and what its status adds."""
    body: dict[str, Any] = {"message": error.message, "msg": error.message}
    if isinstance(error, InvalidInput):
        body["errors"] = [
            {"path": list(offence.path), "message": offence.message, "code": offence.code}
            for offence in error.offences
        ]
    if isinstance(error, NotSignedIn):
        body["isAuthenticated"] = False
    return body


def error_answer(error: MockflowError) -> Response:
    """The answer that tells of an error."""
    response = answer(status_of(error), error_body(error))
    if isinstance(error, TooManyRequests):
        response.headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, NoSuchRoute) and error.allowed:
        response.headers["Allow"] = ", ".join(error.allowed)
    return response
