"""What an operation may answer, by status: its success, and each error that can happen on its way."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from mockflow.errors import (
    BodyNotUnderstood,
    BodyTooLarge,
    InvalidInput,
    MalformedBody,
    MockflowError,
    NotFound,
    NotSignedIn,
    NotYours,
    TooManyRequests,
)
from mockflow.http.answers import MESSAGES, error_body, status_of_kind
from mockflow.http.api.binding import BoundOperation
from mockflow.http.openapi import prose
from mockflow.http.openapi.schemas import Schemas
from mockflow.http.parsing import invalid
from mockflow.models.base import ERRORS, Error
from mockflow.models.offences import offences_of

Kinds = tuple[type[MockflowError], ...]

_NEEDED = {
    "query": (InvalidInput,),
    "body": (MalformedBody, InvalidInput, BodyTooLarge, BodyNotUnderstood),
    "form": (InvalidInput, BodyNotUnderstood),
}

HEADERS: dict[str, Any] = {
    "RequestId": {
        "description": "The id of the request in the journal.",
        "required": True,
        "schema": {"type": "string", "pattern": "^req-[0-9]+$", "examples": ["req-12"]},
    },
    "RetryAfter": {
        "description": "How many seconds to wait.",
        "required": True,
        "schema": {"type": "integer", "minimum": 0, "examples": [30]},
    },
    "SetCookie": {
        "description": "Starts the session, or clears the cookie.",
        "required": True,
        "schema": {"type": "string", "examples": [prose.COOKIE]},
    },
}


class SharedResponses:
    """Errors that several operations answer alike."""

    def __init__(self) -> None:
        self._kinds: dict[str, tuple[int, Kinds]] = {}

    def reference(self, status: int, kinds: Kinds) -> dict[str, str]:
        """The reference to a response for some kinds of errors."""
        name = "Or".join(kind.__name__ for kind in kinds)
        self._kinds[name] = (status, kinds)
        return {"$ref": f"#/components/responses/{name}"}

    def components(self, schemas: Schemas) -> dict[str, Any]:
        """All that were referred to."""
        return {
            name: _error(status, kinds, _example_of(status), schemas)
            for name, (status, kinds) in sorted(self._kinds.items())
        }


def responses_of(bound: BoundOperation, schemas: Schemas, shared: SharedResponses) -> dict[str, Any]:
    """The responses of an operation, by status."""
    made = {str(status): _success(bound, shape, schemas) for status, shape in bound.gives.items()}
    for status, kinds in sorted(errors_of(bound).items()):
        if status == 400:
            made["400"] = _error(400, kinds, _refusal(bound), schemas)
        else:
            made[str(status)] = shared.reference(status, kinds)
    return made


def errors_of(bound: BoundOperation) -> dict[int, Kinds]:
    """The kinds of errors that an operation can meet, by status, in the order in which they are checked."""
    met: list[type[MockflowError]] = []
    if bound.operation.session:
        met.append(NotSignedIn)
    if bound.finder is not None:
        met += [NotFound, NotYours]
    for part in ("query", "body", "form"):
        met += _NEEDED[part] if part in bound.takes else ()
    met += [*bound.raises, TooManyRequests, MockflowError]
    found: dict[int, Kinds] = {}
    for kind in dict.fromkeys(met):
        status = status_of_kind(kind)
        found[status] = (*found.get(status, ()), kind)
    return found


def _success(bound: BoundOperation, shape: type[BaseModel], schemas: Schemas) -> dict[str, Any]:
    name, reference = bound.operation.name, schemas.outgoing(shape)
    example = _changed(schemas.example(reference), prose.EXAMPLES.get(name, {}))
    headers = _headers(SetCookie="Set-Cookie") if name in prose.SETS_COOKIE else _headers()
    content = {"application/json": {"schema": reference, "example": example}}
    return {"description": inspect.getdoc(shape), "headers": headers, "content": content}


def _changed(example: dict[str, Any], parts: Mapping[str, Any]) -> dict[str, Any]:
    """With some parts replaced, at any depth."""
    made = dict(example)
    for name, part in parts.items():
        inner = example[name]
        made[name] = _changed(inner, part) if isinstance(part, dict) and isinstance(inner, dict) else part
    return made


def _error(status: int, kinds: Kinds, example: dict[str, Any], schemas: Schemas) -> dict[str, Any]:
    headers = _headers(RetryAfter="Retry-After") if status == 429 else _headers()
    schema = schemas.outgoing(ERRORS.get(status, Error))
    content = {"application/json": {"schema": schema, "example": example}}
    return {"description": " ".join(map(_said, kinds)), "headers": headers, "content": content}


def _headers(**more: str) -> dict[str, Any]:
    names = {"RequestId": "X-Mockflow-Request-Id", **more}
    return {header: {"$ref": f"#/components/headers/{name}"} for name, header in names.items()}


def _said(kind: type[MockflowError]) -> str:
    """What a class of errors says of itself to whoever calls the API: the first clause of its docstring."""
    if kind is MockflowError:
        return prose.FAILURE
    return re.split(r"[.;]", inspect.getdoc(kind) or "")[0].replace("\n", " ") + "."


def _example_of(status: int) -> dict[str, Any]:
    body: dict[str, Any] = {"message": MESSAGES[status], "msg": MESSAGES[status]}
    return {**body, "isAuthenticated": False} if status == 401 else body


def _refusal(bound: BoundOperation) -> dict[str, Any]:
    """What the operation really says to nothing at all, where it needs something."""
    for where, shape in sorted(bound.takes.items(), reverse=True):  # the query is checked first
        try:
            shape.model_validate({})
        except ValidationError as error:
            return error_body(invalid(where, offences_of(error)))
    return error_body(InvalidInput(MESSAGES[400]))
