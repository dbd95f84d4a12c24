"""Records as the API shows them, keys in the contract's order."""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter
from typing import Any

from mockflow.domain.world import World
from mockflow.store import Record

View = dict[str, Any]

_TASK_ALONE = (
    "id title description priority dueDate dueTime isAllDay completed completedAt color sortKey reminder "
    "parentId projectId projectSectionId recurrenceRule recurrenceEndDate createdAt updatedAt"
).split()
_TASK_HIT = "id title description priority dueDate completed parentId projectId".split()
_PROJECT = "id name personal slug isDefault taskDisplayPreferences userId workspaceId".split()
_PROJECT_HIT = "id name slug personal".split()
_SECTION = "id name sortKey projectId".split()
_TAG = "id name color".split()

by_sort_key = itemgetter("sortKey")


def _only(names: list[str], record: Record) -> View:
    return {name: record[name] for name in names}


def user(record: Record, base_url: str) -> View:
    """An account (section 3). `base_url` is what the avatar's address starts with."""
    avatar = record["avatar"]
    return {
        "id": record["id"],
        "name": record["name"],
        "email": record["email"],
        "image": None if avatar is None else f"{base_url}/avatars/{avatar}",
        "isPasswordSet": record["passwordHash"] is not None,
        "isOAuthLinked": record["isOAuthLinked"],
        "provider": record["provider"],
        "createdAt": record["createdAt"],
    }


def task_alone(record: Record) -> View:
    """A task as create and update answer it: without `tags` and `children` (section 4)."""
    return _only(_TASK_ALONE, record)


def task_hit(record: Record) -> View:
    """A task that a search found."""
    return _only(_TASK_HIT, record)


def tasks(world: World, records: Iterable[Record]) -> list[View]:
    """Full task objects, in the given order, each with its tags and its children's objects."""
    return [_task(world, record) for record in records]


def _task(world: World, record: Record) -> View:
    # Written out, since this is what most of an answer is made of.
    store = world.store
    children = () if record["parentId"] else store.tasks.having("parent", record["id"])
    return {
        "id": record["id"],
        "title": record["title"],
        "description": record["description"],
        "priority": record["priority"],
        "dueDate": record["dueDate"],
        "dueTime": record["dueTime"],
        "isAllDay": record["isAllDay"],
        "completed": record["completed"],
        "completedAt": record["completedAt"],
        "color": record["color"],
        "sortKey": record["sortKey"],
        "reminder": record["reminder"],
        "tags": [tag(store.tags.fetch(tag_id)) for tag_id in record["tags"]],
        "parentId": record["parentId"],
        "children": [_task(world, child) for child in sorted(children, key=by_sort_key)],
        "projectId": record["projectId"],
        "projectSectionId": record["projectSectionId"],
        "recurrenceRule": record["recurrenceRule"],
        "recurrenceEndDate": record["recurrenceEndDate"],
        "createdAt": record["createdAt"],
        "updatedAt": record["updatedAt"],
    }


def project(record: Record) -> View:
    """A project (section 5)."""
    return _only(_PROJECT, record)


def project_hit(record: Record) -> View:
    """A project that a search found."""
    return _only(_PROJECT_HIT, record)


def project_with_tasks(world: World, record: Record) -> View:
    """A project and its tasks, by sort key."""
    found = sorted(world.store.tasks.having("project", record["id"]), key=by_sort_key)
    return {**project(record), "todos": tasks(world, found)}


def section(record: Record) -> View:
    """A section (section 5)."""
    return _only(_SECTION, record)


def section_with_tasks(world: World, record: Record) -> View:
    """A section and its tasks, by sort key."""
    found = sorted(world.store.tasks.having("section", record["id"]), key=by_sort_key)
    return {**section(record), "todos": tasks(world, found)}


def tag(record: Record) -> View:
    """A tag (section 6)."""
    return _only(_TAG, record)


def counted_tag(world: World, record: Record) -> View:
    """A tag and how many tasks carry it now."""
    return {**tag(record), "_count": {"todos": world.store.tasks.tally("tag", record["id"])}}
