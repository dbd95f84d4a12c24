"""The control API's calls for the state of a sandbox: reset, accounts, sessions, outbox, clock."""

from __future__ import annotations

from flask import Response

from mockflow import models
from mockflow.clock import iso
from mockflow.domain import accounts
from mockflow.domain.outbox import shown
from mockflow.errors import UnknownReference
from mockflow.http import auth
from mockflow.http.answers import answer
from mockflow.http.exchange import Exchange
from mockflow.http.later import Later
from mockflow.sandbox import Ready, Sandbox
from mockflow.store import Record

_COUNTED = {
    "users": "users",
    "todos": "tasks",
    "projects": "projects",
    "sections": "sections",
    "tags": "tags",
}


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


def info(exchange: Exchange) -> Response:
    """What there is in a sandbox."""
    return _described(exchange.sandbox)


def reset(exchange: Exchange, body: models.control.Reset) -> Response | Later:
    """Back to a start state, as soon as that is made."""
    chosen, given = exchange.sandbox, body.given()
    start = chosen.start(**given)

    def enter(ready: Ready) -> Response:
        chosen.reset(ready)
        return _described(chosen)

    return enter(start()) if chosen.resets_at_once and not given else Later(enter, work=start)


def list_accounts(exchange: Exchange) -> Response:
    """The seeded personas, passwords included."""
    return answer(200, {"accounts": exchange.sandbox.meta["personas"]})


def _user(exchange: Exchange, email: str) -> Record:
    user = accounts.account_of(exchange.sandbox.world, email)
    if user is None:
        raise UnknownReference.at("email", message=f"There is no account with the e-mail {email}.")
    return user


def start_session(exchange: Exchange, body: models.control.NewSession) -> Response:
    """A session without a password."""
    world = exchange.sandbox.world
    with world.store.transaction():
        session = accounts.start_session(world, _user(exchange, body.email))
    told = {
        "email": body.email,
        "name": auth.COOKIE,
        "value": session["id"],
        "cookie": f"{auth.COOKIE}={session['id']}",
        "expiresAt": session["expiresAt"],
    }
    lifetime = int(world.session_ttl.total_seconds())
    return auth.set_cookie(exchange.request, answer(201, told), session["id"], lifetime)


def end_sessions(exchange: Exchange, body: models.control.EndSessions) -> Response:
    """One account's, or all."""
    world = exchange.sandbox.world
    with world.store.transaction():
        ended = accounts.end_sessions(world, None if body.email is None else _user(exchange, body.email))
    return answer(200, {"ended": ended})


def list_messages(exchange: Exchange, query: models.control.MessageFilter) -> Response:
    """Oldest first."""
    found = exchange.sandbox.world.outbox.messages(to=query.to, kind=query.kind)
    return answer(200, {"messages": [shown(message) for message in found]})


def clear_messages(exchange: Exchange) -> Response:
    """All of them."""
    world = exchange.sandbox.world
    with world.store.transaction():
        cleared = world.outbox.clear()
    return answer(200, {"deleted": cleared})


def _clock_state(chosen: Sandbox) -> dict[str, str]:
    clock = chosen.world.clock
    return {"now": iso(clock.now()), "mode": clock.mode}


def show_clock(exchange: Exchange) -> Response:
    """What it says, and how it runs."""
    return answer(200, _clock_state(exchange.sandbox))


def change_clock(exchange: Exchange, body: models.control.ClockChange) -> Response:
    """Freeze it, set it, or move it on."""
    clock = exchange.sandbox.world.clock
    if body.freeze is not None:
        clock.freeze(body.freeze)
    elif body.set is not None:
        clock.set(body.set)
    elif body.advance is not None:
        clock.advance(body.advance)
    return show_clock(exchange)


def run_clock(exchange: Exchange) -> Response:
    """Back to real time."""
    exchange.sandbox.world.clock.run()
    return show_clock(exchange)
