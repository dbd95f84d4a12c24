"""Sockets to listen on, and the address to tell of them."""

from __future__ import annotations

import errno
import socket

from mockflow.errors import AddressUnusable, PortInUse

_FREE_PORT_TRIES = 20
_BACKLOG = 2048


def listen(host: str, port: int) -> list[socket.socket]:
    """Sockets bound to an address; port 0 takes a free one.

    The default address is for `localhost`, which some clients look up as `::1`: so that is bound as well, on
    the same port, where this machine has it. Raises `PortInUse` and `AddressUnusable`.
    """
    if host != "127.0.0.1":
        return [_bound(host, port)]
    for _ in range(_FREE_PORT_TRIES):
        first = _bound(host, port)
        chosen = first.getsockname()[1]
        try:
            return [first, _bound("::1", chosen)]
        except PortInUse:
            first.close()
            if port:
                raise
        except AddressUnusable:
            return [first]
    raise PortInUse("No port is free on both 127.0.0.1 and ::1.")


def _bound(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, kind, protocol)
    except OSError as error:
        raise AddressUnusable(f"Cannot listen on {host}: {error.strerror or error}.") from None
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind(address)
        bound.listen(_BACKLOG)  # here, where a port in use can still be told; clients wait until it serves
    except OSError as error:
        bound.close()
        if error.errno == errno.EADDRINUSE:
            raise PortInUse(
                f"Port {port} on {host} is in use. Choose another with --port; 0 takes a free one."
            ) from None
        raise AddressUnusable(f"Cannot listen on {host}: {error.strerror or error}.") from None
    return bound


def url_of(sockets: list[socket.socket], scheme: str = "http") -> str:
    """The address to give to clients. `localhost` and `127.0.0.1` are different sites to a browser's cookies."""
    host, port = sockets[0].getsockname()[:2]
    if host in ("127.0.0.1", "::1", "0.0.0.0", "::"):  # noqa: S104 - compared with, not bound to
        host = "localhost"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
