"""Tasks (contract, section 4)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from mockflow import models
from mockflow.clock import iso, parse_moment
from mockflow.domain import relations, rendering
from mockflow.domain.ordering import checked_key, chosen_key, key_after_all
from mockflow.domain.recurrence import moved_on
from mockflow.domain.world import World
from mockflow.errors import InvalidInput, NotPossible
from mockflow.store import Record

_DEFAULTS: dict[str, Any] = {
    "description": None,
    "priority": None,
    "dueDate": None,
    "dueTime": None,
    "isAllDay": True,
    "color": None,
    "reminder": False,
    "tags": (),
    "parentId": None,
    "projectId": None,
    "projectSectionId": None,
    "recurrenceRule": None,
    "recurrenceEndDate": None,
}


class _Shown(NamedTuple):
    """All tasks of a user, as they were under these stamps of two tables. It belongs to the user's record."""

    tasks: object
    tags: object
    texts: list[bytes]


def listed(world: World, user: Record, wanted: models.tasks.TaskFilter) -> list[Record]:
    """The user's tasks by sort key, then creation; completed ones, when asked for, by latest completion."""
    tag_ids = set(wanted.tagIds)
    completed = None if wanted.completed is None else wanted.completed == "true"
    found = world.store.tasks.in_order("user", user["id"])
    if completed is not None:
        found = [task for task in found if task["completed"] is completed]
    if tag_ids:
        found = [task for task in found if not tag_ids.isdisjoint(task["tags"])]
    if completed:
        found.sort(key=lambda task: str(task["completedAt"]), reverse=True)
    return found


def shown(world: World, user: Record, wanted: models.tasks.TaskFilter) -> rendering.Listed:
    """Those that `listed` gives, for an answer. All of them, which is what is asked for most, are rendered once
    between two changes."""
    if wanted.completed is not None or wanted.tagIds:
        return rendering.Listed(world, listed(world, user, wanted))
    known: _Shown | None = user.rendered
    tasks, tags = world.store.tasks.stamp, world.store.tags.stamp
    if known is not None and known.tasks is tasks and known.tags is tags:
        return rendering.Listed(world, (), known.texts)
    found = rendering.Listed(world, listed(world, user, wanted))
    # What has changed since is held on to as well, so not of very many.
    user.rendered = _Shown(tasks, tags, found.texts()) if len(found) <= rendering.MANY else None
    return found


def create(world: World, user: Record, draft: models.tasks.TaskDraft) -> Record:
    """A new task, behind the user's others of the same day."""
    fields = {**_DEFAULTS, **draft.given()}
    parent = None
    if fields["parentId"] is not None:
        parent = relations.referred_parent(world, user, fields["parentId"])
    fields.update(_references(world, user, fields, None))
    if parent is not None and parent["parentId"] is not None:
        raise NotPossible.at("parentId", message="Cannot create subtask of a subtask")
    return _add(world, user["id"], _untimed_if_all_day(fields))


def update(world: World, user: Record, task: Record, wanted: models.tasks.TaskChanges) -> Record:
    """Any subset of the writable fields; see `_changed`."""
    changes = wanted.given()
    key = _key(world, task, changes)
    if key is not None:
        changes["sortKey"] = key
    return _changed(world, user, task, changes)


def delete(world: World, task: Record) -> None:
    """Delete a task and its subtasks."""
    relations.delete_task(world, task)


def update_many(world: World, user: Record, task_ids: Iterable[str], wanted: models.tasks.BulkChanges) -> int:
    """Make the same changes to those of the tasks that are the user's; tells how many. All or nothing."""
    changes = wanted.given()
    if not changes:
        raise InvalidInput(f"Give at least one of {', '.join(models.tasks.BulkChanges.model_fields)}.")
    _check_references(world, user, changes)
    own = _own(world, user, task_ids)
    # Parents first: a subtask that is completed along with its parent is not completed on its own as well.
    for task in sorted(own, key=lambda task: task["parentId"] is not None):
        _changed(world, user, world.store.tasks.fetch(task["id"]), dict(changes))
    return len(own)


def delete_many(world: World, user: Record, task_ids: Iterable[str]) -> int:
    """Delete those of the tasks that are the user's; tells how many, not counting subtasks that went along."""
    own = _own(world, user, task_ids)
    for task in own:
        if world.store.tasks.find(task["id"]) is not None:  # not gone with its parent yet
            relations.delete_task(world, task)
    return len(own)


def _own(world: World, user: Record, task_ids: Iterable[str]) -> list[Record]:
    found = (world.store.tasks.find(task_id) for task_id in task_ids)
    return [task for task in found if task is not None and task["userId"] == user["id"]]


def _changed(world: World, user: Record, task: Record, changes: dict[str, Any]) -> Record:
    """Apply changes by their wire names; complete or reopen the task where they say so."""
    for place in ("prevIndex", "nextIndex"):
        changes.pop(place, None)
    completed = changes.pop("completed", task["completed"])
    changes.update(_references(world, user, changes, task))
    fields = _untimed_if_all_day({**task, **changes})
    turns = completed != task["completed"]
    if not turns and fields == task:
        return task
    now = world.timestamp()
    if turns:
        fields.update(completed=completed, completedAt=now if completed else None)
    task = world.store.tasks.change(task, **{**fields, "updatedAt": now})
    if turns and completed:
        _completed(world, task)
    return task


def _references(world: World, user: Record, changes: dict[str, Any], task: Record | None) -> dict[str, Any]:
    """Check what the changes refer to; returns the tags, project and section to store."""
    _check_references(world, user, changes)
    settled: dict[str, Any] = {"tags": list(changes["tags"])} if "tags" in changes else {}
    named = changes.get("projectId")
    if "projectId" in changes:
        owner = user if task is None else world.store.users.fetch(task["userId"])
        settled["projectId"] = named or relations.inbox_of(world, owner["id"])["id"]
        if task is not None and settled["projectId"] != task["projectId"]:
            settled["projectSectionId"] = None
    section_id = changes.get("projectSectionId")
    if section_id is not None:
        # A new task has to name the project; one that exists may be in it already.
        project_id = named if task is None else settled.get("projectId", task["projectId"])
        if world.store.sections.fetch(section_id)["projectId"] != project_id:
            message = f"The section {section_id} needs the projectId it belongs to."
            raise InvalidInput.at("projectSectionId", message=message)
        settled["projectSectionId"] = section_id
    return settled


def _check_references(world: World, user: Record, changes: dict[str, Any]) -> None:
    """Whether what the changes refer to exists and is open to the user."""
    relations.referred_tags(world, user, changes.get("tags", ()))
    if changes.get("projectId") is not None:
        relations.referred_project(world, user, changes["projectId"])
    if changes.get("projectSectionId") is not None:
        relations.referred_section(world, user, changes["projectSectionId"])


def _untimed_if_all_day(fields: dict[str, Any]) -> dict[str, Any]:
    return {**fields, "dueTime": None} if fields["isAllDay"] else fields


def _key(world: World, task: Record, changes: dict[str, Any]) -> str | None:
    """The sort key that changes ask for: by neighbours, or outright."""
    day = changes.get("dueDate", task["dueDate"])
    siblings = world.store.tasks.order("day", (task["userId"], day), without=task)
    key = chosen_key(changes, siblings)
    if key is None and "sortKey" in changes:
        key = checked_key("sortKey", changes["sortKey"])
    return key


def _add(world: World, user_id: str, fields: dict[str, Any]) -> Record:
    """Store a task with the given writable fields, not completed, at the end of its day."""
    now = world.timestamp()
    return world.store.tasks.add(
        {
            "id": world.ids.record(),
            "userId": user_id,
            "title": fields["title"],
            "completed": False,
            "completedAt": None,
            "sortKey": key_after_all(world.store.tasks.order("day", (user_id, fields["dueDate"]))),
            **{name: fields[name] for name in _DEFAULTS},
            "createdAt": now,
            "updatedAt": now,
        }
    )


# -- completing


def _completed(world: World, task: Record) -> None:
    """What comes of a task that was completed: its subtasks are, too, and it comes back where it recurs."""
    now = task["completedAt"]
    for child in world.store.tasks.having("parent", task["id"]):
        if not child["completed"]:
            world.store.tasks.change(child, completed=True, completedAt=now, updatedAt=now)
    if task["recurrenceRule"] is not None:
        _recur(world, task)


def _recur(world: World, task: Record) -> None:
    """Create the next one of a recurring task; without a due date it counts from today.

    Its time moves by as many days as its date.
    """
    end = task["recurrenceEndDate"]
    last = date.fromisoformat(task["dueDate"]) if task["dueDate"] else world.clock.now().date()
    due = moved_on(last, task["recurrenceRule"])
    if due is None or (end is not None and due.isoformat() > end):
        return
    time = None
    if task["dueTime"]:
        try:
            time = iso(parse_moment(task["dueTime"]) + (due - last))
        except OverflowError:
            return
    _add(world, task["userId"], {**task, "dueDate": due.isoformat(), "dueTime": time})
