"""Whose page a browser is asking for: loopback names, allowed hosts, allowed origins."""

from __future__ import annotations

import re
from ipaddress import ip_address

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*")
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
    host = host_of(origin.partition("://")[2])
    return is_origin(origin) and host is not None and is_loopback(host)


def is_origin(text: str) -> bool:
    """Whether a text is an origin as a browser sends it: a scheme of any kind, a host, perhaps a port."""
    scheme, _, netloc = text.partition("://")
    return bool(_SCHEME.fullmatch(scheme)) and host_of(netloc) is not None
