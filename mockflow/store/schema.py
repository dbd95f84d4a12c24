"""The tables: which fields a record has, and by which keys it is found.

Field names are those of the wire where the API shows them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from mockflow.store.table import IndexKey, Record

_DAY_FORM = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT_FORM = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z", re.ASCII)

VERSION = 2
"""Grows when a record's shape changes: `lifting` says how. A file of a newer version is refused."""

PREFERENCES: Mapping[str, Any] = {
    "emailEnabled": True,
    "reminderBefore": 30,
    "taskRemainders": True,
    "automaticRemainder": True,
    "dailyDigest": False,
    "digestTime": None,
}
"""What a user has without having chosen."""


Form = tuple[str, Callable[[str], bool]]
"""What a text is to be, in words, and whether it is that."""


_NOTHING: Mapping[str, Any] = MappingProxyType({})


class TableSchema(NamedTuple):
    """One table: the fields of its records, each with the Python types its value may have; its indexes; and
    which fields hold ids of records (one id, a list of them, or None) of which table."""

    fields: Mapping[str, tuple[type, ...]]
    indexes: Mapping[str, IndexKey] = _NOTHING
    orders: Mapping[str, str] = _NOTHING
    """By which field the records are ordered that an index lists under one key."""
    references: Mapping[str, str] = _NOTHING
    forms: Mapping[str, Form] = _NOTHING
    """What the values of some fields have to look like, where they are not None."""
    defaults: Mapping[str, Any] = _NOTHING
    """What a record has that was written before there was such a field, where the rest of it does not say more
    (see `lifting`); other fields must never be missing."""


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
    """By a field; a record that has nothing there is not listed."""

    def keys(record: Record) -> Iterable[Any]:
        value = record[name]
        return () if value is None else (value,)

    return keys


def _by_each(name: str) -> IndexKey:
    def keys(record: Record) -> Iterable[Any]:
        return tuple(record[name])

    return keys


def _by_user_and_day(record: Record) -> Iterable[Any]:
    return ((record["userId"], record["dueDate"]),)


TABLES: Mapping[str, TableSchema] = {
    "meta": TableSchema(
        {"id": _TEXT, "schema": _NUMBER, "seeds": _TEXT, "seed": _NUMBER, "draws": _NUMBER, "personas": _LIST},
        defaults={"personas": []},
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
        defaults={
            "name": None,
            "avatar": None,
            "isOAuthLinked": False,
            "preferences": PREFERENCES,
        },
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
        defaults={"code": None, "expiresAt": "", "requests": [], "failures": []},
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
        defaults={"code": None},
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
        defaults={"slug": None, "isDefault": False, "taskDisplayPreferences": None, "workspaceId": None},
    ),
    "sections": TableSchema(
        {"id": _TEXT, "name": _TEXT, "sortKey": _TEXT, "projectId": _TEXT},
        {"project": _by("projectId")},
        {"project": "sortKey"},
        references={"projectId": "projects"},
        defaults={"sortKey": None},
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
        defaults={
            "description": None,
            "priority": None,
            "dueDate": None,
            "dueTime": None,
            "isAllDay": True,
            "completed": False,
            "completedAt": None,
            "color": None,
            "sortKey": None,
            "reminder": False,
            "tags": [],
            "parentId": None,
            "projectId": None,
            "projectSectionId": None,
            "recurrenceRule": None,
            "recurrenceEndDate": None,
            "updatedAt": None,
        },
    ),
}


def version_of(tables: Mapping[str, Any]) -> int:
    """The version that tables say they are of; 0 where they say none."""
    meta = tables.get("meta")
    rows = list(meta.values()) if isinstance(meta, dict) else []
    version = rows[0].get("schema") if rows and isinstance(rows[0], dict) else None
    return version if isinstance(version, int) else 0
