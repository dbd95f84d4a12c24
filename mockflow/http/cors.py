"""CORS (contract, section 1): a browser client on another port signs in and sends its cookie."""

from __future__ import annotations

from typing import Any

from flask import Response

from mockflow.http.exchange import Exchange
from mockflow.origins import is_loopback_origin

_METHODS = "GET, POST, PUT, PATCH, DELETE, OPTIONS"
_HEADERS = "Content-Type, Authorization"
_TOOL_HEADERS = ("X-Mockflow-Fault", "Prefer", "X-Mockflow-Sandbox")
"""Ours; a page that asks for one may send it."""
_EXPOSED = tuple(
    (name, name.lower())
    for name in (
        "Allow",
        "Retry-After",
        "X-Mockflow-Fault",
        "X-Mockflow-Request-Id",
        "RateLimit-Limit",
        "RateLimit-Remaining",
        "RateLimit-Reset",
    )
)
"""What a page may read beyond what browsers always show."""
_MOST_KNOWN = 256


class Cors:
    """Lets loopback origins in on any port, and those that were named."""

    def __init__(self, origins: tuple[str, ...]) -> None:
        self._origins = frozenset(origin.rstrip("/").lower() for origin in origins)
        self._known: dict[str, bool] = {}

    def allows(self, origin: str) -> bool:
        """Whether pages of an origin may read answers."""
        known = self._known.get(origin)
        if known is None:
            known = origin.lower() in self._origins or is_loopback_origin(origin)
            if len(self._known) < _MOST_KNOWN:
                self._known[origin] = known
        return known

    def is_foreign(self, environ: dict[str, Any]) -> bool:
        """Whether a page sends a request that may not read answers. Images and the like have no `Origin`."""
        origin = environ.get("HTTP_ORIGIN")
        if origin is not None:
            return not self.allows(origin)
        site = environ.get("HTTP_SEC_FETCH_SITE")
        return site is not None and site.lower() == "cross-site"

    def preflight(self, exchange: Exchange) -> Response | None:
        """The answer where the request is a preflight; never faulted, needs no session."""
        environ = exchange.environ
        if exchange.method != "OPTIONS" or "HTTP_ACCESS_CONTROL_REQUEST_METHOD" not in environ:
            return None
        response = Response(status=204)
        del response.headers["Content-Type"]  # of nothing; Flask would say HTML
        if self.allows(environ.get("HTTP_ORIGIN", "")):
            response.headers["Access-Control-Allow-Methods"] = _METHODS
            asked = environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", "").lower()
            ours = [name for name in _TOOL_HEADERS if name.lower() in asked.replace(" ", "").split(",")]
            response.headers["Access-Control-Allow-Headers"] = ", ".join([_HEADERS, *ours])
        return response

    def decorate(self, environ: dict[str, Any], headers: list[tuple[str, str]]) -> None:
        """Add to an answer's headers what a browser needs to hand the answer to the page."""
        headers.append(("Vary", "Origin"))
        origin = environ.get("HTTP_ORIGIN")
        if origin is not None and self.allows(origin):
            present = {name.lower() for name, _ in headers}
            exposed = ", ".join([name for name, lowered in _EXPOSED if lowered in present])
            headers.append(("Access-Control-Allow-Origin", origin))
            headers.append(("Access-Control-Allow-Credentials", "true"))
            if exposed:
                headers.append(("Access-Control-Expose-Headers", exposed))
