"""A request as it came from a connection, and the reply that goes back: what serving and HTTP hand each other."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import quote

from mockflow.faults.effects import Outcome
from mockflow.http.later import Later
from mockflow.journal.escapes import unescaped
from mockflow.sandbox import Sandbox

Environ = dict[str, Any]
SentHeaders = tuple[tuple[str, str], ...]
"""A request's headers as WSGI names them (`HTTP_COOKIE`), each once."""
Headers = list[tuple[str, str]]
"""An answer's headers."""

_ASCII = "".join(map(chr, range(128)))
_ESCAPED_SLASH = re.compile("%2f", re.IGNORECASE)


@dataclass(slots=True)
class Arrival:
    """A request that was read and not looked at."""

    method: str
    target: str
    """Its path as it was sent, percent-encoded, without the query; each byte as one character."""
    query: str = ""
    headers: SentHeaders = ()
    body: bytes = b""
    size: int = 0
    """Bytes that the body has, or would have had: more than `body` where that was too large to be kept."""
    scheme: str = "http"
    server: tuple[str, int] = ("localhost", 80)
    """Where it was received."""
    remote: str = ""
    """The address of the client."""
    version: str = "1.1"
    base: str = ""
    """What a proxy in front takes off the beginning of the path."""

    @property
    def is_whole(self) -> bool:
        """Whether all of the body is here."""
        return len(self.body) == self.size

    def path(self) -> str:
        """The decoded path. An escaped slash stays escaped, since it separates nothing (contract, section 1)."""
        target = self.target
        if "%" not in target:
            return target
        return unescaped(_ESCAPED_SLASH.sub(lambda found: f"%25{found[0][1:]}", target))

    def environ(self, prefix: str, path: str) -> Environ:
        """What Flask makes its request of, without the body; `prefix` is the sandbox's part of the path."""
        host, port = self.server
        environ: Environ = {
            "REQUEST_METHOD": self.method,
            "SCRIPT_NAME": _as_wsgi(self.base + prefix),
            "PATH_INFO": _as_wsgi(path),
            "QUERY_STRING": self.query,
            "SERVER_NAME": host,
            "SERVER_PORT": str(port),
            "SERVER_PROTOCOL": f"HTTP/{self.version}",
            "REMOTE_ADDR": self.remote,
            "wsgi.url_scheme": self.scheme,
        }
        environ.update(self.headers)
        return environ


class Reply(NamedTuple):
    """An answer, and what becomes of it on its way."""

    status: int
    headers: Headers
    body: bytes
    outcome: Outcome | None = None
    """How a fault has it sent: late, slowly, broken or not at all."""
    ended: Callable[[str | None], None] | None = None
    """Is to be told when an answer with an outcome was sent, or why it was not."""
    events_of: Sandbox | None = None
    """The sandbox whose events follow behind the body, for as long as the client listens."""
    pieces: Iterator[bytes] | None = None
    """What follows behind the body, made as it is sent. The headers have the length of it all, if it is known."""


class Unfinished(NamedTuple):
    """What comes in place of a reply where work has to be done first."""

    later: Later
    finish: Callable[[Callable[[], Any]], Reply | Unfinished]
    """Gives the reply, or what has to be done next; it calls a function that gives what the work gave, or raises
    what it raised."""


def _as_wsgi(text: str) -> str:
    """Its bytes, each as one character."""
    return text if text.isascii() else text.encode(errors="replace").decode("latin-1")


def as_text(wsgi: str) -> str:
    """Text from what WSGI has of it: its bytes, each as one character."""
    return wsgi if wsgi.isascii() else wsgi.encode("latin-1", "replace").decode(errors="replace")


def from_wsgi(environ: Environ) -> Arrival:
    """The request that a WSGI server, or Flask's test client, has read."""
    sent_length = environ.get("CONTENT_LENGTH") or "0"
    length = int(sent_length) if sent_length.isdecimal() else 0
    body = environ["wsgi.input"].read(length) if length else b""
    raw = environ.get("REQUEST_URI") or quote(environ["PATH_INFO"].encode("latin-1"))
    path = quote(re.sub(r"^https?://[^/?]*", "", raw).partition("?")[0], _ASCII, "latin-1", "replace")
    return Arrival(
        method=environ["REQUEST_METHOD"],
        target=path or "/",
        query=environ.get("QUERY_STRING", ""),
        headers=tuple(_sent(environ)),
        body=body,
        size=max(length, len(body)),
        scheme=environ["wsgi.url_scheme"],
        server=(environ["SERVER_NAME"], int(environ["SERVER_PORT"])),
        remote=environ.get("REMOTE_ADDR", ""),
        version=environ.get("SERVER_PROTOCOL", "HTTP/1.1").removeprefix("HTTP/"),
    )


def _sent(environ: Environ) -> Iterable[tuple[str, str]]:
    for name, value in environ.items():
        if name.startswith("HTTP_") or name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            yield name, value
