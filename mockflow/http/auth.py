"""The session cookie (contract, section 1)."""

from __future__ import annotations

import re

from flask import Request, Response
from werkzeug.http import dump_cookie

COOKIE = "connect.sid"

_NAME = re.compile(r'[ \t]*([^ \t=";]+)')
_TOKEN = re.compile(r'[^ \t";]*')
_BLANKS = re.compile(r"[ \t]*")
_QUOTE_OR_ESCAPE = re.compile(r'["\\]')
_ESCAPED = re.compile(rb"\\([0-3][0-7]{2}|.)")


def session_token(header: str) -> str | None:
    """The value of the first session cookie in a `Cookie` header; None where it has none.

    Reads what Werkzeug's `parse_cookie` reads, but each letter once or twice: the time of that one grows with the
    square of the spaces in a header.
    """
    place = 0
    while place < len(header):
        name, value, end = _cookie_at(header, place)
        if end is None:
            place = header.find(";", place) + 1 or len(header)
        elif name == COOKIE:
            return value
        else:
            place = end
    return None


def _cookie_at(header: str, start: int) -> tuple[str, str, int | None]:
    """The name and the value of the cookie that begins at a place, and the place of the next; None where that is
    no cookie."""
    found = _NAME.match(header, start)
    if found is None:
        return "", "", None
    value, end = "", _behind_blanks(header, found.end())
    if header[end : end + 1] == "=":
        value, end = _value_at(header, _behind_blanks(header, end + 1))
        end = _behind_blanks(header, end)
    return found[1], value, end + 1 if header[end : end + 1] in (";", "") else None


def _behind_blanks(header: str, start: int) -> int:
    found = _BLANKS.match(header, start)
    return start if found is None else found.end()


def _value_at(header: str, start: int) -> tuple[str, int]:
    """A value, quoted or not, and where it ends."""
    if header[start : start + 1] != '"':
        token = _TOKEN.match(header, start)
        return ("", start) if token is None else (token[0], token.end())
    end = start + 1
    while (found := _QUOTE_OR_ESCAPE.search(header, end)) and found[0] != '"':
        end = found.end() + 1
    if found is None:
        return "", start  # where the quote is no cookie goes on
    return _unescaped(header[start + 1 : found.start()]), found.end()


def _unescaped(quoted: str) -> str:
    """What is between quotes, without its escapes, of which some stand for bytes."""
    return _ESCAPED.sub(_byte, quoted.encode()).decode(errors="replace")


def _byte(escape: re.Match[bytes]) -> bytes:
    return escape[1] if len(escape[1]) == 1 else bytes([int(escape[1], 8)])


def set_cookie(request: Request, response: Response, value: str, lifetime_seconds: int) -> Response:
    """Give the client a session."""
    return _cookie(request, response, value, lifetime_seconds)


def clear_cookie(request: Request, response: Response) -> Response:
    """Take the session's cookie away from the client."""
    return _cookie(request, response, "", 0)


def _cookie(request: Request, response: Response, value: str, max_age: int) -> Response:
    # Flask's own set_cookie adds `Expires` from the wall clock, which a sandbox in another year must not have.
    header = dump_cookie(
        COOKIE,
        value,
        max_age=max_age,
        path=f"{request.root_path.rstrip('/')}/",
        secure=request.is_secure,
        httponly=True,
        samesite="Lax",
        sync_expires=False,
    )
    response.headers.add("Set-Cookie", header)
    return response
