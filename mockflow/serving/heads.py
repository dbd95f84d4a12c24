"""The bytes of an answer's head."""

from __future__ import annotations

from http import HTTPStatus

from mockflow.http.arrival import Headers

_STATUS_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n" for status in HTTPStatus}


def head_of(status: int, headers: Headers, more: str) -> bytes:
    """The head of an answer; `more` has the header lines that are the connection's own."""
    line = _STATUS_LINES.get(status) or f"HTTP/1.1 {status} \r\n"
    lines = "".join([f"{name.lower()}: {value}\r\n" for name, value in headers])
    return f"{line}{lines}{more}\r\n".encode("latin-1", "replace")
