"""A request's way, top to bottom."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, cast

from flask import Response
from werkzeug.exceptions import HTTPException
from werkzeug.http import HTTP_STATUS_CODES, http_date

from mockflow.clock import Stopwatch
from mockflow.errors import ControlRefused, MockflowError
from mockflow.http import arrival, faulting, journaling, lines, pages, rooms, scripts
from mockflow.http.answers import error_answer
from mockflow.http.arrival import Arrival, Headers, Reply, Unfinished
from mockflow.http.control import guard
from mockflow.http.cors import Cors
from mockflow.http.exchange import Exchange
from mockflow.http.failures import Failures
from mockflow.http.flasks import PlainFlask
from mockflow.http.forwarding import forwarded
from mockflow.http.later import Later
from mockflow.operations import BY_NAME
from mockflow.sandbox import Sandbox
from mockflow.sandboxes import Sandboxes

_UNCACHED = ("Cache-Control", "no-store, private")

http_date_of = lru_cache(8)(http_date)
"""What `Date` says of a whole second, which is given in seconds since 1970."""


class Service:
    """Answers requests for the sandboxes of one server, with the routes and views of a Flask app.

    `log` gets one line a request, `report` the text of failures that are ours; None keeps none.
    """

    def __init__(
        self,
        app: PlainFlask,
        sandboxes: Sandboxes,
        log: Callable[[str], None] | None,
        report: Callable[[str], None] | None,
    ) -> None:
        self._app = app
        self.sandboxes = sandboxes
        self._cors = Cors(sandboxes.settings.cors_origins)
        self._failures = Failures(app, report)
        self._log = log
        self._as_line = lines.AS_JSON if sandboxes.settings.log_format == "json" else lines.AS_TEXT

    def respond(self, request: Arrival) -> Reply | Unfinished:
        """Answer one request, or say what has to be done first. Never raises."""
        exchange = self._exchange(request)
        return self._replied(exchange, lambda: self._answer(exchange))

    def respond_at_once(self, request: Arrival) -> Reply:
        """Answer one request where nobody sees to what becomes of the answer on its way.

        A fault that breaks it shows as an answer, and all work is done before it.
        """
        exchange = self._exchange(request, delivers=False)
        found = self._replied(exchange, lambda: self._answer(exchange))
        while isinstance(found, Unfinished):
            found = found.finish(found.later.result)
        return found

    def room(self, request: Arrival) -> int:
        """How many bytes the body of a request may have that is larger than most; the body has not come yet."""
        return rooms.room(self._exchange(request))

    def refuse(self, error: MockflowError, request: Arrival, stopwatch: Stopwatch) -> Reply:
        """The answer to what is no request, or was never complete: `request` has what is known of it."""
        exchange = self._incomplete(request, stopwatch)
        exchange.failure = error.message
        return self._reply(exchange, error_answer(error))

    def broke_off(self, request: Arrival, stopwatch: Stopwatch, error: str) -> None:
        """Put a request into the journal that was never complete and got no answer: how long it took, and why."""
        exchange = self._incomplete(request, stopwatch)
        if not exchange.is_control:
            exchange.failure = error
            journaling.record(exchange, exchange.sandbox.journal.next_number(), None, [], b"", 0)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request of a WSGI server, or of Flask's test client."""
        reply = self.respond_at_once(arrival.from_wsgi(environ))
        start_response(f"{reply.status} {HTTP_STATUS_CODES.get(reply.status, 'Unknown')}", reply.headers)
        return (reply.body, *(reply.pieces or ()))

    def _incomplete(self, request: Arrival, stopwatch: Stopwatch) -> Exchange:
        exchange = self._exchange(request)
        exchange.stopwatch, exchange.broke_off, exchange.caller_known = stopwatch, True, True
        if request.headers:
            with contextlib.suppress(MockflowError):  # else it counts for `default`
                exchange.sandbox = self.sandboxes.named(exchange.sandbox_name)
        return exchange

    # -- the steps

    def _replied(self, exchange: Exchange, answer: Callable[[], Response | Later]) -> Reply | Unfinished:
        try:
            response = answer()
        except Exception as error:
            response = self._failures.answer(exchange, error)
        if isinstance(response, Later):
            then = response.then
            return Unfinished(response, lambda outcome: self._replied(exchange, lambda: then(outcome())))
        return self._reply(exchange, faulting.after(exchange, response))

    def _exchange(self, request: Arrival, *, delivers: bool = True) -> Exchange:
        if self.sandboxes.settings.proxy:
            request = forwarded(request)
        exchange = Exchange(request, self.sandboxes, delivers=delivers)
        try:
            rule, exchange.path_ids = self._app.route_of(exchange.method, exchange.path)
            exchange.endpoint = rule.endpoint
        except HTTPException as error:
            # Without its frames, which would hold the exchange that holds it, and all that waits for its answer.
            error.__traceback__ = error.__context__ = None
            exchange.no_route = error
        return exchange

    def _answer(self, exchange: Exchange) -> Response | Later:
        if self.sandboxes.has_to_plant(exchange.sandbox_name):
            return Later(lambda _: self._answer(exchange), work=self.sandboxes.plant)
        if exchange.endpoint is not None:
            exchange.operation = BY_NAME.get(exchange.endpoint.rpartition(".")[2])
        if exchange.is_control:
            self._enter_control(exchange)
        else:
            exchange.sandbox = self._sandbox_of(exchange)
            exchange.arrived = exchange.sandbox.world.clock.now()
            instead = self._cors.preflight(exchange) or faulting.before(exchange)
            if instead is not None:
                return instead
        if exchange.no_route is not None:
            return self._failures.answer(exchange, exchange.no_route)
        view = self._app.view_functions[str(exchange.endpoint)]
        return cast(Response | Later, view(exchange, **exchange.path_ids))

    def _enter_control(self, exchange: Exchange) -> None:
        """Find the sandbox of a call that is allowed: one that is refused makes none."""
        is_file = pages.is_file(exchange) or scripts.is_script(exchange)
        is_page = is_file or pages.is_root(exchange)
        (guard.check_page if is_page else guard.check)(exchange)
        if not is_file:  # the same for all sandboxes: a tab that is left open brings none back
            exchange.sandbox = self._sandbox_of(exchange)

    def _sandbox_of(self, exchange: Exchange) -> Sandbox:
        """That of a request. A page of some website could fill the server with new ones, so it makes none."""
        name = exchange.sandbox_name
        if self._cors.is_foreign(exchange.environ) and self.sandboxes.known(name) is None:
            raise ControlRefused(
                f"Pages of another origin make no sandbox: {name!r} is not there yet. --cors-origin lets one in."
            )
        return self.sandboxes.named(name)

    def _reply(self, exchange: Exchange, response: Response) -> Reply:
        """The answer with what all answers have, once the journal and the log have been told."""
        status, pieces = response.status_code, None
        if response.is_streamed and exchange.outcome is None:  # a fault has to do with all of it
            pieces = iter(response.iter_encoded())
            body = next(pieces, b"")
        else:
            body = response.get_data()
        headers: Headers = [("Date", _date(exchange)), *response.headers]  # with the body's length
        if exchange.method == "HEAD":
            body, pieces = b"", None
        is_script = status < 400 and scripts.is_script(exchange)
        if not (is_script or exchange.path.startswith("/avatars/")):
            headers.append(_UNCACHED)
        if is_script:
            self._cors.decorate(exchange.environ, headers)
        if not exchange.is_control:
            number = exchange.sandbox.journal.next_number()
            headers.append(journaling.id_header(number))
            self._cors.decorate(exchange.environ, headers)
            size = len(body) if pieces is None else response.content_length
            journaling.record(exchange, number, status, headers, body, size or 0)
        if self._log is not None:
            self._log(self._as_line(exchange, status))
        events_of = exchange.sandbox if exchange.streams else None
        ended = journaling.when_ended(exchange)
        return Reply(status, headers, body, exchange.outcome, ended, events_of, pieces)


def _date(exchange: Exchange) -> str:
    """The moment of the answer by the sandbox's clock, as HTTP writes it."""
    return http_date_of((exchange.arrived or exchange.sandbox.world.clock.now()).timestamp() // 1)
