"""A request's changes are one transaction: written whole or not at all, on every kind of store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mockflow.errors import NotFound, WrongCode
from mockflow.store import Store, open_file, open_memory


@pytest.fixture
def store(data: Path | None) -> Iterator[Store]:
    """A store with one person and one tag, of each kind."""
    opened = open_file(data) if data else open_memory()
    with opened.transaction():
        opened.users.add(person("u1"))
        opened.tags.add(tag("t1"))
    yield opened
    opened.close()


def person(record_id: str) -> dict[str, Any]:
    return {
        "id": record_id,
        "name": None,
        "email": f"{record_id}@example.com",
        "avatar": None,
        "passwordHash": None,
        "isOAuthLinked": False,
        "provider": None,
        "preferences": {},
        "createdAt": "2026-01-01T00:00:00.000Z",
    }


def tag(record_id: str, name: str = "a", user: str = "u1") -> dict[str, Any]:
    return {"id": record_id, "userId": user, "name": name, "color": "red"}


def everything(store: Store) -> dict[str, list[tuple[int, dict[str, Any]]]]:
    return {
        name: [(record.doc_id, dict(record)) for record in records] for name, records in store.snapshot().items()
    }


def test_changes_of_a_transaction_that_raises_are_taken_back(store: Store) -> None:
    before = everything(store)
    with pytest.raises(NotFound), store.transaction():  # noqa: PT012 - the error comes after the changes
        store.tags.add(tag("t2"))
        store.tags.change(store.tags.fetch("t1"), name="b")
        store.tags.drop(store.tags.fetch("t1"))
        raise NotFound("enough")
    assert everything(store) == before
    assert [found["id"] for found in store.tags.having("user", "u1")] == ["t1"]


def test_records_keep_their_order_of_creation_when_a_deletion_is_taken_back(store: Store) -> None:
    with store.transaction():
        store.tags.add(tag("t2"))
        store.tags.add(tag("t3"))
    with pytest.raises(NotFound), store.transaction():  # noqa: PT012
        store.tags.drop(store.tags.fetch("t2"))
        raise NotFound("enough")
    assert [found["id"] for found in store.tags.records()] == ["t1", "t2", "t3"]
    assert [found["id"] for found in store.tags.having("user", "u1")] == ["t1", "t2", "t3"]


def test_numbers_of_records_that_were_taken_back_are_used_again(store: Store) -> None:
    with pytest.raises(NotFound), store.transaction():  # noqa: PT012
        store.tags.add(tag("t2"))
        raise NotFound("enough")
    with store.transaction():
        assert store.tags.add(tag("t3")).doc_id == 2


def test_an_error_that_keeps_its_changes_is_raised_after_they_are_written(store: Store) -> None:
    with pytest.raises(WrongCode), store.transaction():  # noqa: PT012
        store.tags.add(tag("t2"))
        raise WrongCode("wrong, and counted")
    assert store.tags.find("t2") is not None


def test_an_inner_transaction_is_part_of_the_outer_one(store: Store) -> None:
    with pytest.raises(NotFound), store.transaction():  # noqa: PT012
        with store.transaction():
            store.tags.add(tag("t2"))
        raise NotFound("enough")
    assert store.tags.find("t2") is None


def test_a_change_outside_a_transaction_is_a_mistake(store: Store) -> None:
    with pytest.raises(RuntimeError, match="outside a transaction"):
        store.tags.add(tag("t2"))
    assert store.tags.find("t2") is None


def test_indexes_follow_a_record_that_changes_hands(store: Store) -> None:
    with store.transaction():
        store.tags.change(store.tags.fetch("t1"), userId="u2")
    assert store.tags.having("user", "u1") == []
    assert store.tags.tally("user", "u1") == 0
    assert [found["id"] for found in store.tags.having("user", "u2")] == ["t1"]


def test_a_snapshot_keeps_what_it_saw(store: Store) -> None:
    before, snapshot = everything(store), store.snapshot()
    with store.transaction():
        store.tags.change(store.tags.fetch("t1"), name="b")
        store.tags.add(tag("t2"))
    store.restore(snapshot)
    assert everything(store) == before
    assert [found["name"] for found in store.tags.having("user", "u1")] == ["a"]


def test_tinydb_own_calls_work_on_the_same_records(store: Store) -> None:
    with store.transaction():
        number = store.tags.insert(tag("t2", "b"))
        store.tags.update({"color": "blue"}, doc_ids=[number])
        store.tags.remove(lambda record: record["id"] == "t1")
    assert store.tags.get(doc_id=number) == tag("t2", "b") | {"color": "blue"}
    assert store.tags.find("t2") == store.tags.get(lambda record: record["name"] == "b")
    assert store.tags.find("t1") is None
    assert [found["id"] for found in store.tags.having("user", "u1")] == ["t2"]
    assert len(store.tags) == 1


def test_stores_that_share_a_snapshot_do_not_see_each_others_changes(store: Store) -> None:
    snapshot, other = store.snapshot(), open_memory()
    other.restore(snapshot)
    with store.transaction():
        store.tags.add(tag("t2"))
        store.tags.drop(store.tags.fetch("t1"))
    with other.transaction():
        other.tags.change(other.tags.fetch("t1"), userId="u2")
        other.tags.add(tag("t3", user="u2"))
    assert [found["id"] for found in store.tags.having("user", "u1")] == ["t2"]
    assert [found["id"] for found in other.tags.having("user", "u2")] == ["t1", "t3"]
    assert other.tags.having("user", "u1") == []
    assert [(found.doc_id, found["id"], found["userId"]) for found in snapshot["tags"]] == [(1, "t1", "u1")]
    store.restore(snapshot)
    assert [found["id"] for found in store.tags.having("user", "u1")] == ["t1"]


def test_changes_to_a_shared_state_are_taken_back(store: Store) -> None:
    snapshot = store.snapshot()
    with pytest.raises(NotFound), store.transaction():  # noqa: PT012
        store.tags.change(store.tags.fetch("t1"), userId="u2")
        store.tags.add(tag("t2"))
        raise NotFound("enough")
    assert store.snapshot() == snapshot
    assert [found["id"] for found in store.tags.having("user", "u1")] == ["t1"]
