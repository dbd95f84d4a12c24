"""Every failure leaves in the one error shape: ours, Werkzeug's, and those nobody foresaw."""

from __future__ import annotations

import traceback
from collections.abc import Callable

from flask import Flask, Response
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound, RequestEntityTooLarge

from mockflow.errors import BodyTooLarge, InvalidInput, MockflowError, NoSuchRoute, StorageFailed
from mockflow.http.answers import error_answer
from mockflow.http.exchange import Exchange


class Failures:
    """Makes the answers of requests that failed. `report` is told the text of what is our fault."""

    def __init__(self, app: Flask, report: Callable[[str], None] | None) -> None:
        self._app = app
        self._report = report or (lambda _: None)

    def answer(self, exchange: Exchange, error: Exception) -> Response:
        """The answer for what was raised on a request's way."""
        if isinstance(error, HTTPException):
            error = self._translated(exchange, error)
        if not isinstance(error, MockflowError):
            return self._unforeseen(exchange, error)
        if isinstance(error, StorageFailed):
            self._report(error.message)
        return error_answer(error)

    def _unforeseen(self, exchange: Exchange, error: Exception) -> Response:
        self._report("".join(traceback.format_exception(error)))
        exchange.failure = f"mockflow failed: {type(error).__name__}: {error}"[:500]
        return error_answer(MockflowError("mockflow failed on this request; its log says where."))

    def _translated(self, exchange: Exchange, error: HTTPException) -> MockflowError:
        asked = f"{exchange.method} {exchange.path}"
        if isinstance(error, MethodNotAllowed):
            allowed = tuple(sorted(set(error.valid_methods or ()) - {"HEAD", "OPTIONS"}))
            return NoSuchRoute(f"There is no {asked}; {exchange.path} knows {', '.join(allowed)}.", allowed)
        if isinstance(error, NotFound):
            return NoSuchRoute(f"There is no {asked}.{self._suggestion(exchange.path)}")
        if isinstance(error, RequestEntityTooLarge):
            return BodyTooLarge("The body is too large.")
        return InvalidInput(error.description or error.name)

    def _suggestion(self, path: str) -> str:
        from difflib import get_close_matches  # late: only for a path that is wrong

        paths = [rule.rule for rule in self._app.url_map.iter_rules()]
        close = get_close_matches(path[:200], paths, n=1, cutoff=0.75)
        return f" Did you mean {close[0]}?" if close else ""
