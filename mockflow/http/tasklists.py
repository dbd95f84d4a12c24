"""Answers with lists of tasks in them. Those that are long are put together while they are sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
from flask import Response

from mockflow.domain.rendering import Listed
from mockflow.http.answers import JSON_TYPE, answer_with

PIECE = 256 * 1024
"""Bytes that are put together at once."""

FEW = 100
"""Tasks, which are joined in less time than it takes to find out how long they are."""

_HOLE = b"\0"
"""Where a list comes in a text of JSON, in which this is nowhere: strings have it escaped."""


def answer_with_tasks(status: int, body: Any) -> Response:
    """A JSON answer. A long one shares its tasks with all others, so that clients who do not read cost little."""
    lists: list[list[bytes]] = []

    def left_out(listed: Listed) -> orjson.Fragment:
        lists.append(listed.texts)
        return orjson.Fragment(_HOLE)

    *openings, rest = orjson.dumps(body, default=left_out).split(_HOLE)
    parts = [*zip(openings, lists, strict=True)]
    if sum(map(len, lists)) <= FEW:
        whole = b"".join([b"%b[%b]" % (opening, b",".join(texts)) for opening, texts in parts]) + rest
        if len(whole) <= PIECE:
            return answer_with(status, whole)
    content = Content(parts, rest)
    if content.size <= PIECE:
        return answer_with(status, b"".join(content))
    return Response(content, status, {"Content-Length": str(content.size)}, content_type=JSON_TYPE)


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
