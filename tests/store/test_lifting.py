"""Documents of older versions: lifted to the present shape, the old file kept beside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mockflow.domain import documents
from mockflow.errors import DataUnusable, InvalidInput
from mockflow.store import Snapshot, Store, open_file
from mockflow.store.lifting import lifted
from mockflow.store.schema import TABLES, VERSION
from tests.conftest import MakeApp
from tests.store.stores import files, keeper_of, put
from tests.support import Api

FOLDER = Path(__file__).parent / "documents"
OLD = {version: FOLDER / f"v{version}.json" for version in range(1, VERSION)}
"""A document of each version, as it was written then."""


def of_version_1() -> dict[str, Any]:
    return dict(json.loads(OLD[1].read_bytes()))


def written(path: Path, document: Any) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document))
    return path.read_bytes()


def as_document(held: Store | Snapshot) -> dict[str, Any]:
    tables = held.snapshot() if isinstance(held, Store) else held
    return {name: {str(record.doc_id): dict(record) for record in table} for name, table in tables.items()}


@pytest.mark.parametrize("version", OLD)
def test_a_document_of_each_version_is_lifted_and_kept_beside(path: Path, version: int) -> None:
    old = written(path, json.loads(OLD[version].read_bytes()))
    store = open_file(path)
    assert store.meta.fetch("meta")["schema"] == VERSION
    assert keeper_of(store).storage.recovered == (
        f"{path} was of an older version; what it was is kept in {path}.v{version}."
    )
    store.close()
    assert set(files(path.parent)) == {"data.json", f"data.json.v{version}"}
    assert path.with_name(f"data.json.v{version}").read_bytes() == old
    assert json.loads(path.read_bytes()) == as_document(documents.read(old))
    again = open_file(path)
    assert keeper_of(again).storage.recovered is None
    again.close()


@pytest.mark.parametrize("version", OLD)
def test_what_a_lifted_document_becomes_is_taken(version: int) -> None:
    present = as_document(documents.read(OLD[version].read_bytes()))
    assert as_document(documents.read(json.dumps(present).encode())) == present
    assert lifted(present) == (present, None)


@pytest.mark.parametrize("declared", [1, VERSION])
@pytest.mark.parametrize(
    ("table", "field"), [(name, field) for name, schema in TABLES.items() for field in schema.defaults]
)
def test_a_field_that_came_later_has_its_default(path: Path, table: str, field: str, declared: int) -> None:
    document = of_version_1()
    document["meta"]["1"]["schema"] = declared
    for record in document[table].values():
        del record[field]
    old = written(path, document)
    store = open_file(path)
    present = as_document(store)
    assert all(field in record for record in present[table].values())
    assert as_document(documents.read(old)) == present
    put(store, 10**6, "it goes on")
    store.close()
    assert path.with_name("data.json.v1").read_bytes() == old


def test_tasks_without_a_project_are_in_the_inbox() -> None:
    document = of_version_1()
    for task in document["tasks"].values():
        del task["projectId"], task["projectSectionId"]
    present, _ = lifted(document)
    inboxes = {
        project["userId"]: project["id"] for project in present["projects"].values() if project["isDefault"]
    }
    assert all(task["projectId"] == inboxes[task["userId"]] for task in present["tasks"].values())


def test_what_the_first_version_took_and_the_present_one_does_not_is_mended() -> None:
    document = of_version_1()
    first, second, third = list(document["tasks"].values())[:3]
    first["sortKey"], second["sortKey"], third["sortKey"] = "a" + "0" * 299 + "V", "a0", "a1"
    first["dueDate"] = second["dueDate"] = third["dueDate"] = None
    first["title"], second["title"] = "\ufeff", " x\x1f "
    tag = next(iter(document["tags"].values()))
    document["tags"]["2"] = {**tag, "id": "tag_" + "0" * 26, "name": f"\ufeff{tag['name']} "}
    present, version = lifted(document)
    assert version == 1
    assert [task["title"] for task in list(present["tasks"].values())[:2]] == ["Untitled", "x"]
    keys = [task["sortKey"] for task in list(present["tasks"].values())[:3]]
    assert max(map(len, keys)) <= 200
    assert keys[1] < keys[0] < keys[2]
    assert [found["name"] for found in present["tags"].values()] == [tag["name"], f"{tag['name']} 2"]
    documents.check(present)


@pytest.mark.parametrize("field", ["id", "userId", "title", "createdAt"])
def test_a_field_without_a_default_is_not_made_up(path: Path, field: str) -> None:
    document = of_version_1()
    del document["tasks"]["1"][field]
    old = written(path, document)
    with pytest.raises(DataUnusable, match=rf"tasks\.1\.{field}: Required"):
        open_file(path)
    with pytest.raises(InvalidInput) as refused:
        documents.read(old)
    assert refused.value.offences[0].path == ("tasks", "1", field)
    assert files(path.parent) == {"data.json": old}


def test_a_newer_document_is_refused_and_left_alone(path: Path) -> None:
    document = of_version_1()
    document["meta"]["1"]["schema"] = VERSION + 1
    old = written(path, document)
    with pytest.raises(DataUnusable, match="Written by a newer mockflow"):
        open_file(path)
    with pytest.raises(InvalidInput, match="Written by a newer mockflow"):
        documents.read(old)
    assert files(path.parent) == {"data.json": old}


def test_a_copy_that_is_there_already_is_not_lost(path: Path) -> None:
    old = written(path, of_version_1())
    path.with_name("data.json.v1").write_bytes(b"another")
    open_file(path).close()
    assert path.with_name("data.json.v1").read_bytes() == b"another"
    assert path.with_name("data.json.v1.2").read_bytes() == old
    path.write_bytes(old)
    open_file(path).close()
    assert set(files(path.parent)) == {"data.json", "data.json.v1", "data.json.v1.2"}


def test_a_reset_needs_no_copy(path: Path) -> None:
    written(path, of_version_1())
    store = open_file(path, anew=True)
    store.restore(store.snapshot())
    store.close()
    assert set(files(path.parent)) == {"data.json"}


def test_the_api_serves_what_was_lifted(path: Path, make_app: MakeApp) -> None:
    written(path, of_version_1())
    api = Api(make_app(data=path)).sign_in("ann@example.com")
    assert [task["title"] for task in api.tasks()] == ["first", "child", "done"]
    document = json.loads(OLD[1].read_bytes())
    assert api.call("PUT", "/_mockflow/data", json=document).status_code == 200
    assert api.get("/_mockflow/data").json["meta"]["1"]["schema"] == VERSION
