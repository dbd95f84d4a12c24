"""Whose page a browser is asking for: loopback names, allowed hosts, allowed origins."""

from __future__ import annotations

import re
from ipaddress import ip_address

_NETLOC = re.compile(r"(\[[0-9a-fA-F:.]+\]|[0-9A-Za-z._-]+)(?::\d{1,5})?")


def host_of(netloc: str) -> str | None:
    """The host of `host:port`, in lower case and without brackets; None where it is not one."""
    found = _NETLOC.fullmatch(netloc)
    return found[1].strip("[]").rstrip(".").lower() or None if found else None


def is_address(host: str) -> bool:
    """Whether a host is an IP literal."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Whether a host is this machine: `localhost`, a name under it, or a loopback address."""
    if is_address(host):
        return ip_address(host).is_loopback
    return host == "localhost" or host.endswith(".localhost")


def is_loopback_origin(origin: str) -> bool:
    """Whether an `Origin` is a page served from this machine, on any port."""
    scheme, _, netloc = origin.partition("://")
    host = host_of(netloc)
    return scheme in ("http", "https") and host is not None and is_loopback(host)
