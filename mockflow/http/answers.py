"""Answers: one way to make a JSON body, one to make an error's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson
from flask import Response
from werkzeug.http import HTTP_STATUS_CODES

from mockflow.errors import (
    BodyNotUnderstood,
    BodyTooLarge,
    Forbidden,
    HeadTooLarge,
    InvalidInput,
    MockflowError,
    NoSuchRoute,
    NotFound,
    NotSignedIn,
    RequestRefused,
    RequestTooSlow,
    SettingsInvalid,
    TooManyRequests,
    TooManySandboxes,
)
from mockflow.faults.effects import Instead

_PIECE = 16 * 1024
"""Bytes."""

JSON_TYPE = "application/json; charset=utf-8"

STATUSES: Mapping[type[MockflowError], int] = {
    InvalidInput: 400,
    SettingsInvalid: 400,
    NotSignedIn: 401,
    Forbidden: 403,
    NotFound: 404,
    RequestRefused: 400,
    RequestTooSlow: 408,
    BodyTooLarge: 413,
    HeadTooLarge: 431,
    BodyNotUnderstood: 415,
    TooManyRequests: 429,
    TooManySandboxes: 507,
    MockflowError: 500,
}
"""The status of each class of errors; a class that is not here has its nearest ancestor's."""


def answer(status: int, body: Any) -> Response:
    """A JSON answer."""
    return answer_with(status, orjson.dumps(body))


def answer_with(status: int, content: bytes) -> Response:
    """An answer that is JSON already."""
    return Response(content, status, content_type=JSON_TYPE)


def answer_in_pieces(pieces: Iterator[bytes]) -> Response:
    """An answer whose JSON is made while it is sent."""
    return Response(pieces, content_type=JSON_TYPE)


def object_in_pieces(known: Mapping[str, Any], **lists: Iterable[Any]) -> Iterator[bytes]:
    """A JSON object with some members that are known and some long lists, in pieces of a few items."""
    piece = orjson.dumps(known)[:-1] + (b"," if known else b"")
    for place, (name, items) in enumerate(lists.items()):
        piece += b"%b%b:[" % (b"," if place else b"", orjson.dumps(name))
        between = b""
        for item in items:
            piece += between + orjson.dumps(item)
            between = b","
            if len(piece) >= _PIECE:
                yield piece
                piece = b""
        piece += b"]"
    yield piece + b"}"


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
    415: "The charset or the content encoding of the body is not understood.",
    429: "Too many requests.",
    500: "Something went wrong on the server.",
    503: "The service is unavailable.",
}
"""What an injected answer says of its status, unless the rule has words of its own."""


def injected_answer(instead: Instead) -> Response:
    """The answer of a fault: its own body, or the shape that its status has in the contract."""
    status, body = instead.status, instead.body
    if body is None:
        message = instead.message or MESSAGES.get(status) or f"{_phrase(status)}."
        shape: dict[str, Any] = {"message": message, "msg": message}
        if status == 400:
            shape["errors"] = []
        if status == 401:
            shape["isAuthenticated"] = False
        body = orjson.dumps(shape)
    response = Response(body, status, content_type=JSON_TYPE)
    response.headers.update(instead.headers)
    return response


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
