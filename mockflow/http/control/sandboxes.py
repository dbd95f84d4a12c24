"""The control API's routes for sandboxes, snapshots and whole states."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from functools import partial
from typing import Any

from flask import Response

from mockflow import models
from mockflow.domain.rows import digest, rows
from mockflow.errors import NotFound, UnknownReference
from mockflow.http.answers import answer, answer_in_pieces, object_in_pieces
from mockflow.http.encoding import Packed
from mockflow.http.exchange import Exchange
from mockflow.http.later import Later
from mockflow.sandbox import Ready, Saved, State
from mockflow.sandboxes import DEFAULT, Child, Lodger
from mockflow.store import Snapshot, open_memory


def list_sandboxes(exchange: Exchange) -> Response:
    """`default` first; `expiresInSeconds` is null for those that stay."""
    return answer(200, {"sandboxes": [_shown(found) for found in exchange.sandboxes.listed()]})


def create_sandbox(exchange: Exchange, body: models.control.NewSandbox) -> Response:
    """A fork of a sandbox, or of a snapshot of the one that is asked; else as the one begins that is asked."""
    source = None if body.source is None else _state_of(exchange, body.source)
    made = exchange.sandboxes.create(body.name, source, body.ttlSeconds, label=body.label, parent=exchange.sandbox)
    return answer(201, {**_shown(made), "expiresInSeconds": body.ttlSeconds})


def _state_of(exchange: Exchange, name: str) -> State:
    found = exchange.sandboxes.known(name)
    if found is not None:
        return found.state()
    if name in exchange.sandbox.snapshots:
        return exchange.sandbox.saved(name).state
    message = f"There is neither a sandbox nor a snapshot named {name!r}."
    raise UnknownReference.at("from", message=message, code="unknown_reference")


def _shown(lodger: Lodger) -> dict[str, Any]:
    found, left = lodger.sandbox, lodger.left
    return {
        "name": found.name,
        "path": "/" if found.name == DEFAULT else f"/s/{found.name}/",
        "seeds": found.meta["seeds"],
        "label": lodger.label,
        "expiresInSeconds": None if left is None else round(left, 3),
    }


def list_children(exchange: Exchange) -> Response:
    """The sandboxes that were made through this one, oldest first, those that are gone included."""
    found = exchange.sandboxes.made_through(exchange.sandbox)
    return answer(200, {"children": [_child(child) for child in found]})


def show_child(exchange: Exchange, name: str) -> Later:
    """One of them, with its rows and its journal, as it is or was when it went."""
    found = [child for child in exchange.sandboxes.made_through(exchange.sandbox) if child.name == name]
    if not found:
        raise NotFound(f"No sandbox {name!r} was made through {exchange.sandbox.name}.")
    one, shown = found[-1], _child(found[-1])
    entries, evicted = one.journal.entries(), one.journal.evicted

    def with_rows(found: tuple[list[str], str]) -> Response:
        lines, sum_of_all = found
        known = {**shown, "digest": sum_of_all, "evicted": evicted}
        requests = (entry.described() for entry in entries)
        return answer_in_pieces(object_in_pieces(known, rows=lines, requests=requests))

    return Later(with_rows, work=partial(_rows, one.data))


def _child(child: Child) -> dict[str, Any]:
    return {
        "name": child.name,
        "label": child.label,
        "gone": child.gone,
        "count": child.journal.count,
        "faults": child.faults,
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
    exchange.sandbox.forget(name)
    return answer(200, {"deleted": 1})


def restore_snapshot(exchange: Exchange, name: str) -> Response | Later:
    """Data, sessions, passcodes, outbox, clock and faults are as they were."""
    chosen = exchange.sandbox
    state = chosen.saved(name).state

    def enter(ready: Ready) -> Response:
        chosen.load(ready)
        return answer(200, {"restored": name})

    if chosen.store.keeper is None:
        return enter(chosen.ready(state))
    return Later(enter, work=partial(chosen.ready, state))


def show_data(exchange: Exchange, query: models.control.DataForm) -> Response | Later:
    """Everything that is stored, in the form of the data file, or as rows that can be compared."""
    if query.form is None:
        return answer_in_pieces(exchange.sandbox.store.document_pieces())

    def shown(found: tuple[list[str], str]) -> Response:
        lines, sum_of_all = found
        return answer_in_pieces(object_in_pieces({"digest": sum_of_all}, rows=lines))

    return Later(shown, work=partial(_rows, exchange.sandbox.store.snapshot()))


def _rows(snapshot: Snapshot) -> tuple[list[str], str]:
    with closing(open_memory()) as store:
        store.restore(snapshot)
        lines = rows(store)
    return lines, digest(lines)


def load_data(exchange: Exchange, body: Packed) -> Later:
    """Such a document in place of what is stored, however large it is; all or nothing."""

    def read() -> Callable[[], Ready]:
        from mockflow.domain import documents  # late: it needs all shapes, and few ask for it

        return exchange.sandbox.ready_data(documents.read(body.unpacked()))

    def load(found: Callable[[], Ready]) -> Response:
        ready = found()
        exchange.sandbox.load(ready)
        return answer(200, {"loaded": sum(len(table) for table in ready.state.data.values())})

    return Later(load, work=read)
