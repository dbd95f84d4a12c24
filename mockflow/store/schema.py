"""The tables: which fields a record has, and by which keys it is found.

Field names are those of the wire where the API shows them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain
from operator import itemgetter
from typing import Any

from mockflow.store.table import IndexKey, Record

_DAY_FORM = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT_FORM = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z", re.ASCII)
_NUMBER_FORM = re.compile(r"[1-9][0-9]{0,17}")

VERSION = 1
"""Grows when a record's shape changes; a file of a newer version is refused."""


Form = tuple[str, Callable[[str], bool]]
"""What a text is to be, in words, and whether it is that."""


@dataclass(frozen=True)
class TableSchema:
    """One table: the fields of its records, each with the Python types its value may have; its indexes; and
    which fields hold ids of records (one id, a list of them, or None) of which table."""

    fields: Mapping[str, tuple[type, ...]]
    indexes: Mapping[str, IndexKey] = field(default_factory=dict)
    orders: Mapping[str, str] = field(default_factory=dict)
    """By which field the records are ordered that an index lists under one key."""
    references: Mapping[str, str] = field(default_factory=dict)
    forms: Mapping[str, Form] = field(default_factory=dict)
    """What the values of some fields have to look like, where they are not None."""


def _is_moment(text: str) -> bool:
    return _MOMENT_FORM.fullmatch(text) is not None and _parses(datetime, text)


def _is_day(text: str) -> bool:
    return _DAY_FORM.fullmatch(text) is not None and _parses(date, text)


def _parses(kind: type[date], text: str) -> bool:
    try:
        kind.fromisoformat(text)
    except ValueError:
        return False
    return True


_MOMENT: Form = ("a moment such as 2026-03-10T12:00:00.000Z", _is_moment)
_MOMENT_OR_EMPTY: Form = ("a moment, or empty", lambda text: not text or _is_moment(text))
_DAY: Form = ("a day such as 2026-03-10", _is_day)
_PRIORITY: Form = ("high, medium or low", lambda text: text in ("high", "medium", "low"))

_TEXT: tuple[type, ...] = (str,)
_TEXT_OR_NONE: tuple[type, ...] = (str, type(None))
_FLAG: tuple[type, ...] = (bool,)
_NUMBER: tuple[type, ...] = (int,)
_LIST: tuple[type, ...] = (list,)
_OBJECT: tuple[type, ...] = (dict,)
_OBJECT_OR_NONE: tuple[type, ...] = (dict, type(None))


def _by(name: str) -> IndexKey:
    return lambda record: (record[name],)


def _by_each(name: str) -> IndexKey:
    def keys(record: Record) -> Iterable[Any]:
        return tuple(record[name])

    return keys


def _by_user_and_day(record: Record) -> Iterable[Any]:
    return ((record["userId"], record["dueDate"]),)


TABLES: Mapping[str, TableSchema] = {
    "meta": TableSchema(
        {"id": _TEXT, "schema": _NUMBER, "seeds": _TEXT, "seed": _NUMBER, "draws": _NUMBER, "personas": _LIST}
    ),
    "users": TableSchema(
        {
            "id": _TEXT,
            "name": _TEXT_OR_NONE,
            "email": _TEXT,
            "avatar": _TEXT_OR_NONE,
            "passwordHash": _TEXT_OR_NONE,
            "isOAuthLinked": _FLAG,
            "provider": _TEXT_OR_NONE,
            "preferences": _OBJECT,
            "createdAt": _TEXT,
        },
        {"email": _by("email")},
        forms={"createdAt": _MOMENT},
    ),
    "sessions": TableSchema(
        {"id": _TEXT, "userId": _TEXT, "createdAt": _TEXT, "expiresAt": _TEXT},
        {"user": _by("userId")},
        references={"userId": "users"},
        forms={"createdAt": _MOMENT, "expiresAt": _MOMENT},
    ),
    # One record an address: its latest passcode and what counts towards the limits.
    "passcodes": TableSchema(
        {"id": _TEXT, "code": _TEXT_OR_NONE, "expiresAt": _TEXT, "requests": _LIST, "failures": _LIST},
        forms={"expiresAt": _MOMENT_OR_EMPTY},
    ),
    "outbox": TableSchema(
        {
            "id": _TEXT,
            "to": _TEXT,
            "kind": _TEXT,
            "subject": _TEXT,
            "text": _TEXT,
            "code": _TEXT_OR_NONE,
            "sentAt": _TEXT,
        },
        forms={"sentAt": _MOMENT},
    ),
    "avatars": TableSchema(
        {"id": _TEXT, "userId": _TEXT, "type": _TEXT, "base64": _TEXT}, references={"userId": "users"}
    ),
    "workspaces": TableSchema(
        {"id": _TEXT, "name": _TEXT, "memberIds": _LIST},
        {"member": _by_each("memberIds")},
        references={"memberIds": "users"},
    ),
    "projects": TableSchema(
        {
            "id": _TEXT,
            "name": _TEXT,
            "personal": _FLAG,
            "slug": _TEXT_OR_NONE,
            "isDefault": _FLAG,
            "taskDisplayPreferences": _OBJECT_OR_NONE,
            "userId": _TEXT,
            "workspaceId": _TEXT_OR_NONE,
        },
        {"user": _by("userId"), "workspace": _by("workspaceId")},
        references={"userId": "users", "workspaceId": "workspaces"},
    ),
    "sections": TableSchema(
        {"id": _TEXT, "name": _TEXT, "sortKey": _TEXT, "projectId": _TEXT},
        {"project": _by("projectId")},
        {"project": "sortKey"},
        references={"projectId": "projects"},
    ),
    "tags": TableSchema(
        {"id": _TEXT, "userId": _TEXT, "name": _TEXT, "color": _TEXT},
        {"user": _by("userId")},
        references={"userId": "users"},
    ),
    "tasks": TableSchema(
        {
            "id": _TEXT,
            "userId": _TEXT,
            "title": _TEXT,
            "description": _TEXT_OR_NONE,
            "priority": _TEXT_OR_NONE,
            "dueDate": _TEXT_OR_NONE,
            "dueTime": _TEXT_OR_NONE,
            "isAllDay": _FLAG,
            "completed": _FLAG,
            "completedAt": _TEXT_OR_NONE,
            "color": _TEXT_OR_NONE,
            "sortKey": _TEXT,
            "reminder": _FLAG,
            "tags": _LIST,
            "parentId": _TEXT_OR_NONE,
            "projectId": _TEXT,
            "projectSectionId": _TEXT_OR_NONE,
            "recurrenceRule": _OBJECT_OR_NONE,
            "recurrenceEndDate": _TEXT_OR_NONE,
            "createdAt": _TEXT,
            "updatedAt": _TEXT,
        },
        {
            "user": _by("userId"),
            "project": _by("projectId"),
            "section": _by("projectSectionId"),
            "parent": _by("parentId"),
            "tag": _by_each("tags"),
            "day": _by_user_and_day,
        },
        {"day": "sortKey", "user": "sortKey"},
        references={
            "userId": "users",
            "tags": "tags",
            "parentId": "tasks",
            "projectId": "projects",
            "projectSectionId": "sections",
        },
        forms={
            "priority": _PRIORITY,
            "dueDate": _DAY,
            "dueTime": _MOMENT,
            "completedAt": _MOMENT,
            "recurrenceEndDate": _DAY,
            "createdAt": _MOMENT,
            "updatedAt": _MOMENT,
        },
    ),
}


def refusal(tables: Any) -> str | None:
    """Why the content of a file cannot be taken, or None: "tasks 17 has no sortKey"."""
    if not isinstance(tables, dict):
        return "it is no object of tables"
    if (version := _version_of(tables)) > VERSION:
        return f"it was written by a newer mockflow (schema {version}, this one knows {VERSION})"
    return _flaw(tables)


def _version_of(tables: Mapping[str, Any]) -> int:
    meta = tables.get("meta")
    rows = list(meta.values()) if isinstance(meta, dict) else []
    version = rows[0].get("schema") if rows and isinstance(rows[0], dict) else None
    return version if isinstance(version, int) else 0


def _flaw(tables: Mapping[str, Any]) -> str | None:
    for name in tables:
        if name not in TABLES:
            return f"it has a table {name}, which is none of ours"
    for name, schema in TABLES.items():
        table = tables.get(name)
        if not isinstance(table, dict):
            return f"it has no table {name}"
        found = _flaw_in(table, schema)
        if found:
            return f"{name} {found}"
    return _odd_form(tables) or _odd_whole(tables) or _lost_reference(tables)


def _odd_form(tables: Mapping[str, Any]) -> str | None:
    """The first text that is not what it has to be. Each is looked at once, however many records have it."""
    for name, schema in TABLES.items():
        for field_name, (wanted, fits) in schema.forms.items():
            texts = set(map(itemgetter(field_name), tables[name].values())) - {None}
            odd = next((text for text in texts if not fits(text)), None)
            if odd is not None:
                number = next(key for key, record in tables[name].items() if record[field_name] == odd)
                return f"{name} {number} has a {field_name} that is not {wanted}"
    return None


def _odd_whole(tables: Mapping[str, Any]) -> str | None:
    """What is wrong with the tables together."""
    if [row["id"] for row in tables["meta"].values()] != ["meta"]:
        return "meta has not the one record it needs"
    inboxes = [project["userId"] for project in tables["projects"].values() if project["isDefault"]]
    if sorted(inboxes) != sorted(user["id"] for user in tables["users"].values()):
        return "not every user has one Inbox"
    emails = [user["email"] for user in tables["users"].values()]
    return None if len(set(emails)) == len(emails) else "users has the same e-mail twice"


def _flaw_in(table: Mapping[str, Any], schema: TableSchema) -> str | None:
    """The first flaw of a table. Most records look alike: what was sound once is not looked at field by field."""
    values = itemgetter(*schema.fields)
    lists = [name for name in schema.references if schema.fields[name] is _LIST]
    sound: set[tuple[type, ...]] = set()
    for number, record in table.items():
        complete = isinstance(record, dict) and record.keys() >= schema.fields.keys()
        kinds = tuple(map(type, values(record))) if complete else ()
        alike = kinds in sound and _NUMBER_FORM.fullmatch(number) and not any(record[name] for name in lists)
        if not alike:
            found = _flaw_of(number, record, schema)
            if found:
                return f"{number} {found}"
            sound.add(kinds)
    return None


def _flaw_of(number: str, record: Any, schema: TableSchema) -> str | None:
    if not _NUMBER_FORM.fullmatch(number) or not isinstance(record, dict):
        return "is not a numbered record"
    for name, types in schema.fields.items():
        if name not in record:
            return f"has no {name}"
        if type(record[name]) not in types:
            return f"has a {name} of the wrong type"
    for name in schema.references:
        if isinstance(record[name], list) and not all(isinstance(item, str) for item in record[name]):
            return f"has a {name} of the wrong type"
    return None


def _lost_reference(tables: Mapping[str, Any]) -> str | None:
    ids = {name: {record["id"] for record in tables[name].values()} for name in TABLES}
    for name, schema in TABLES.items():
        if len(ids[name]) < len(tables[name]):
            return f"{name} has the same id twice"
        for field_name, target in schema.references.items():
            several = schema.fields[field_name] is _LIST
            values = [record[field_name] for record in tables[name].values()]
            named = set(chain.from_iterable(values) if several else values) - {None}
            lost = named - ids[target]
            if lost:
                number = next(
                    number
                    for number, record in tables[name].items()
                    if lost.intersection(record[field_name] if several else [record[field_name]])
                )
                return f"{name} {number} has a {field_name} that is not in {target}"
    return None
