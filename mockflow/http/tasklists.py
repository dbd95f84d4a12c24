"""Answers with lists of tasks in them. Those that are long are put together while they are sent."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import orjson
from flask import Response

from mockflow.domain import rendering
from mockflow.domain.rendering import Listed
from mockflow.http.answers import JSON_TYPE, answer_with
from mockflow.http.later import Later

PIECE = 256 * 1024
"""Bytes that are put together at once."""

FEW = 100
"""Tasks, which are joined in less time than it takes to find out how long they are."""

_HOLE = b"\0"
"""Where a list comes in a text of JSON, in which this is nowhere: strings have it escaped."""


def answer_with_tasks(status: int, body: Any) -> Response | Later:
    """A JSON answer with lists of tasks in it, as they are now; where those are many, rendered in steps."""
    lists: list[Listed] = []

    def left_out(listed: Listed) -> orjson.Fragment:
        lists.append(listed)
        return orjson.Fragment(_HOLE)

    *openings, rest = orjson.dumps(body, default=left_out).split(_HOLE)
    if sum(map(len, lists)) > rendering.MANY:
        made = partial(_answer, status, openings, rest)
        return Later(made, steps=rendering.in_steps(lists))
    return _answer(status, openings, rest, [listed.texts() for listed in lists])


def _answer(status: int, openings: list[bytes], rest: bytes, lists: list[list[bytes]]) -> Response:
    """One with lists of texts. A long one shares them with all others, so that who does not read costs little."""
    parts = [*zip(openings, lists, strict=True)]
    if sum(map(len, lists)) <= FEW:
        whole = b"".join([b"%b[%b]" % (opening, b",".join(texts)) for opening, texts in parts]) + rest
        if len(whole) <= PIECE:
            return answer_with(status, whole)
    content = Content(parts, rest)
    if content.size <= PIECE:
        return answer_with(status, b"".join(content))
    response = Response(content, status, content_type=JSON_TYPE)
    response.headers["Content-Length"] = str(content.size)  # in its usual place
    return response


class Content:
    """A body, in pieces: lists of texts, each with what is before it, and what is behind them all."""

    def __init__(self, parts: list[tuple[bytes, list[bytes]]], rest: bytes) -> None:
        self._lists = parts
        self._rest = rest
        self.size = len(rest) + sum(
            [len(opening) + sum(map(len, texts)) + max(len(texts), 1) + 1 for opening, texts in parts]
        )
        """Bytes."""

    def __iter__(self) -> Iterator[bytes]:
        gathered: list[bytes] = []
        size = 0
        for part in self._parts():
            gathered.append(part)
            size += len(part)
            if size > PIECE:
                yield b"".join(gathered)
                gathered, size = [], 0
        yield b"".join(gathered)

    def _parts(self) -> Iterator[bytes]:
        for opening, texts in self._lists:
            yield opening
            between = b"["
            for text in texts:
                yield between
                yield text
                between = b","
            yield b"]" if texts else b"[]"
        yield self._rest
