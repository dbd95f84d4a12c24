"""The session cookie (contract, section 1)."""

from __future__ import annotations

from flask import Request, Response
from werkzeug.http import dump_cookie

COOKIE = "connect.sid"


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
