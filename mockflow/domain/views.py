"""Records as the API shows them, keys in the contract's order."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

from mockflow.domain.world import World
from mockflow.store import Record
from mockflow.store.schema import TABLES

View = dict[str, Any]

TASK_KEYS = [name for name in TABLES["tasks"].fields if name != "userId"]
"""A task's keys in the contract's order (section 4), but for `children`, which come behind `parentId`: those of
its record, which `store/schema.py` lists in that order."""
_TASK_ALONE = [name for name in TASK_KEYS if name != "tags"]
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


def project(record: Record) -> View:
    """A project (section 5)."""
    return _only(_PROJECT, record)


def project_hit(record: Record) -> View:
    """A project that a search found."""
    return _only(_PROJECT_HIT, record)


def section(record: Record) -> View:
    """A section (section 5)."""
    return _only(_SECTION, record)


def tag(record: Record) -> View:
    """A tag (section 6)."""
    return _only(_TAG, record)


def counted_tag(world: World, record: Record) -> View:
    """A tag and how many tasks carry it now."""
    return {**tag(record), "_count": {"todos": world.store.tasks.tally("tag", record["id"])}}
