"""The control API's routes for sandboxes, snapshots and whole states."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Response

from mockflow import models
from mockflow.errors import UnknownReference
from mockflow.http.answers import JSON_TYPE, answer
from mockflow.http.exchange import Exchange
from mockflow.http.later import Later
from mockflow.sandbox import Sandbox, Saved, State
from mockflow.sandboxes import DEFAULT
from mockflow.store import Snapshot


def list_sandboxes(exchange: Exchange) -> Response:
    """`default` first; `expiresInSeconds` is null for those that stay."""
    shown = [_shown(found, left) for found, left in exchange.sandboxes.listed()]
    return answer(200, {"sandboxes": shown})


def create_sandbox(exchange: Exchange, body: models.control.NewSandbox) -> Response:
    """A fork of a sandbox, or of a snapshot of the one that is asked; else in the state of the server's start."""
    source = None if body.source is None else _state_of(exchange, body.source)
    made = exchange.sandboxes.create(body.name, source, body.ttlSeconds)
    return answer(201, _shown(made, body.ttlSeconds))


def _state_of(exchange: Exchange, name: str) -> State:
    found = exchange.sandboxes.known(name)
    if found is not None:
        return found.state()
    if name in exchange.sandbox.snapshots:
        return exchange.sandbox.saved(name).state
    message = f"There is neither a sandbox nor a snapshot named {name!r}."
    raise UnknownReference.at("from", message=message, code="unknown_reference")


def _shown(found: Sandbox, left: float | None) -> dict[str, Any]:
    return {
        "name": found.name,
        "path": "/" if found.name == DEFAULT else f"/s/{found.name}/",
        "seeds": found.meta["seeds"],
        "expiresInSeconds": None if left is None else round(left, 3),
    }


def delete_sandbox(exchange: Exchange, name: str) -> Response:
    """Its sessions, data and snapshots are gone."""
    exchange.sandboxes.delete(name)
    return answer(200, {"deleted": 1})


def list_snapshots(exchange: Exchange) -> Response:
    """Of this sandbox, oldest first."""
    shown = [_snapshot(name, saved) for name, saved in exchange.sandbox.snapshots.items()]
    return answer(200, {"snapshots": shown})


def _snapshot(name: str, saved: Saved) -> dict[str, str]:
    return {"name": name, "savedAt": saved.at}


def save_snapshot(exchange: Exchange, name: str) -> Response:
    """In place of one of this name."""
    return answer(200, _snapshot(name, exchange.sandbox.save(name)))


def delete_snapshot(exchange: Exchange, name: str) -> Response:
    """Forget one."""
    exchange.sandbox.saved(name)
    del exchange.sandbox.snapshots[name]
    return answer(200, {"deleted": 1})


def restore_snapshot(exchange: Exchange, name: str) -> Response:
    """Data, sessions, passcodes, outbox, clock and faults are as they were."""
    exchange.sandbox.go_back(name)
    return answer(200, {"restored": name})


def show_data(exchange: Exchange) -> Response:
    """Everything that is stored, in the form of the data file."""
    return Response(exchange.sandbox.store.document_pieces(), content_type=JSON_TYPE)


def load_data(exchange: Exchange, body: bytes) -> Later:
    """Such a document in place of what is stored, however large it is; all or nothing."""
    from mockflow.domain import documents  # late: it needs all shapes, and few ask for it

    def load(data: Snapshot) -> Response:
        exchange.sandbox.load(data)
        return answer(200, {"loaded": sum(len(table) for table in data.values())})

    return Later(load, work=partial(documents.read, body))
