"""The control API's routes. Never faulted, delayed, rate limited or journaled."""

from __future__ import annotations

from flask import Blueprint, Response, request

from mockflow import __version__, models
from mockflow.clock import Stopwatch, iso
from mockflow.domain import accounts
from mockflow.domain.outbox import shown
from mockflow.errors import UnknownReference
from mockflow.http import auth, parsing
from mockflow.http.answers import answer
from mockflow.http.control import faults, journal, openapi, sandboxes
from mockflow.http.exchange import CONTROL, sandbox
from mockflow.sandbox import Sandbox
from mockflow.store import Record

_COUNTED = {
    "users": "users",
    "todos": "tasks",
    "projects": "projects",
    "sections": "sections",
    "tags": "tags",
}

_WITH_PARAMETERS = ("control._outbox", "control.list_requests", "control.show_data")


def control_blueprint() -> Blueprint:
    """All routes under `/_mockflow`; the middleware calls their guard, also for paths that are none."""
    control = Blueprint("control", __name__, url_prefix=CONTROL)
    uptime = Stopwatch()

    @control.get("/health", endpoint="health", provide_automatic_options=False)
    @control.get("/ready", endpoint="ready", provide_automatic_options=False)
    def health() -> Response:
        """The server listens only once it is seeded, so whoever gets an answer finds it ready."""
        return answer(200, {"status": "ok", "version": __version__, "uptimeSeconds": round(uptime.seconds, 3)})

    for path, method, view in (
        ("/info", "GET", _info),
        ("/reset", "POST", _reset),
        ("/accounts", "GET", _accounts),
        ("/sessions", "POST", _start_session),
        ("/sessions", "DELETE", _end_sessions),
        ("/outbox", "GET", _outbox),
        ("/outbox", "DELETE", _clear_outbox),
        ("/clock", "GET", _clock),
        ("/clock", "PUT", _change_clock),
        ("/clock", "DELETE", _run_clock),
        *faults.ROUTES,
        *sandboxes.ROUTES,
        *journal.ROUTES,
        *openapi.ROUTES,
    ):
        control.add_url_rule(path, view.__name__, view, methods=[method], provide_automatic_options=False)
    return control


def refuse_stray_parameters() -> None:
    """`DELETE outbox?to=…` would delete everybody's. Raises `InvalidInput`."""
    known = request.endpoint is None or request.endpoint in _WITH_PARAMETERS
    if request.query_string and not known:
        parsing.query(models.control.ControlQuery)


def _described(chosen: Sandbox) -> Response:
    store, meta = chosen.store, chosen.meta
    return answer(
        200,
        {
            "sandbox": chosen.name,
            "seeds": meta["seeds"],
            "seed": meta["seed"],
            "clock": _clock_state(chosen),
            "counts": {shown: len(getattr(store, name)) for shown, name in _COUNTED.items()},
            "faults": len(chosen.faults),
            "requests": chosen.journal.count,
            "data": chosen.data,
        },
    )


def _info() -> Response:
    return _described(sandbox())


def _reset() -> Response:
    wanted = parsing.json_body(models.control.Reset).given()
    sandbox().reset(**wanted)
    return _described(sandbox())


def _accounts() -> Response:
    return answer(200, {"accounts": sandbox().meta["personas"]})


def _user(email: str) -> Record:
    user = accounts.account_of(sandbox().world, email)
    if user is None:
        raise UnknownReference.at("email", message=f"There is no account with the e-mail {email}.")
    return user


def _start_session() -> Response:
    body = parsing.json_body(models.control.NewSession)
    world = sandbox().world
    with world.store.transaction():
        session = accounts.start_session(world, _user(body.email))
    shown = {
        "email": body.email,
        "name": auth.COOKIE,
        "value": session["id"],
        "cookie": f"{auth.COOKIE}={session['id']}",
        "expiresAt": session["expiresAt"],
    }
    lifetime = int(world.session_ttl.total_seconds())
    return auth.set_cookie(answer(201, shown), session["id"], lifetime)


def _end_sessions() -> Response:
    email = parsing.json_body(models.control.EndSessions).email
    world = sandbox().world
    with world.store.transaction():
        ended = accounts.end_sessions(world, None if email is None else _user(email))
    return answer(200, {"ended": ended})


def _outbox() -> Response:
    wanted = parsing.query(models.control.MessageFilter)
    found = sandbox().world.outbox.messages(to=wanted.to, kind=wanted.kind)
    return answer(200, {"messages": [shown(message) for message in found]})


def _clear_outbox() -> Response:
    parsing.json_body(models.control.NoBody)
    world = sandbox().world
    with world.store.transaction():
        cleared = world.outbox.clear()
    return answer(200, {"deleted": cleared})


def _clock_state(chosen: Sandbox) -> dict[str, str]:
    clock = chosen.world.clock
    return {"now": iso(clock.now()), "mode": clock.mode}


def _clock() -> Response:
    return answer(200, _clock_state(sandbox()))


def _change_clock() -> Response:
    change = parsing.json_body(models.control.ClockChange)
    clock = sandbox().world.clock
    if change.freeze is not None:
        clock.freeze(change.freeze)
    elif change.set is not None:
        clock.set(change.set)
    elif change.advance is not None:
        clock.advance(change.advance)
    return _clock()


def _run_clock() -> Response:
    parsing.json_body(models.control.NoBody)
    sandbox().world.clock.run()
    return _clock()
