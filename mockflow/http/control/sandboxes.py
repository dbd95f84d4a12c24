"""The control API's routes for sandboxes, snapshots and whole states."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app

from mockflow import models
from mockflow.errors import UnknownReference
from mockflow.http import parsing
from mockflow.http.answers import JSON_TYPE, answer
from mockflow.http.exchange import sandbox
from mockflow.sandbox import Sandbox, Saved, State
from mockflow.sandboxes import Sandboxes


def _all() -> Sandboxes:
    found: Sandboxes = current_app.extensions["mockflow"]
    return found


def list_sandboxes() -> Response:
    """`default` first; `expiresInSeconds` is null for those that stay."""
    shown = [_shown(found, left) for found, left in _all().listed()]
    return answer(200, {"sandboxes": shown})


def create_sandbox() -> Response:
    """A fork of a sandbox, or of a snapshot of the one that is asked; else in the state of the server's start."""
    wanted = parsing.json_body(models.control.NewSandbox)
    source = None if wanted.source is None else _state_of(wanted.source)
    made = _all().create(wanted.name, source, wanted.ttlSeconds)
    return answer(201, _shown(made, wanted.ttlSeconds))


def _state_of(name: str) -> State:
    found = _all().known(name)
    if found is not None:
        return found.state()
    if name in sandbox().snapshots:
        return sandbox().saved(name).state
    message = f"There is neither a sandbox nor a snapshot named {name!r}."
    raise UnknownReference.at("from", message=message, code="unknown_reference")


def _shown(found: Sandbox, left: float | None) -> dict[str, Any]:
    return {
        "name": found.name,
        "path": "/" if found is _all().default else f"/s/{found.name}/",
        "seeds": found.meta["seeds"],
        "expiresInSeconds": None if left is None else round(left, 3),
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
    """Everything that is stored, in the form of the data file."""
    return Response(sandbox().store.document_pieces(), content_type=JSON_TYPE)


def load_data() -> Response:
    """Such a document in place of what is stored, however large it is; all or nothing."""
    from mockflow.domain import documents  # late: it needs all shapes, and few ask for it

    data = documents.read(parsing.raw_json("a JSON object of tables"))
    sandbox().load(data)
    return answer(200, {"loaded": sum(len(table) for table in data.values())})


ROUTES = (
    ("/sandboxes", "GET", list_sandboxes),
    ("/sandboxes", "POST", create_sandbox),
    ("/sandboxes/<name>", "DELETE", delete_sandbox),
    ("/snapshots", "GET", list_snapshots),
    ("/snapshots/<name>", "PUT", save_snapshot),
    ("/snapshots/<name>", "DELETE", delete_snapshot),
    ("/snapshots/<name>/restore", "POST", restore_snapshot),
    ("/data", "GET", show_data),
    ("/data", "PUT", load_data),
)
