"""A journal as HAR 1.2, for the network panel of a browser, and for tools that play it back.

What a fault broke is written as Chrome writes it: status 0, and the reason in `_error`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, quote

import orjson

from mockflow.journal.entry import Entry
from mockflow.journal.redaction import REMOVED

_UNKNOWN = -1
"""What HAR has for a size that is not known."""
_ERRORS = (
    ("reset", "net::ERR_CONNECTION_RESET"),
    ("without an answer", "net::ERR_EMPTY_RESPONSE"),
    ("not HTTP", "net::ERR_INVALID_HTTP_RESPONSE"),
    ("middle of the body", "net::ERR_CONTENT_LENGTH_MISMATCH"),
    ("client left", "net::ERR_ABORTED"),
)
_OTHER_ERROR = "net::ERR_EMPTY_RESPONSE"


def har(entries: Iterable[Entry], base_url: str, version: str) -> Iterator[bytes]:
    """The log of a journal's entries; `base_url` is that of the sandbox they were sent to.

    It comes as JSON in pieces, one for each request, so that nobody has to wait for all of them.
    """
    head = orjson.dumps({"version": "1.2", "creator": {"name": "mockflow", "version": version}, "pages": []})
    between = b'{"log":' + head[:-1] + b',"entries":['
    for entry in entries:
        yield between + orjson.dumps(_entry(entry, base_url))
        between = b","
    yield (b"" if between == b"," else between) + b"]}}"


def _entry(entry: Entry, base_url: str) -> dict[str, Any]:
    request = entry.described()
    took = request["durationMs"] or 0
    error = _error(request)
    return {
        "startedDateTime": request["time"],
        "time": took,
        "request": _request(request, base_url, entry.request.raw()),
        "response": _broken(error) if error else _response(request, entry.response.raw()),
        "cache": {},
        "timings": {"send": 0, "wait": took, "receive": 0},
        "comment": _comment(request),
        "_requestId": request["id"],
        "_resourceType": "fetch",  # so that Chromium's panel has it among "Fetch/XHR"
    }


def _comment(request: Mapping[str, Any]) -> str:
    fault = f"fault {request['fault']}" if request["fault"] else ""
    return ", ".join(part for part in (request["operation"] or "", fault) if part)


def _error(request: Mapping[str, Any]) -> str | None:
    """The name that Chrome would have for what became of the answer."""
    told = request["error"]
    if request["status"] is not None and told is None:
        return None
    return next((name for words, name in _ERRORS if words in (told or "")), _OTHER_ERROR)


def _request(request: Mapping[str, Any], base_url: str, body: str | None) -> dict[str, Any]:
    part = request["request"]
    query = f"?{request['query']}" if request["query"] else ""
    shown: dict[str, Any] = {
        "method": request["method"],
        "url": f"{base_url}{_encoded(request['path'])}{query}",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _headers(part),
        "queryString": [
            {"name": name, "value": value} for name, value in parse_qsl(request["query"], keep_blank_values=True)
        ],
        "headersSize": _UNKNOWN,
        "bodySize": part["bodySize"],
    }
    # A body that is not the one that was sent would keep whoever plays this back from finding the request.
    if body is not None and (part["bodyCut"] or REMOVED in body):
        shown["comment"] = "The body is left out: the journal does not have all of it, or it held a secret."
    elif body is not None:
        shown["postData"] = {"mimeType": _type(part), "text": body}
    return shown


def _encoded(path: str) -> str:
    """A path of the journal as a browser writes it: it was decoded there, but for an escaped slash."""
    return quote(path, safe="/!$&'()*+,;=:@").replace("%252F", "%2F")


def _response(request: Mapping[str, Any], body: str | None) -> dict[str, Any]:
    part = request["response"]
    location = next((one["value"] for one in _headers(part) if one["name"].lower() == "location"), "")
    return {
        "status": request["status"],
        "statusText": _phrase(request["status"]),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _headers(part),
        "content": _content(part, body),
        "redirectURL": location,
        "headersSize": _UNKNOWN,
        "bodySize": part["bodySize"],
    }


def _broken(error: str) -> dict[str, Any]:
    return {
        "status": 0,
        "statusText": "",
        "httpVersion": "",
        "cookies": [],
        "headers": [],
        "content": {"size": 0, "mimeType": "x-unknown"},
        "redirectURL": "",
        "headersSize": _UNKNOWN,
        "bodySize": _UNKNOWN,
        "_transferSize": 0,
        "_error": error,
    }


def _content(part: Mapping[str, Any], body: str | None) -> dict[str, Any]:
    content: dict[str, Any] = {"size": part["bodySize"], "mimeType": _type(part)}
    if body is not None:
        content["text"] = body
    if part["bodyCut"]:
        content["comment"] = "The journal does not have all of it."
    return content


def _headers(part: Mapping[str, Any]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in part["headers"].items()]


def _type(part: Mapping[str, Any]) -> str:
    return next((one["value"] for one in _headers(part) if one["name"].lower() == "content-type"), "x-unknown")


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
