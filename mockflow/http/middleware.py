"""What every request meets: its sandbox, preflights, caching, CORS, the journal, one log line."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

import orjson
from flask import Response

from mockflow.clock import iso
from mockflow.http import exchange as exchanges
from mockflow.http import faulting, journaling
from mockflow.http.control import guard
from mockflow.http.cors import Cors
from mockflow.http.exchange import Exchange
from mockflow.http.lean import LeanFlask
from mockflow.http.sandboxing import sandbox_name
from mockflow.sandboxes import Sandboxes


def register_middleware(app: LeanFlask, sandboxes: Sandboxes, log: Callable[[str], None] | None) -> None:
    """Put these around every request of an app. `log` gets one line a request; None keeps none."""
    cors = Cors(sandboxes.settings.cors_origins)
    as_line = _json_line if sandboxes.settings.log_format == "json" else _text_line

    def begin() -> Response | None:
        exchange = exchanges.begin(sandboxes.default)
        exchange.sandbox = sandbox = sandboxes.named(sandbox_name(exchange.environ))
        if exchange.is_control:
            guard.check(sandboxes.settings)
            return None
        exchange.arrived = sandbox.world.clock.now()
        return cors.preflight(exchange.request) or faulting.before(exchange)

    def end(response: Response) -> Response:
        exchange = exchanges.current()
        if exchange.is_control:
            response.headers["Cache-Control"] = "no-store, private"
        else:
            response = faulting.after(exchange, response)
            if not exchange.request.path.startswith("/avatars/"):
                response.headers["Cache-Control"] = "no-store, private"
            number = journaling.number(exchange, response)
            cors.decorate(exchange.request, response)
            journaling.record(exchange, number, response)
        if log is not None:
            log(as_line(exchange, response))
        return response

    app.begin, app.end = begin, end


def _facts(exchange: Exchange, response: Response) -> dict[str, object]:
    operation, user, hit, outcome = exchange.operation, exchange.caller, exchange.hit, exchange.outcome
    return {
        "time": iso(exchange.arrived or exchange.sandbox.world.clock.now()),
        "method": exchange.request.method,
        # As it was sent: still percent-encoded, so that nothing in it can end the line; never its query.
        "path": str(exchange.environ.get("RAW_PATH") or quote(exchange.request.path))[:500],
        "status": None if outcome is not None and outcome.wire else response.status_code,
        "ms": round(exchange.stopwatch.seconds * 1000, 2),
        "operation": operation.name if operation else None,
        "user": user["email"] if user else None,
        "fault": hit.rule_id if hit else None,
        "sandbox": exchange.sandbox.name,
    }


def _json_line(exchange: Exchange, response: Response) -> str:
    return orjson.dumps({"event": "request", **_facts(exchange, response)}).decode()


def _text_line(exchange: Exchange, response: Response) -> str:
    facts = _facts(exchange, response)
    who = f" ({facts['user']})" if facts["user"] else ""
    operation = f" {facts['operation']}" if facts["operation"] else ""
    fault = f" fault={facts['fault']}" if facts["fault"] else ""
    status = facts["status"] or "-"
    return f"{facts['time']} {facts['method']} {facts['path']} {status} {facts['ms']} ms{operation}{who}{fault}"
