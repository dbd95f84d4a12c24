"""From the bytes of a connection to requests, one after the other. What is read ahead stays unread here.

`httptools` parses, and is given no byte behind the end of a request: a head, and a chunked body, end with an empty
line, and the length of any other body is known. So nothing is looked at before its turn.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import cast

import httptools

from mockflow.clock import Stopwatch
from mockflow.errors import HeadTooLarge, RequestRefused
from mockflow.http.arrival import Arrival, SentHeaders

HEAD_LIMIT = 64 * 1024
"""Bytes of a request's line and headers, and of what is around the chunks of a body."""

PLAIN_LIMIT = 100 * 1024
"""Bytes that any body may have; whether a larger one is wanted is asked."""

LARGE_BODY = 1024 * 1024
"""Bytes; a larger body grows as it comes: to put its parts together at its end would hold everybody up."""

_END = b"\r\n\r\n"
_USUAL_COUNT = 64
_USUAL_BYTES = 4096
"""More or larger headers are not worth remembering."""
_CHUNK_COST = 8
"""Bytes around each byte of a body that may be wrapped in a chunk of its own."""
_AUTHORITY = r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*"

ByteHeaders = tuple[tuple[bytes, bytes], ...]


class Reader:
    """Reads the requests of one connection.

    `origin` is a request with what is the same for all of them: scheme and addresses. `room` is asked how many
    bytes the body of a request may have that has more than 100 KiB.
    """

    def __init__(self, origin: Arrival, room: Callable[[Arrival], int]) -> None:
        self.origin = origin
        self._room = room
        self._unread = b""
        self._parser = httptools.HttpRequestParser(self)
        self.keeps_alive = True
        """Whether the client wants to go on after this request."""
        self.wants_continue = False
        """Whether the client waits for `100 Continue` before it sends the body; who answers that sets it back."""
        self._begin()

    def _begin(self) -> None:
        self._target: list[bytes] = []
        self._headers: list[tuple[bytes, bytes]] = []
        self._head_bytes = 0
        self._in_head = True
        self._replayed = False
        self._tail = b""
        self._left: int | None = 0
        self._around = 0
        self._parts: list[bytes] = []
        self._large = bytearray()
        self._length = 0
        self._limit = PLAIN_LIMIT
        self._complete = False
        self._given = False
        self.request: Arrival | None = None
        """The request whose body is being read."""
        self.stopwatch = Stopwatch()
        """Runs since its head was complete, where a body is to come."""
        self.timed_at: float | None = None
        """From when on the time for its head, or then for its body, counts; set by whoever counts it."""

    # -- what there is

    @property
    def unread(self) -> int:
        """How many bytes were received and not looked at."""
        return len(self._unread)

    @property
    def is_between(self) -> bool:
        """Whether nothing of a next request was read."""
        return self._in_head and not self._head_bytes

    @property
    def is_draining(self) -> bool:
        """Whether a request was given out whose body, which is too large, still comes."""
        return self._given

    def receive(self, data: bytes) -> None:
        """Take bytes from the connection."""
        self._unread = self._unread + data if self._unread else data

    def read(self) -> Arrival | None:
        """The next request, once there is one. Raises `RequestRefused`; after that nothing more can be read.

        Where the body is larger than there is room for, the request is given out without it as soon as that is
        known, and what still comes of the body is dropped.
        """
        while self._unread:
            self._feed(self._piece())
            if self._complete:
                if self._given:
                    self._begin()
                    continue
                return self._finish()
            if self.request is not None and not self._given and self.request.size > self._limit:
                self._given = True
                self._parts.clear()
                self._large.clear()
                return self.request
        return None

    def close(self) -> None:
        """Read no more. The parser, which refers to this, is let go of: nobody looks for such circles."""
        del self._parser

    # -- a piece at a time

    def _piece(self) -> bytes:
        """What can be parsed without going over the end of the request."""
        unread = self._unread
        is_counted = not self._in_head and self._left is not None
        end = (self._left or 0) if is_counted else self._empty_line_end(unread)
        if end >= len(unread):
            self._unread = b""
            return unread
        self._unread = unread[end:]
        return unread[:end]

    def _empty_line_end(self, unread: bytes) -> int:
        for over in range(1, len(self._tail) + 1):  # it may have begun in the piece before
            if self._tail[-(4 - over) :] + unread[:over] == _END:
                return over
        found = unread.find(_END)
        return len(unread) if found < 0 else found + len(_END)

    def _feed(self, piece: bytes) -> None:
        if self._in_head:
            self._head_bytes += len(piece)
            if self._head_bytes > HEAD_LIMIT:
                raise HeadTooLarge(f"The headers are larger than {HEAD_LIMIT} bytes.")
        elif self._left is None:
            self._around += len(piece)
        else:
            self._left -= len(piece)
        self._tail = piece[-3:] if len(piece) >= 3 else (self._tail + piece)[-3:]
        try:
            self._parser.feed_data(piece)
        except httptools.HttpParserUpgrade:
            self._ignore_upgrade()
        except httptools.HttpParserError as error:
            cause = error.__context__
            if isinstance(cause, RequestRefused):
                raise cause from None
            raise RequestRefused("Invalid HTTP request received.") from None
        if self._left is None and self._around > HEAD_LIMIT + _CHUNK_COST * self._length:
            raise RequestRefused("There is too much around the chunks of the body.")

    def _ignore_upgrade(self) -> None:
        """Read the body, of which the parser wants nothing once a client has offered to go on in another protocol.

        A new parser is given a head that says no more than how long the body is.
        """
        self._parser = httptools.HttpRequestParser(self)
        if self._left == 0:
            self._complete = True
            return
        self._replayed = True
        length = b"Transfer-Encoding: chunked" if self._left is None else b"Content-Length: %d" % self._left
        self._parser.feed_data(b"POST / HTTP/1.1\r\n%b\r\n\r\n" % length)

    def _finish(self) -> Arrival:
        request = self.request
        assert request is not None  # noqa: S101 - its head came before its end
        request.size = self._length
        request.body = self._body() if self._length <= self._limit else b""
        self._begin()
        return request

    def _body(self) -> bytes:
        if self._large:
            return cast(bytes, self._large)  # to copy it would take its time, and nobody changes it
        return b"".join(self._parts)

    # -- called by the parser

    def on_url(self, url: bytes) -> None:
        """A part of the request's target."""
        if not self._replayed:
            self._target.append(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header; what comes behind a chunked body is none of the request."""
        if self._in_head and not self._replayed:
            self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        """The head is there: what follows is the body."""
        if self._replayed:
            return
        parser = self._parser
        version = parser.get_http_version()
        if version not in ("1.1", "1.0"):
            raise RequestRefused("Expected HTTP/1.1.")
        self._in_head, self.timed_at = False, None
        self._left = self._body_length()
        method = parser.get_method().decode()
        self.keeps_alive = parser.should_keep_alive() and method != "CONNECT"
        origin = self.origin
        target, _, query = self._split_target()
        self.request = request = Arrival(
            method,
            target,
            query,
            _sent(tuple(self._headers)),
            scheme=origin.scheme,
            server=origin.server,
            remote=origin.remote,
            version=version,
        )
        if self._left != 0:
            self.stopwatch = Stopwatch()
            if self._left is not None:
                self._expect(request, self._left)

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        self._length += len(body)
        if self._given or self.request is None:
            return
        if self._left is None:
            self._expect(self.request, self._length)
        if self._length > self._limit:
            return
        if self._length > LARGE_BODY:
            self._large += b"".join(self._parts)
            self._parts.clear()
            self._large += body
        else:
            self._parts.append(body)

    def on_message_complete(self) -> None:
        """The request is complete, unless its body is still to be read behind an offer to upgrade."""
        if not self._parser.should_upgrade():
            self._complete = True

    # -- of the head

    def _body_length(self) -> int | None:
        """How many bytes the body has; None for one in chunks."""
        length: int | None = 0
        self.wants_continue = False
        for name, value in self._headers:
            size = len(name)
            if size == 14 and name.lower() == b"content-length":
                length = int(value)
            elif size == 17 and name.lower() == b"transfer-encoding":
                if value.strip().lower() != b"chunked":
                    raise RequestRefused("Of transfer encodings, only chunked is understood.")
                length = None
            elif size == 6 and name.lower() == b"expect":
                self.wants_continue = value.lower() == b"100-continue"
        self.wants_continue = self.wants_continue and length != 0
        return length

    def _expect(self, request: Arrival, size: int) -> None:
        """Know that a body has at least so many bytes."""
        request.size = size
        if size > self._limit == PLAIN_LIMIT:
            self._limit = max(PLAIN_LIMIT, self._room(request))

    def _split_target(self) -> tuple[str, str, str]:
        whole = b"".join(self._target).decode("latin-1")
        if not whole.startswith("/"):
            whole = re.sub(_AUTHORITY, "", whole, count=1)
        return whole.partition("#")[0].partition("?")


def _sent(headers: ByteHeaders) -> SentHeaders:
    """Headers as WSGI names them. What is remembered must not grow with what a client thinks of."""
    usual = (
        len(headers) <= _USUAL_COUNT and sum([len(name) + len(value) for name, value in headers]) <= _USUAL_BYTES
    )
    return _as_wsgi(headers) if usual else _as_wsgi.__wrapped__(headers)


@lru_cache(128)
def _as_wsgi(headers: ByteHeaders) -> SentHeaders:
    """A client sends much the same with each request, so the last ones are remembered."""
    found: dict[str, str] = {}
    for name, value in headers:
        if b"_" in name:
            continue  # it could pose as another
        key = _wsgi_name(name)
        text = value.decode("latin-1")
        found[key] = f"{found[key]}{'; ' if key == 'HTTP_COOKIE' else ','}{text}" if key in found else text
    return tuple(found.items())


def _wsgi_name(name: bytes) -> str:
    key = name.decode("latin-1").upper().replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
