"""Every failure leaves in the one error shape: ours, Werkzeug's, and those nobody foresaw."""

from __future__ import annotations

import traceback
from collections.abc import Callable

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import (
    HTTPException,
    InternalServerError,
    MethodNotAllowed,
    NotFound,
    RequestEntityTooLarge,
)

from mockflow.errors import BodyTooLarge, InvalidInput, MockflowError, NoSuchRoute, StorageFailed
from mockflow.http.answers import error_answer
from mockflow.http.exchange import current


def register_failures(app: Flask, report: Callable[[str], None] | None) -> None:
    """Answer all failures of an app. `report` is told the text of those that are our fault."""

    def tell(text: str) -> None:
        if report is not None:
            report(text)

    def unforeseen(error: BaseException) -> Response:
        tell("".join(traceback.format_exception(error)))
        current().failure = f"mockflow failed: {type(error).__name__}: {error}"[:500]
        return error_answer(MockflowError("mockflow failed on this request; its log says where."))

    def foreseen(error: MockflowError) -> Response:
        if isinstance(error, StorageFailed):
            tell(error.message)
        return error_answer(error)

    def werkzeugs(error: HTTPException) -> Response:
        if isinstance(error, InternalServerError):
            return unforeseen(error.original_exception or error)
        return error_answer(_translated(error))

    app.register_error_handler(MockflowError, foreseen)
    app.register_error_handler(HTTPException, werkzeugs)
    app.register_error_handler(Exception, unforeseen)


def _translated(error: HTTPException) -> MockflowError:
    if isinstance(error, MethodNotAllowed):
        allowed = tuple(sorted(set(error.valid_methods or ()) - {"HEAD", "OPTIONS"}))
        known = f"{request.path} knows {', '.join(allowed)}"
        return NoSuchRoute(f"There is no {request.method} {request.path}; {known}.", allowed)
    if isinstance(error, NotFound):
        return NoSuchRoute(f"There is no {request.method} {request.path}.{_suggestion()}")
    if isinstance(error, RequestEntityTooLarge):
        return BodyTooLarge("The body is too large.")
    return InvalidInput(error.description or error.name)


def _suggestion() -> str:
    from difflib import get_close_matches  # late: only for a path that is wrong

    paths = [rule.rule for rule in current_app.url_map.iter_rules()]
    close = get_close_matches(request.path[:200], paths, n=1, cutoff=0.75)
    return f" Did you mean {close[0]}?" if close else ""
