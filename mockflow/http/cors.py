"""CORS (contract, section 1): a browser client on another port signs in and sends its cookie."""

from __future__ import annotations

from flask import Response, request

from mockflow.http.origins import is_loopback_origin

_METHODS = "GET, POST, PUT, PATCH, DELETE, OPTIONS"
_HEADERS = "Content-Type, Authorization"
_TOOL_HEADERS = ("X-Mockflow-Fault", "Prefer", "X-Mockflow-Sandbox")
"""Ours; a page that asks for one may send it."""
_EXPOSED = (
    "Allow",
    "Retry-After",
    "X-Mockflow-Fault",
    "X-Mockflow-Request-Id",
    "RateLimit-Limit",
    "RateLimit-Remaining",
    "RateLimit-Reset",
)
"""What a page may read beyond what browsers always show."""


class Cors:
    """Lets loopback origins in on any port, and those that were named."""

    def __init__(self, origins: tuple[str, ...]) -> None:
        self._origins = frozenset(origin.rstrip("/").lower() for origin in origins)

    def allows(self, origin: str) -> bool:
        """Whether pages of an origin may read answers."""
        return origin.lower() in self._origins or is_loopback_origin(origin)

    def preflight(self) -> Response | None:
        """The answer where the request is a preflight; never faulted, needs no session."""
        if request.method != "OPTIONS" or "Access-Control-Request-Method" not in request.headers:
            return None
        response = Response(status=204)
        del response.headers["Content-Type"]  # of nothing; Flask would say HTML
        if self.allows(request.headers.get("Origin", "")):
            response.headers["Access-Control-Allow-Methods"] = _METHODS
            asked = request.headers.get("Access-Control-Request-Headers", "").lower()
            ours = [name for name in _TOOL_HEADERS if name.lower() in asked.replace(" ", "").split(",")]
            response.headers["Access-Control-Allow-Headers"] = ", ".join([_HEADERS, *ours])
        return response

    def decorate(self, response: Response) -> Response:
        """Add what a browser needs to hand an answer to the page."""
        response.headers.add("Vary", "Origin")
        origin = request.headers.get("Origin")
        if origin is not None and self.allows(origin):
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Allow-Credentials"] = "true"
            exposed = [name for name in _EXPOSED if name in response.headers]
            if exposed:
                response.headers["Access-Control-Expose-Headers"] = ", ".join(exposed)
        return response
