"""What a client sent, as checked values: JSON bodies, query strings, the one multipart form."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from io import BytesIO
from itertools import islice
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

import orjson
from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header

from mockflow.errors import BodyNotUnderstood, BodyTooLarge, InvalidInput, MalformedBody, MockflowError, Offence
from mockflow.faults.parts import MISSING
from mockflow.http.arrival import Arrival, as_text
from mockflow.http.encoding import Packed, unpacked
from mockflow.http.exchange import Exchange
from mockflow.journal.content import read_body
from mockflow.journal.escapes import unescaped_field
from mockflow.models.offences import offences_of, told

if TYPE_CHECKING:
    from pydantic import BaseModel
    from werkzeug.datastructures import FileStorage, MultiDict

JSON_LIMIT = 100 * 1024
"""Bytes; a larger JSON body is refused (contract, section 1)."""

FORM_LIMIT = 5 * 1024 * 1024 + 64 * 1024
"""Bytes of the one multipart form: an avatar, and what is around it."""

MOST_PARTS = 20
"""Boundaries of a form: `updateProfile` needs three."""

JSON_TYPE = "application/json"

_HEAD_LIMIT = 8 * 1024
"""Bytes of the head of a form's part, and of what may come before the first."""

_LONGEST_TYPE = 1000
_MOST_LOOKED_AT = 50
"""Parameters of a query, of those that none of ours are."""
_BLANK_LINE = re.compile(rb"\r\n\r\n|\n\n|\r\r")

_Shape = TypeVar("_Shape", bound="BaseModel")

_JSON_KINDS = {dict: "an object", list: "an array", str: "a string", bool: "a boolean", type(None): "null"}


def json_body(exchange: Exchange, shape: type[_Shape]) -> _Shape:
    """The request's JSON object; no body at all counts as an empty one.

    Raises `MalformedBody` for anything but a JSON object, `BodyTooLarge` over 100 KiB, `BodyNotUnderstood` for a
    charset or a content encoding that is not known, and `InvalidInput` with every offending field.
    """
    return _checked(shape, json_content(exchange, "a JSON object", (dict,)) or {}, "body")


def query(exchange: Exchange, shape: type[_Shape]) -> _Shape:
    """The request's query string.

    Raises `InvalidInput`, also for a parameter that is there twice, and for an unknown one where the shape forbids
    extras.
    """
    if not exchange.arrival.query:
        return _nothing_asked(shape) or _checked(shape, {}, "query")
    repeatable: frozenset[str] = getattr(shape, "repeatable", frozenset())
    sent = _parameters(exchange.arrival)
    values, offences = {}, _unknown_parameters(sent, shape)
    for name in shape.model_fields:
        found = sent.get(name, [])
        if name in repeatable:
            found = [*found, *sent.get(f"{name}[]", ())]
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


def _parameters(arrival: Arrival) -> dict[str, list[str]]:
    """The values of each parameter, in the order in which they were sent."""
    found: dict[str, list[str]] = {}
    for pair in filter(None, as_text(arrival.query).split("&")):
        name, _, value = pair.partition("=")
        found.setdefault(_parameter(name), []).append(_parameter(value))
    return found


def _parameter(text: str) -> str:
    """A name or a value; as it was sent where it is no UTF-8."""
    try:
        return unescaped_field(text, "strict")
    except UnicodeDecodeError:
        return text


def _unknown_parameters(sent: Iterable[str], shape: type[BaseModel]) -> list[Offence]:
    if shape.model_config.get("extra") != "forbid":
        return []
    known = ", ".join(shape.model_fields)
    told = f"There is no such parameter; there are {known}." if known else "This call takes no parameters."
    unknown = [name for name in islice(sent, _MOST_LOOKED_AT) if name not in shape.model_fields]
    return [Offence((name,), told, "unrecognized_keys") for name in unknown]


class Form(NamedTuple, Generic[_Shape]):
    """A multipart form: its checked text fields, and the bytes of its file, if there is one."""

    fields: _Shape
    file: bytes | None


def multipart(exchange: Exchange, shape: type[_Shape], file_field: str) -> Form[_Shape]:
    """The request's multipart form with at most one file.

    Raises `MalformedBody`, `InvalidInput`, also for an upload that is too large, and `BodyNotUnderstood`.
    """
    kind, parameters = media_type(exchange)
    if kind != "multipart/form-data":
        raise MalformedBody(f"Expected a multipart/form-data body, got {kind or 'none'}.")
    try:
        content = _sent(exchange, FORM_LIMIT)
    except BodyTooLarge:
        raise InvalidInput.at(file_field, message="The upload is too large.", code="too_big") from None
    form, files = _parts(content, parameters.get("boundary", ""))
    uploads = files.getlist(file_field)
    offences = [
        Offence((name,), "Given more than once.") for name in shape.model_fields if len(form.getlist(name)) > 1
    ]
    if len(uploads) > 1:
        offences.append(Offence((file_field,), "Given more than once."))
    if file_field in form:
        offences.append(Offence((file_field,), "Expected a file with a file name, not a text field."))
    if offences:
        raise invalid("form", tuple(offences))
    # A browser whose user chose no file sends an empty one without a name.
    file = next((upload.read() for upload in uploads if upload.filename), None)
    return Form(_checked(shape, form.to_dict(), "form"), file)


def _parts(content: bytes, boundary: str) -> tuple[MultiDict[str, str], MultiDict[str, FileStorage]]:
    """The fields and the files of a multipart body."""
    _check_heads(content, b"--" + boundary.encode("latin-1", "replace"))
    parser = FormDataParser(stream_factory=lambda *_, **__: BytesIO(), max_form_memory_size=FORM_LIMIT)
    _, form, files = parser.parse(BytesIO(content), "multipart/form-data", len(content), {"boundary": boundary})
    return form, files


def _check_heads(content: bytes, delimiter: bytes) -> None:
    """Refuse a form with more parts or larger heads than a few fields have: taking it apart takes seconds."""
    if content.count(delimiter) > MOST_PARTS:
        raise MalformedBody("The form has too many parts.")
    place = content.find(delimiter, 0, _HEAD_LIMIT)
    if place < 0 and len(content) > _HEAD_LIMIT:
        raise MalformedBody("The form does not begin with its boundary.")
    while place >= 0:
        begins_line = place == 0 or content[place - 1 : place] in (b"\r", b"\n")
        rest = len(content) - place
        if begins_line and rest > _HEAD_LIMIT and not _BLANK_LINE.search(content, place, place + _HEAD_LIMIT):
            raise MalformedBody(f"A part of the form has a head of more than {_HEAD_LIMIT // 1024} KiB.")
        place = content.find(delimiter, place + len(delimiter))


def json_content(exchange: Exchange, what: str, kinds: tuple[type, ...]) -> Any:
    """The request's JSON, of some kinds; None where there is no body. Raises as `json_body` does."""
    raw = _sent(exchange, JSON_LIMIT, _check_json_type)
    return json_value(raw, what, kinds) if raw else None


def packed_json(exchange: Exchange) -> Packed | None:
    """The request's body of any size, which is sent as JSON; None where there is none. Raises as `json_body`."""
    if not exchange.arrival.body:
        return None
    _check_json_type(exchange)
    return Packed(exchange.arrival.body, exchange.environ.get("HTTP_CONTENT_ENCODING", ""))


def json_value(raw: bytes, what: str, kinds: tuple[type, ...]) -> Any:
    """What a JSON text says, of some kinds. Raises `MalformedBody`."""
    try:
        content = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise MalformedBody(f"The body is not valid JSON: {error}.") from None
    if not isinstance(content, kinds):
        kind = _JSON_KINDS.get(type(content), "a number")
        raise MalformedBody(f"Expected {what} as the body, got {kind}.")
    return content


def content_as_sent(exchange: Exchange) -> Any:
    """What the request's body has, for who looks at it before it is checked: its JSON, or its text; `MISSING` for
    one that could not be read, or is too large to be JSON, and None where there is none."""
    try:
        return read_body(_sent(exchange, JSON_LIMIT))
    except MockflowError:
        return MISSING


def media_type(exchange: Exchange) -> tuple[str, Mapping[str, str]]:
    """The request's media type, in lower case, and its parameters; none where nobody would write such a header."""
    header = exchange.environ.get("CONTENT_TYPE", "")
    return _media_type(header) if len(header) <= _LONGEST_TYPE else ("", {})


@lru_cache(64)
def _media_type(header: str) -> tuple[str, Mapping[str, str]]:
    kind, parameters = parse_options_header(header)
    return kind.lower(), parameters


def _check_json_type(exchange: Exchange) -> None:
    kind, parameters = media_type(exchange)
    if kind != JSON_TYPE:
        sent = f"not as {kind}" if kind else "and name it in Content-Type"
        raise MalformedBody(f"Send the body as {JSON_TYPE}, {sent}.")
    charset = parameters.get("charset", "utf-8")
    if charset.lower() != "utf-8":
        raise BodyNotUnderstood(f"The charset {charset[:60]!r} is not understood: send JSON in UTF-8.")


def _sent(exchange: Exchange, limit: int, check: Callable[[Exchange], None] = lambda _: None) -> bytes:
    """The body as it was before it was packed; `check` looks at the headers of one that is there.

    Raises `BodyTooLarge` for more than `limit` bytes, packed or not, and as `unpacked` does.
    """
    arrival = exchange.arrival
    if arrival.size > limit:
        raise BodyTooLarge(f"The body is larger than {limit // 1024} KiB.")
    raw = arrival.body
    if not raw:
        return raw
    check(exchange)
    return unpacked(raw, exchange.environ.get("HTTP_CONTENT_ENCODING", ""), limit)


def _checked(shape: type[_Shape], values: Any, where: str) -> _Shape:
    try:
        return shape.model_validate(values)
    except ValueError as error:  # pydantic's
        raise invalid(where, offences_of(error)) from None


def invalid(where: str, offences: tuple[Offence, ...]) -> InvalidInput:
    """The error for a query, a body or a form with offending fields."""
    return InvalidInput(f"Invalid {where}: {told(offences)}.", offences)
