"""The state of a sandbox in comparable form: a line for each thing in it, whoever made it and whenever.

References are names; ids, moments that Flowtask set, secrets and sort keys are left out. So two sandboxes in which
the same was done have the same rows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from mockflow.domain.views import TASK_KEYS
from mockflow.store import Record, Store
from mockflow.store.pieces import sorted_gently

_USER = "email name isOAuthLinked provider preferences".split()
_TASK = [
    name
    for name in TASK_KEYS
    if name not in ("id", "completedAt", "sortKey", "tags", "createdAt", "updatedAt") and not name.endswith("Id")
]


def rows(store: Store) -> list[str]:
    """`task {"title": "Buy milk", …}` for each account, workspace, project, section, tag and task, sorted."""
    with store.transaction():
        return sorted_gently(list(_all(store)))


def digest(lines: list[str]) -> str:
    """A short text that is the same for the same rows, and for no others."""
    found = hashlib.blake2b(digest_size=16)
    between = ""
    for line in lines:
        found.update(f"{between}{line}".encode())
        between = "\n"
    return found.hexdigest()


def _all(store: Store) -> Iterator[str]:
    emails = _named(store, "users", "email")
    names = {table: _named(store, table, "name") for table in ("workspaces", "projects", "sections", "tags")}
    images = {avatar["userId"]: avatar["type"] for avatar in store.avatars.records()}
    for user in store.users.records():
        yield _row("user", {**_only(_USER, user), "image": images.get(user["id"])})
    for workspace in store.workspaces.records():
        members = sorted(emails[member] for member in workspace["memberIds"])
        yield _row("workspace", {"name": workspace["name"], "members": members})
    for project in store.projects.records():
        yield _row("project", _project(project, emails, names["workspaces"]))
    for section in store.sections.records():
        yield _row("section", {"name": section["name"], "project": names["projects"].get(section["projectId"])})
    for tag in store.tags.records():
        yield _row("tag", {"name": tag["name"], "color": tag["color"], "user": emails.get(tag["userId"])})
    titles = _named(store, "tasks", "title")
    for task in store.tasks.records():
        yield _row("task", _task(task, emails, titles, names))


def _project(project: Record, emails: Mapping[str, str], workspaces: Mapping[str, str]) -> dict[str, Any]:
    return {
        "name": project["name"],
        "user": emails.get(project["userId"]),
        "personal": project["personal"],
        "workspace": workspaces.get(project["workspaceId"]),
        "taskDisplayPreferences": project["taskDisplayPreferences"],
    }


def _task(
    task: Record, emails: Mapping[str, str], titles: Mapping[str, str], names: Mapping[str, Mapping[str, str]]
) -> dict[str, Any]:
    return {
        **_only(_TASK, task),
        "user": emails.get(task["userId"]),
        "project": names["projects"].get(task["projectId"]),
        "section": names["sections"].get(task["projectSectionId"]),
        "parent": titles.get(task["parentId"]),
        "tags": sorted(names["tags"].get(tag, "?") for tag in task["tags"]),
    }


def _only(fields: list[str], record: Record) -> dict[str, Any]:
    return {name: record[name] for name in fields}


def _named(store: Store, table: str, field: str) -> Mapping[str, str]:
    return {record["id"]: record[field] for record in getattr(store, table).records()}


def _row(kind: str, fields: Mapping[str, Any]) -> str:
    """What is null or empty is left out, so that a person sees what there is."""
    there = {name: value for name, value in fields.items() if value is not None and value not in ([], {})}
    return f"{kind} {json.dumps(there, ensure_ascii=False)}"
