"""The control API's routes for sandboxes, snapshots and whole states."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app

from mockflow import models
from mockflow.domain.rows import digest, rows
from mockflow.errors import MalformedBody, NotFound, UnknownReference
from mockflow.http import parsing
from mockflow.http.answers import answer
from mockflow.http.exchange import sandbox
from mockflow.sandbox import Sandbox, Saved, State
from mockflow.sandboxes import Lodger, Sandboxes


def _all() -> Sandboxes:
    found: Sandboxes = current_app.extensions["mockflow"]
    return found


def list_sandboxes() -> Response:
    """`default` first; `expiresInSeconds` is null for those that stay."""
    return answer(200, {"sandboxes": [_shown(found) for found in _all().listed()]})


def create_sandbox() -> Response:
    """A fork of a sandbox, or of a snapshot of the one that is asked; else as the one begins that is asked."""
    wanted = parsing.json_body(models.control.NewSandbox)
    source = None if wanted.source is None else _state_of(wanted.source)
    made = _all().create(wanted.name, source, wanted.ttlSeconds, label=wanted.label, parent=sandbox())
    return answer(201, {**_shown(made), "expiresInSeconds": wanted.ttlSeconds})


def _state_of(name: str) -> State:
    found = _all().known(name)
    if found is not None:
        return found.state()
    if name in sandbox().snapshots:
        return sandbox().saved(name).state
    message = f"There is neither a sandbox nor a snapshot named {name!r}."
    raise UnknownReference.at("from", message=message, code="unknown_reference")


def _shown(lodger: Lodger) -> dict[str, Any]:
    found, left = lodger.sandbox, lodger.left
    return {
        "name": found.name,
        "path": "/" if found is _all().default else f"/s/{found.name}/",
        "seeds": found.meta["seeds"],
        "label": lodger.label,
        "expiresInSeconds": None if left is None else round(left, 3),
    }


def list_children() -> Response:
    """The sandboxes that were made through this one, oldest first, those that are gone included."""
    return answer(200, {"children": [_child(lodger) for lodger in _all().made_through(sandbox())]})


def show_child(name: str) -> Response:
    """One of them, with its rows and its journal, as it is or was when it went."""
    found = [lodger for lodger in _all().made_through(sandbox()) if lodger.sandbox.name == name]
    if not found:
        raise NotFound(f"No sandbox {name!r} was made through {sandbox().name}.")
    one = found[-1].sandbox
    journal = {"requests": [entry.described() for entry in one.journal.entries()], "evicted": one.journal.evicted}
    return answer(200, {**_child(found[-1]), **_rows(one), **journal})


def _child(lodger: Lodger) -> dict[str, Any]:
    found = lodger.sandbox
    return {
        "name": found.name,
        "label": lodger.label,
        "gone": lodger.gone,
        "count": found.journal.count,
        "faults": found.faults.listed(),
    }


def delete_sandbox(name: str) -> Response:
    """Its sessions, data and snapshots are gone."""
    parsing.json_body(models.control.NoBody)
    _all().delete(name)
    return answer(200, {"deleted": 1})


def list_snapshots() -> Response:
    """Of this sandbox, oldest first."""
    shown = [_snapshot(name, saved) for name, saved in sandbox().snapshots.items()]
    return answer(200, {"snapshots": shown})


def _snapshot(name: str, saved: Saved) -> dict[str, str]:
    return {"name": name, "savedAt": saved.at}


def save_snapshot(name: str) -> Response:
    """In place of one of this name."""
    parsing.json_body(models.control.NoBody)
    return answer(200, _snapshot(name, sandbox().save(name)))


def delete_snapshot(name: str) -> Response:
    """Forget one."""
    parsing.json_body(models.control.NoBody)
    sandbox().saved(name)
    del sandbox().snapshots[name]
    return answer(200, {"deleted": 1})


def restore_snapshot(name: str) -> Response:
    """Data, sessions, passcodes, outbox, clock and faults are as they were."""
    parsing.json_body(models.control.NoBody)
    sandbox().go_back(name)
    return answer(200, {"restored": name})


def show_data() -> Response:
    """Everything that is stored, in the form of the data file, or as rows that can be compared."""
    wanted = parsing.query(models.control.DataForm)
    return answer(200, sandbox().store.document() if wanted.form is None else _rows(sandbox()))


def _rows(found: Sandbox) -> dict[str, Any]:
    lines = rows(found.store)
    return {"rows": lines, "digest": digest(lines)}


def load_data() -> Response:
    """Such a document in place of what is stored; all or nothing."""
    document = parsing.json_content("a JSON object of tables", (dict,), limit=parsing.BODY_LIMIT)
    if document is None:
        raise MalformedBody("Expected a JSON object of tables as the body, got none.")
    sandbox().load(document)
    return answer(200, {"loaded": sum(len(table) for table in document.values())})


ROUTES = (
    ("/sandboxes", "GET", list_sandboxes),
    ("/sandboxes", "POST", create_sandbox),
    ("/sandboxes/<name>", "DELETE", delete_sandbox),
    ("/sandboxes/children", "GET", list_children),
    ("/sandboxes/children/<name>", "GET", show_child),
    ("/snapshots", "GET", list_snapshots),
    ("/snapshots/<name>", "PUT", save_snapshot),
    ("/snapshots/<name>", "DELETE", delete_snapshot),
    ("/snapshots/<name>/restore", "POST", restore_snapshot),
    ("/data", "GET", show_data),
    ("/data", "PUT", load_data),
)
