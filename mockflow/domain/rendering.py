"""Full task objects as JSON, each rendered once and kept with its record until it changes."""

from __future__ import annotations

from collections.abc import Collection, Generator
from contextlib import suppress
from typing import Any, NamedTuple

import orjson

from mockflow.domain import views
from mockflow.domain.world import World
from mockflow.store import Record

_CHILDREN = views.TASK_KEYS.index("parentId") + 1
_HEAD, _TAIL = views.TASK_KEYS[:_CHILDREN], views.TASK_KEYS[_CHILDREN:]


MANY = 1000
"""Tasks; fewer are rendered in a moment."""


class _Rendered:
    """A task without children, where they would come, and the tags that were shown in it.

    It belongs to a record, which never changes; but its tags are records of their own, which other ones replace.
    `seen_at` is the stamp of the table of tags under which these were last found there.
    """

    __slots__ = ("children_at", "seen_at", "tags", "text")  # read for each task of each list

    def __init__(self, text: bytes, children_at: int, tags: tuple[Record, ...], seen_at: object) -> None:
        self.text, self.children_at, self.tags, self.seen_at = text, children_at, tags, seen_at


class Listed(NamedTuple):
    """A list of tasks as JSON, each on its own, as they were at one moment. To join very many takes its time."""

    texts: list[bytes]


def tasks(world: World, records: Collection[Record]) -> Listed:
    """Full task objects (contract, section 4) in the given order, each with its tags and its children."""
    parents, stamp = world.store.tasks.keys("parent"), world.store.tags.stamp
    if len(records) > MANY:
        parents = frozenset(parents)  # asked in less time than it takes to make
    any_parents, texts = len(parents) > 0, []
    for record in records:  # what is done here is done for each task of each list
        rendered: _Rendered | None = record.rendered
        if rendered is None or (rendered.seen_at is not stamp and rendered.tags):
            rendered = _rendered(world, record)
        texts.append(
            _with_children(world, record, rendered) if any_parents and record["id"] in parents else rendered.text
        )
    return Listed(texts)


def due(world: World, user: Record) -> Generator[None, None, None] | None:
    """Steps that render the tasks of a user who has very many: those that nobody has looked at, or not since a tag
    was another. All of them at once would hold everybody up: they are 0.2 s for 10,000 tasks. Else None."""
    return _in_steps(world, user) if world.store.tasks.tally("user", user["id"]) > MANY else None


def _in_steps(world: World, user: Record) -> Generator[None, None, None]:
    stamp = world.store.tags.stamp
    unseen = [
        record
        for record in world.store.tasks.each("user", user["id"])
        if (known := record.rendered) is None or (known.seen_at is not stamp and known.tags)
    ]
    yield
    for record in unseen:
        with suppress(KeyError):  # a tag is gone meanwhile, and so is this record
            _rendered(world, record)
        yield


def _with_children(world: World, record: Record, rendered: _Rendered) -> bytes:
    if record["parentId"] is not None:
        return rendered.text
    children = sorted(world.store.tasks.having("parent", record["id"]), key=views.by_sort_key)
    inner = b",".join([_rendered(world, child).text for child in children])
    return rendered.text[: rendered.children_at] + inner + rendered.text[rendered.children_at :]


def _rendered(world: World, record: Record) -> _Rendered:
    known: _Rendered | None = record.rendered
    tags = world.store.tags
    if known is not None:
        if known.seen_at is tags.stamp or not known.tags:
            return known
        if all(tags.find(tag["id"]) is tag for tag in known.tags):
            known.seen_at = tags.stamp
            return known
    shown = tuple(tags.fetch(tag_id) for tag_id in record["tags"])
    head: dict[str, Any] = {name: record[name] for name in _HEAD}
    head["tags"] = [views.tag(tag) for tag in shown]
    before = orjson.dumps(head)[:-1] + b',"children":['
    behind = b"]," + orjson.dumps({name: record[name] for name in _TAIL})[1:]
    record.rendered = found = _Rendered(before + behind, len(before), shown, tags.stamp)
    return found


def project(world: World, record: Record) -> views.View:
    """A project and its tasks, by sort key."""
    found = sorted(world.store.tasks.having("project", record["id"]), key=views.by_sort_key)
    return {**views.project(record), "todos": tasks(world, found)}


def section(world: World, record: Record) -> views.View:
    """A section and its tasks, by sort key."""
    found = sorted(world.store.tasks.having("section", record["id"]), key=views.by_sort_key)
    return {**views.section(record), "todos": tasks(world, found)}
