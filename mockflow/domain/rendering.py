"""Full task objects as JSON, each rendered once and kept with its record until it changes."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

import orjson

from mockflow.domain import views
from mockflow.domain.world import World
from mockflow.store import Record
from mockflow.store.table import Readable

_CHILDREN = views.TASK_KEYS.index("parentId") + 1
_HEAD, _TAIL = views.TASK_KEYS[:_CHILDREN], views.TASK_KEYS[_CHILDREN:]


MANY = 1000
"""Tasks; fewer are rendered in a moment."""

_STEP = 16
"""Tasks."""


class _Rendered:
    """A task without children, where they would come, and the tags that were shown in it.

    It belongs to a record, which never changes; but its tags are records of their own, which other ones replace.
    `seen_at` is the stamp of the table of tags under which these were last found there.
    """

    __slots__ = ("children_at", "seen_at", "tags", "text")  # read for each task of each list

    def __init__(self, text: bytes, children_at: int, tags: tuple[Record, ...], seen_at: object) -> None:
        self.text, self.children_at, self.tags, self.seen_at = text, children_at, tags, seen_at


class Listed:
    """Tasks that an answer has, chosen and in order, and the tables in which their tags and children are found."""

    __slots__ = ("known", "records", "tags", "tasks")

    def __init__(self, world: World, records: Sequence[Record], texts: list[bytes] | None = None) -> None:
        """`texts` are those of before, where nothing has changed since; no records are needed then."""
        self.tasks, self.tags = world.store.tasks, world.store.tags
        self.records = records
        self.known = texts

    def __len__(self) -> int:
        return len(self.records if self.known is None else self.known)

    def texts(self) -> list[bytes]:
        """Each as a full task object in JSON (contract, section 4), with its tags and its children.

        They are rendered when first asked for, which has to be before anything changes.
        """
        if self.known is None:
            self.known = []
            for _ in _rendering(self.tasks, self.tags, self.records, self.known):
                pass
        return self.known


def in_steps(lists: Sequence[Listed]) -> Generator[None, None, list[list[bytes]]]:
    """The `texts` of lists of one store as they are now, whatever changes later, rendered in steps.

    All of them at once would hold everybody up: they are 0.2 s for 10,000 tasks that nobody has looked at.
    """
    return _in_steps(lists, lists[0].tasks.state(), lists[0].tags.state())


def _in_steps(
    lists: Sequence[Listed], tasks: Readable, tags: Readable
) -> Generator[None, None, list[list[bytes]]]:
    found: list[list[bytes]] = []
    for listed in lists:
        if listed.known is not None:
            found.append(listed.known)
            continue
        found.append([])
        for done, _ in enumerate(_rendering(tasks, tags, listed.records, found[-1])):
            if done % _STEP == 0:
                yield
    return found


def _rendering(
    tasks: Readable, tags: Readable, records: Sequence[Record], texts: list[bytes]
) -> Generator[None, None, None]:
    """Adds a text for each record, one with each step; the children of one take steps of their own."""
    parents, stamp = tasks.keys("parent"), tags.stamp
    any_parents = len(parents) > 0
    for record in records:  # what is done here is done for each task of each list
        rendered: _Rendered | None = record.rendered
        if rendered is None or (rendered.seen_at is not stamp and rendered.tags):
            rendered = _rendered(tags, record)
        text = rendered.text
        if any_parents and record["parentId"] is None and record["id"] in parents:
            children = []
            for child in sorted(tasks.having("parent", record["id"]), key=views.by_sort_key):
                children.append(_rendered(tags, child).text)
                yield
            text = text[: rendered.children_at] + b",".join(children) + text[rendered.children_at :]
        texts.append(text)
        yield


def _rendered(tags: Readable, record: Record) -> _Rendered:
    known: _Rendered | None = record.rendered
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
    return {**views.project(record), "todos": Listed(world, found)}


def section(world: World, record: Record) -> views.View:
    """A section and its tasks, by sort key."""
    found = sorted(world.store.tasks.having("section", record["id"]), key=views.by_sort_key)
    return {**views.section(record), "todos": Listed(world, found)}
