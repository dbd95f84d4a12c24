"""Who may use the control API and its pages: tools on this machine, not web pages, nor names rebound to it."""

from __future__ import annotations

import hmac

from flask import request

from mockflow.errors import ControlRefused, ControlTokenMissing, MalformedBody
from mockflow.http.parsing import JSON_TYPE, media_type
from mockflow.origins import host_of, is_address, is_loopback
from mockflow.settings import Settings


def check_page(settings: Settings) -> None:
    """Let a request for a page pass, or raise `ControlRefused`. A link elsewhere may lead to it."""
    _check_host(settings.allow_hosts)


def check(settings: Settings) -> None:
    """Let the current request pass, or raise `ControlRefused`, `ControlTokenMissing` or `MalformedBody`."""
    check_page(settings)
    _check_origin()
    if settings.control_token is not None:
        _check_token(settings.control_token)
    if request.method not in ("GET", "HEAD") and media_type()[0] != JSON_TYPE:
        raise MalformedBody("Calls that change something need Content-Type: application/json.")


def _check_host(allowed: tuple[str, ...]) -> None:
    host = host_of(request.headers.get("Host", ""))
    known = host is not None and (
        is_loopback(host) or is_address(host) or "." not in host or host in {name.lower() for name in allowed}
    )
    if not known:
        raise ControlRefused(f"The control API is not served for the host {host!r}; --allow-host would add it.")


def _check_origin() -> None:
    origin = request.headers.get("Origin")
    host = request.headers["Host"].lower()
    foreign = origin is not None and origin.lower() not in (f"http://{host}", f"https://{host}")
    if foreign or request.headers.get("Sec-Fetch-Site", "").lower() == "cross-site":
        raise ControlRefused("Pages of another origin cannot use the control API.")


def _check_token(token: str) -> None:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(given.encode(), token.encode()):
        raise ControlTokenMissing("The control API needs Authorization: Bearer with the token of --control-token.")
