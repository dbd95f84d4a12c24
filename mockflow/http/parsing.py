"""What a client sent, as checked values: JSON bodies, query strings, the one multipart form."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import orjson
from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

from mockflow.errors import BodyTooLarge, InvalidInput, MalformedBody, Offence
from mockflow.models.offences import offences_of, told

if TYPE_CHECKING:
    from pydantic import BaseModel

JSON_LIMIT = 100 * 1024
"""Bytes; a larger JSON body is refused (contract, section 1)."""

BODY_LIMIT = 8 * 1024 * 1024
"""Bytes; nothing larger is read, whatever it is."""

_Shape = TypeVar("_Shape", bound="BaseModel")

_JSON_KINDS = {dict: "an object", list: "an array", str: "a string", bool: "a boolean", type(None): "null"}


def json_body(shape: type[_Shape]) -> _Shape:
    """The request's JSON object; no body at all counts as an empty one.

    Raises `MalformedBody` for anything but a JSON object, `BodyTooLarge` over 100 KiB, and `InvalidInput` with
    every offending field.
    """
    return _checked(shape, json_content("a JSON object", (dict,)) or {}, "body")


def query(shape: type[_Shape]) -> _Shape:
    """The request's query string.

    Raises `InvalidInput`, also for a parameter that is there twice, and for an unknown one where the shape forbids
    extras.
    """
    if not request.environ.get("QUERY_STRING"):
        return _nothing_asked(shape) or _checked(shape, {}, "query")
    repeatable: frozenset[str] = getattr(shape, "repeatable", frozenset())
    values, offences = {}, _unknown_parameters(shape)
    for name in shape.model_fields:
        found = request.args.getlist(name)
        if name in repeatable:
            found += request.args.getlist(f"{name}[]")
        elif len(found) > 1:
            offences.append(Offence((name,), "Given more than once.", "custom"))
        if found:
            values[name] = ",".join(found) if name in repeatable else found[0]
    if offences:
        raise invalid("query", tuple(offences))
    return _checked(shape, values, "query")


@lru_cache(64)
def _nothing_asked(shape: type[_Shape]) -> _Shape | None:
    """A query's shape without any parameter, which never changes; None where it needs some."""
    try:
        return shape.model_validate({})
    except ValueError:
        return None


def _unknown_parameters(shape: type[BaseModel]) -> list[Offence]:
    if shape.model_config.get("extra") != "forbid":
        return []
    known = ", ".join(shape.model_fields)
    told = f"There is no such parameter; there are {known}." if known else "This call takes no parameters."
    unknown = [name for name in request.args if name not in shape.model_fields]
    return [Offence((name,), told, "unrecognized_keys") for name in unknown]


@dataclass(frozen=True)
class Form(Generic[_Shape]):
    """A multipart form: its checked text fields, and the bytes of its file, if there is one."""

    fields: _Shape
    file: bytes | None


def multipart(shape: type[_Shape], file_field: str) -> Form[_Shape]:
    """The request's multipart form with at most one file. Raises `MalformedBody` and `InvalidInput`."""
    if request.mimetype != "multipart/form-data":
        raise MalformedBody(f"Expected a multipart/form-data body, got {request.mimetype or 'none'}.")
    try:
        form, files = request.form, request.files.getlist(file_field)
    except RequestEntityTooLarge:
        if (request.content_length or 0) > BODY_LIMIT:
            raise InvalidInput.at(file_field, message="The upload is too large.", code="too_big") from None
        raise MalformedBody("The form has too many parts.") from None
    offences = [
        Offence((name,), "Given more than once.") for name in shape.model_fields if len(form.getlist(name)) > 1
    ]
    if len(files) > 1:
        offences.append(Offence((file_field,), "Given more than once."))
    if file_field in form:
        offences.append(Offence((file_field,), "Expected a file with a file name, not a text field."))
    if offences:
        raise invalid("form", tuple(offences))
    # A browser whose user chose no file sends an empty one without a name.
    file = next((file.read() for file in files if file.filename), None)
    return Form(_checked(shape, form.to_dict(), "form"), file)


def json_content(what: str, kinds: tuple[type, ...], *, limit: int = JSON_LIMIT) -> Any:
    """The request's JSON, of some kinds; None where there is no body. Raises as `json_body` does."""
    try:
        raw = request.get_data(cache=True)
    except RequestEntityTooLarge:
        raw = None
    if raw is None or len(raw) > limit:
        raise BodyTooLarge(f"The body is larger than {limit // 1024} KiB.")
    if not raw:
        return None
    if not request.is_json:
        sent = f"not as {request.mimetype}" if request.mimetype else "and name it in Content-Type"
        raise MalformedBody(f"Send the body as application/json, {sent}.")
    try:
        content = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise MalformedBody(f"The body is not valid JSON: {error}.") from None
    if not isinstance(content, kinds):
        kind = _JSON_KINDS.get(type(content), "a number")
        raise MalformedBody(f"Expected {what} as the body, got {kind}.")
    return content


def raw_json(what: str) -> bytes:
    """The request's JSON as it was sent, of any size. Raises `MalformedBody` where there is none."""
    request.max_content_length = sys.maxsize  # None would be the app's own limit
    raw = request.get_data(cache=True)
    if not raw:
        raise MalformedBody(f"Expected {what} as the body, got none.")
    if not request.is_json:
        sent = f"not as {request.mimetype}" if request.mimetype else "and name it in Content-Type"
        raise MalformedBody(f"Send the body as application/json, {sent}.")
    return raw


def _checked(shape: type[_Shape], values: Any, where: str) -> _Shape:
    try:
        return shape.model_validate(values)
    except ValueError as error:  # pydantic's
        raise invalid(where, offences_of(error)) from None


def invalid(where: str, offences: tuple[Offence, ...]) -> InvalidInput:
    """The error for a query, a body or a form with offending fields."""
    return InvalidInput(f"Invalid {where}: {told(offences)}.", offences)
