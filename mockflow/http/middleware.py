"""What every request meets: its sandbox, preflights, caching, CORS, one log line."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

import orjson
from flask import Response, g, request

from mockflow.clock import Stopwatch, iso
from mockflow.http import faulting, journaling
from mockflow.http.binding import current_operation
from mockflow.http.control import guard
from mockflow.http.cors import Cors
from mockflow.http.lean import LeanFlask
from mockflow.http.sandboxing import sandbox_name
from mockflow.sandboxes import Sandboxes


def register_middleware(app: LeanFlask, sandboxes: Sandboxes, log: Callable[[str], None] | None) -> None:
    """Put these around every request of an app. `log` gets one line a request; None keeps none."""
    cors = Cors(sandboxes.settings.cors_origins)
    as_line = _json_line if sandboxes.settings.log_format == "json" else _text_line

    def begin() -> Response | None:
        g.stopwatch = Stopwatch()
        environ = request.environ
        g.sandbox = sandboxes.default  # whom an error about the name is logged for
        g.sandbox = sandbox = sandboxes.named(sandbox_name(environ))
        if request.path.startswith(guard.CONTROL):
            guard.check(sandboxes.settings)
            return None
        g.arrived = sandbox.world.clock.now()
        return cors.preflight() or faulting.before(sandbox, environ)

    def end(response: Response) -> Response:
        path = request.path
        if path.startswith(guard.CONTROL):
            response.headers["Cache-Control"] = "no-store, private"
        else:
            sandbox = g.sandbox
            response = faulting.after(sandbox, request.environ, response)
            if not path.startswith("/avatars/"):
                response.headers["Cache-Control"] = "no-store, private"
            cors.decorate(response)
            journaling.record(sandbox, response)
        if log is not None:
            log(as_line(response))
        return response

    app.begin, app.end = begin, end


def _facts(response: Response) -> dict[str, object]:
    operation, user, hit = current_operation(), g.get("user"), request.environ.get(faulting.HIT)
    return {
        "time": iso(g.sandbox.world.clock.now()),
        "method": request.method,
        # As it was sent: still percent-encoded, so that nothing in it can end the line; never its query.
        "path": str(request.environ.get("RAW_PATH") or quote(request.path))[:500],
        "status": None if faulting.wire_of(request.environ) else response.status_code,
        "ms": round(g.stopwatch.seconds * 1000, 2),
        "operation": operation.name if operation else None,
        "user": user["email"] if user else None,
        "fault": hit.rule_id if hit else None,
        "sandbox": g.sandbox.name,
    }


def _json_line(response: Response) -> str:
    return orjson.dumps({"event": "request", **_facts(response)}).decode()


def _text_line(response: Response) -> str:
    facts = _facts(response)
    who = f" ({facts['user']})" if facts["user"] else ""
    operation = f" {facts['operation']}" if facts["operation"] else ""
    fault = f" fault={facts['fault']}" if facts["fault"] else ""
    status = facts["status"] or "-"
    return f"{facts['time']} {facts['method']} {facts['path']} {status} {facts['ms']} ms{operation}{who}{fault}"
