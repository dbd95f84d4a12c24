"""Whole states as documents: what is taken is what the API could have stored, and nothing else."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from typing import Any, get_type_hints

import orjson
from pydantic import TypeAdapter, ValidationError

from mockflow import models
from mockflow.domain.ordering import checked_key
from mockflow.domain.users import image_type
from mockflow.errors import InvalidInput, Offence
from mockflow.models.offences import offences_of, told
from mockflow.store import Snapshot, read_tables, snapshot_of

MOST_TOLD = 20
"""Offences that are told of at once."""

Tables = Mapping[str, Mapping[str, dict[str, Any]]]

_NOT_AS_STORED = "This is not in the form in which it would be stored."


def read(raw: bytes) -> Snapshot:
    """The state that a JSON document describes; one of an older version is lifted.

    It works in small steps, so that it can run in a thread beside an event loop, and touches no sandbox. Raises
    `MalformedBody` for what is no JSON, and `InvalidInput` for what the API could never have stored.
    """
    return snapshot_of(read_tables(raw), check)


def check(tables: Tables) -> None:
    """Raise `InvalidInput` for tables that the API could not have made; their types and references are right."""
    found = tuple(islice(_offences(tables), MOST_TOLD))
    if found:
        raise InvalidInput(f"This is not a mockflow data document: {told(found)}.", found)


def _offences(tables: Tables) -> Iterator[Offence]:
    for name, table in tables.items():
        for field, fits in _columns(name).items():
            yield from _odd_values(name, table, field, fits)
    for rule in _RULES:
        yield from rule(tables)


# -- values, each by itself


@lru_cache(16)
def _columns(name: str) -> dict[str, TypeAdapter[Any]]:
    """What checks the values of each field of a table."""
    shape = models.stored.RECORDS[name]
    hints = get_type_hints(shape, include_extras=True)
    wire = {field: info.alias or field for field, info in shape.model_fields.items()}
    return {wire[field]: TypeAdapter(hints[field]) for field in shape.model_fields}


def _odd_values(
    name: str, table: Mapping[str, dict[str, Any]], field: str, fits: TypeAdapter[Any]
) -> Iterator[Offence]:
    """Each value is looked at once, however many records have it."""
    known: set[Any] = set()
    for number, record in table.items():
        value = record[field]
        key = orjson.dumps(value) if isinstance(value, list | dict) else value
        if key in known:
            continue
        odd = list(_odd(fits, value))
        if not odd:
            known.add(key)
        yield from (Offence((name, number, field, *one.path), one.message, one.code) for one in odd)


def _odd(fits: TypeAdapter[Any], value: Any) -> Iterable[Offence]:
    try:
        made = fits.validate_python(value, strict=True)
    except ValidationError as error:
        return offences_of(error)
    return () if _in_json(_plain(made)) == _in_json(value) else (Offence((), _NOT_AS_STORED),)


def _in_json(value: Any) -> Any:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS) if isinstance(value, list | dict) else value


def _plain(made: Any) -> Any:
    if isinstance(made, list):
        return [_plain(one) for one in made]
    return made.model_dump(by_alias=True) if hasattr(made, "model_dump") else made


# -- what belongs together


def _odd_keys(tables: Tables) -> Iterator[Offence]:
    for name in ("tasks", "sections"):
        for number, record in tables[name].items():
            try:
                checked_key("sortKey", record["sortKey"])
            except InvalidInput as error:
                yield Offence((name, number, "sortKey"), error.message, "invalid_string")


def _odd_users(tables: Tables) -> Iterator[Offence]:
    avatars = _by_id(tables["avatars"])
    for number, user in tables["users"].items():
        if user["isOAuthLinked"] != (user["provider"] is not None):
            yield Offence(("users", number, "isOAuthLinked"), "True for whom a provider linked, and nobody else.")
        if user["avatar"] is not None and avatars.get(user["avatar"], {}).get("userId") != user["id"]:
            yield Offence(("users", number, "avatar"), "This is not in avatars.", "unknown_reference")


def _odd_avatars(tables: Tables) -> Iterator[Offence]:
    shown = {user["avatar"] for user in tables["users"].values()}
    for number, avatar in tables["avatars"].items():
        here = ("avatars", number)
        if not avatar["id"].startswith(f"{avatar['userId']}_"):
            yield Offence((*here, "id"), "Expected <userId>_<7 characters>.", "invalid_string")
        if avatar["id"] not in shown:
            yield Offence((*here, "id"), "This is nobody's avatar.")
        for field, message in _odd_image(avatar):
            yield Offence((*here, field), message, "invalid_image")


def _odd_image(avatar: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    try:
        content = base64.b64decode(avatar["base64"], validate=True)
        kind = image_type(content)
    except (binascii.Error, ValueError):
        yield "base64", "This is not base64."
    except InvalidInput as error:
        yield "base64", error.message
    else:
        if kind != avatar["type"]:
            yield "type", f"The content is {kind}."
        if base64.b64encode(content).decode() != avatar["base64"]:
            yield "base64", _NOT_AS_STORED


def _odd_projects(tables: Tables) -> Iterator[Offence]:
    members = {space["id"]: set(space["memberIds"]) for space in tables["workspaces"].values()}
    slugs: set[tuple[str, str]] = set()
    for number, project in tables["projects"].items():
        here = ("projects", number)
        inbox, space = project["isDefault"], project["workspaceId"]
        if project["personal"] is (inbox or space is not None):
            yield Offence((*here, "personal"), "A project is the Inbox, personal, or of a workspace.")
        if inbox and (project["name"], project["slug"], space) != ("Inbox", "inbox", None):
            yield Offence((*here, "name"), "The Inbox is named Inbox, and belongs to no workspace.")
        if space is not None and project["userId"] not in members[space]:
            yield Offence((*here, "workspaceId"), "The project's maker is not a member of this workspace.")
        for user_id in [project["userId"]] if space is None else sorted(members[space]):
            if project["slug"] is not None and (user_id, project["slug"]) in slugs:
                yield Offence((*here, "slug"), "There is another project with this slug.", "not_unique")
                break
            slugs.add((user_id, project["slug"]))


def _odd_tags(tables: Tables) -> Iterator[Offence]:
    taken: set[tuple[str, str]] = set()
    for number, tag in tables["tags"].items():
        if (tag["userId"], tag["name"]) in taken:
            yield Offence(("tags", number, "name"), "There is another tag of this name.", "not_unique")
        taken.add((tag["userId"], tag["name"]))


def _odd_tasks(tables: Tables) -> Iterator[Offence]:
    world = _Around(tables)
    for number, task in tables["tasks"].items():
        for field, message in world.odd(task):
            yield Offence(("tasks", number, field), message)


class _Around:
    """What tasks refer to, by id."""

    def __init__(self, tables: Tables) -> None:
        self._tasks, self._sections = _by_id(tables["tasks"]), _by_id(tables["sections"])
        self._owners = {tag["id"]: tag["userId"] for tag in tables["tags"].values()}
        members = {space["id"]: frozenset(space["memberIds"]) for space in tables["workspaces"].values()}
        self._users = {
            project["id"]: members.get(project["workspaceId"], frozenset((project["userId"],)))
            for project in tables["projects"].values()
        }

    def odd(self, task: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """The fields of a task that do not go with the rest, each with the reason."""
        owner, parent, section = task["userId"], task["parentId"], task["projectSectionId"]
        if owner not in self._users[task["projectId"]]:
            yield "projectId", "The project is not open to the task's owner."
        if section is not None and self._sections[section]["projectId"] != task["projectId"]:
            yield "projectSectionId", "The section is not in the task's project."
        if any(self._owners[tag] != owner for tag in task["tags"]):
            yield "tags", "A tag belongs to somebody else."
        if parent is not None and self._tasks[parent]["userId"] != owner:
            yield "parentId", "The parent belongs to somebody else."
        if parent is not None and self._tasks[parent]["parentId"] is not None:
            yield "parentId", "The parent is a subtask itself."
        if task["isAllDay"] and task["dueTime"] is not None:
            yield "dueTime", "A task of a whole day has no time."
        if task["completed"] is (task["completedAt"] is None):
            yield "completedAt", "A task has this if it is completed, and only then."


def _by_id(table: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {record["id"]: record for record in table.values()}


_RULES: tuple[Callable[[Tables], Iterator[Offence]], ...] = (
    _odd_keys,
    _odd_users,
    _odd_avatars,
    _odd_projects,
    _odd_tags,
    _odd_tasks,
)
