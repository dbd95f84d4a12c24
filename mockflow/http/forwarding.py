"""Behind a proxy: what it says of the request that it was sent (`--proxy`)."""

from __future__ import annotations

import re
from dataclasses import replace
from ipaddress import ip_address

from mockflow.http.arrival import Arrival

_PROTO, _HOST = "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST"
_FOR, _PREFIX = "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PREFIX"
_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)+")


def forwarded(arrival: Arrival) -> Arrival:
    """The request as the proxy's client sent it: its scheme, host, address and the path that the proxy takes off.

    Only what the nearest proxy says counts, which is the last value of each header, and only where that is on this
    machine or in a private network. Values that make no sense are passed over.
    """
    if not _is_near(arrival.remote):
        return arrival
    sent = dict(arrival.headers)
    scheme, host = _last(sent, _PROTO).lower(), _last(sent, _HOST)
    client, prefix = _last(sent, _FOR), _last(sent, _PREFIX).rstrip("/")
    if host:
        sent["HTTP_HOST"] = host
    return replace(
        arrival,
        headers=tuple(sent.items()),
        scheme=scheme if scheme in ("http", "https") else arrival.scheme,
        remote=client or arrival.remote,
        base=prefix if _PATH.fullmatch(prefix) else "",
    )


def _last(sent: dict[str, str], name: str) -> str:
    return sent.get(name, "").rpartition(",")[2].strip()


def _is_near(address: str) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return found.is_loopback or found.is_private
