"""Who may use the control API and its pages: tools on this machine, not web pages, nor names rebound to it."""

from __future__ import annotations

import hmac

from mockflow.errors import ControlRefused, ControlTokenMissing, MalformedBody
from mockflow.http.arrival import Environ
from mockflow.http.exchange import Exchange
from mockflow.http.parsing import JSON_TYPE, media_type
from mockflow.origins import host_of, is_address, is_loopback


def check_page(exchange: Exchange) -> None:
    """Let a request for a page pass, or raise `ControlRefused`. A link elsewhere may lead to it."""
    allowed = exchange.sandboxes.settings.allow_hosts
    host = host_of(exchange.environ.get("HTTP_HOST", ""))
    known = host is not None and (
        is_loopback(host) or is_address(host) or "." not in host or host in {name.lower() for name in allowed}
    )
    if not known:
        raise ControlRefused(f"The control API is not served for the host {host!r}; --allow-host would add it.")


def check(exchange: Exchange) -> None:
    """Let a call pass, or raise `ControlRefused`, `ControlTokenMissing` or `MalformedBody`."""
    check_page(exchange)
    _check_origin(exchange.environ)
    token = exchange.sandboxes.settings.control_token
    if token is not None:
        _check_token(exchange.environ, token)
    if exchange.method not in ("GET", "HEAD") and media_type(exchange)[0] != JSON_TYPE:
        raise MalformedBody("Calls that change something need Content-Type: application/json.")


def _check_origin(environ: Environ) -> None:
    origin = environ.get("HTTP_ORIGIN")
    host = environ["HTTP_HOST"].lower()
    foreign = origin is not None and origin.lower() not in (f"http://{host}", f"https://{host}")
    if foreign or environ.get("HTTP_SEC_FETCH_SITE", "").lower() == "cross-site":
        raise ControlRefused("Pages of another origin cannot use the control API.")


def _check_token(environ: Environ, token: str) -> None:
    scheme, _, given = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(given.encode(), token.encode()):
        raise ControlTokenMissing("The control API needs Authorization: Bearer with the token of --control-token.")
