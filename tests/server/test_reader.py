"""From bytes to requests: however they are cut, and whatever clients offer, the same requests come out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockflow.errors import HeadTooLarge, RequestRefused
from mockflow.http.arrival import Arrival
from mockflow.serving.reader import HEAD_LIMIT, PLAIN_LIMIT, Reader

OFFER = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQ\r\n"
LOOKS_LIKE_A_REQUEST = b"GET /inside HTTP/1.1\r\nHost: evil\r\n\r\n"


@dataclass(frozen=True)
class Seen:
    method: str
    target: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


def reader(room: int = 0) -> Reader:
    return Reader(Arrival("-", "-"), lambda _: room)


def read(pieces: Sequence[bytes], one: Reader | None = None) -> list[Seen]:
    one = one or reader()
    seen = []
    for piece in pieces:
        one.receive(piece)
        while (request := one.read()) is not None:
            seen.append(Seen(request.method, request.target, request.body, request.headers))
    return seen


def cut(content: bytes, places: Sequence[int]) -> list[bytes]:
    ends = [0, *sorted({place % (len(content) + 1) for place in places}), len(content)]
    return [content[start:end] for start, end in pairwise(ends)]


def sent_counted(body: bytes, more: bytes = b"") -> bytes:
    return b"POST /a HTTP/1.1\r\nHost: x\r\n%bContent-Length: %d\r\n\r\n%b" % (more, len(body), body)


def sent_in_chunks(body: bytes, more: bytes = b"") -> bytes:
    chunks = b"".join(b"%x;e=1\r\n%b\r\n" % (len(part), part) for part in (body[:3], body[3:]) if part)
    return b"POST /a HTTP/1.1\r\nHost: x\r\n%bTransfer-Encoding: chunked\r\n\r\n%b0\r\nT: v\r\n\r\n" % (
        more,
        chunks,
    )


BODIES = st.one_of(st.binary(max_size=40), st.sampled_from([b"", b"\r\n\r\n", LOOKS_LIKE_A_REQUEST, b"0\r\n\r\n"]))
ONE = st.one_of(
    st.just((b"GET /b?q=1 HTTP/1.1\r\nHost: x\r\n\r\n", "GET", b"")),
    st.just((b"GET /b HTTP/1.1\r\nHost: x\r\n" + OFFER + b"\r\n", "GET", b"")),
    st.builds(
        lambda body, wrap, offer: (wrap(body, offer), "POST", body),
        BODIES,
        st.sampled_from([sent_counted, sent_in_chunks]),
        st.sampled_from([b"", OFFER]),
    ),
)


@given(st.lists(ONE, min_size=1, max_size=4), st.lists(st.integers(0, 2000), max_size=12))
def test_the_same_requests_come_out_wherever_the_bytes_are_cut(
    requests: list[tuple[bytes, str, bytes]], places: list[int]
) -> None:
    content = b"".join(sent for sent, _, _ in requests)
    seen = read(cut(content, places))
    assert [(one.method, one.body) for one in seen] == [(method, body) for _, method, body in requests]


@pytest.mark.parametrize("wrap", [sent_counted, sent_in_chunks])
@pytest.mark.parametrize("offer", [b"h2c", b"websocket", b"TLS/1.2"])
def test_an_offer_to_upgrade_is_ignored_at_each_cut(wrap: object, offer: bytes) -> None:
    assert callable(wrap)
    one = wrap(LOOKS_LIKE_A_REQUEST, b"Connection: upgrade\r\nUpgrade: %b\r\n" % offer)
    for place in range(len(one)):
        seen = read([one + one[:place], one[place:]])
        assert [(request.target, request.body) for request in seen] == [("/a", LOOKS_LIKE_A_REQUEST)] * 2


def test_nothing_is_looked_at_before_its_turn() -> None:
    one = reader()
    one.receive(b"GET /a HTTP/1.1\r\n\r\nnonsense\r\n\r\n")
    first = one.read()
    assert first is not None
    assert first.target == "/a"
    with pytest.raises(RequestRefused):
        one.read()


@pytest.mark.parametrize(
    ("sent", "target"),
    [
        (b"GET http://localhost:80/a/b?c=d#e HTTP/1.1", "/a/b"),
        (b"GET /a//b%2Fc HTTP/1.1", "/a//b%2Fc"),
        (b"GET //a HTTP/1.1", "//a"),
        (b"OPTIONS * HTTP/1.1", "*"),
        (b"GET /a#b?c HTTP/1.1", "/a"),
    ],
)
def test_the_target_is_what_was_sent(sent: bytes, target: str) -> None:
    assert [one.target for one in read([sent + b"\r\nHost: x\r\n\r\n"])] == [target]


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\nHost: x\n\n",
        b"GET /\r\n\r\n",
        b"GET / HTTP/2.0\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET / HTTP/1.1\r\nA : b\r\n\r\n",
        b"GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n",
        b"GET / HTTP/1.1\r\nA: b\0c\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: identity\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: +1\r\n\r\na",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na",
        b"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\na",
    ],
)
def test_what_may_mean_two_things_is_refused(sent: bytes) -> None:
    with pytest.raises(RequestRefused):
        read([sent])


@pytest.mark.parametrize("piece", [1, 100, 70_000])
def test_a_head_has_a_limit_however_it_comes(piece: int) -> None:
    head = b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 20_000
    one = reader()
    with pytest.raises(HeadTooLarge):
        read([head[start : start + piece] for start in range(0, len(head), piece)], one)
    assert one.unread < HEAD_LIMIT + piece


def test_what_is_around_the_chunks_has_a_limit() -> None:
    head = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    for wrapping in (b"1;" + b"x" * 70_000 + b"\r\na\r\n", b"0\r\nT: " + b"x" * 70_000):
        with pytest.raises(RequestRefused):
            read([head, wrapping, wrapping])
    single = b"".join(b"1\r\n%c\r\n" % letter for letter in b"x" * PLAIN_LIMIT) + b"0\r\n\r\n"
    assert [len(one.body) for one in read([head, single])] == [PLAIN_LIMIT]  # tiny chunks are unusual, not wrong


@pytest.mark.parametrize("room", [0, 200 * 1024])
@pytest.mark.parametrize("wrap", [sent_counted, sent_in_chunks])
def test_a_body_that_is_too_large_is_not_kept_and_the_next_request_is_read(room: int, wrap: object) -> None:
    assert callable(wrap)
    limit = room or PLAIN_LIMIT
    for size in (limit, limit + 1):
        one = reader(room)
        content = wrap(b"x" * size) + b"GET /next HTTP/1.1\r\n\r\n"
        seen = read([content[start : start + 1000] for start in range(0, len(content), 1000)], one)
        assert [(request.target, len(request.body)) for request in seen] == [
            ("/a", size if size == limit else 0),
            ("/next", 0),
        ]


def test_what_is_known_to_be_too_large_is_given_out_before_it_comes() -> None:
    one = reader()
    one.receive(b"POST /a HTTP/1.1\r\nContent-Length: 9000000\r\n\r\n")
    request = one.read()
    assert request is not None
    assert (request.size, request.body, one.is_draining) == (9_000_000, b"", True)
    for _ in range(90):
        one.receive(b"x" * 100_000)
        assert one.read() is None
    assert (one.is_draining, one.is_between, one.unread) == (False, True, 0)
