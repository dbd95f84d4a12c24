"""From the shape that tables had in older versions to the present one.

| version | since | what it was |
|---|---|---|
| 1 | 0.1.0 | sort keys of up to 500 characters; names and titles as they were sent |
| 2 | 0.2.0 | sort keys of up to 200 characters; names and titles are trimmed, and have no control characters |

A table without one of the fields that have a default is of an older version, whatever it says.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from itertools import count, product
from string import ascii_lowercase, ascii_uppercase, digits
from typing import Any

from mockflow.store.loglines import Document
from mockflow.store.schema import PREFERENCES, TABLES, VERSION, version_of

_LONGEST_KEY = 200
_MISSING = "~"
"""Stands for a sort key that is not there, behind all others."""
_SPACES = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
_NAMED = {
    "users": "name",
    "workspaces": "name",
    "projects": "name",
    "sections": "name",
    "tags": "name",
    "tasks": "title",
}
_LENGTHS = {"tags": 50, "tasks": 500}
_NAME_LENGTH = 255
_KEYED = {"tasks": ("userId", "dueDate"), "sections": ("projectId",)}
"""Among which records the sort keys of a table count."""


def lifted(tables: Any) -> tuple[Any, int | None]:
    """Tables in the present shape, and the version they were of; None where nothing had to be done.

    What is given is not changed. What no version can have meant stays as it is, for whoever checks it.
    """
    if not _is_document(tables):
        return tables, None
    version = version_of(tables)
    complete = all(_is_complete(name, tables.get(name)) for name in TABLES)
    if version > VERSION or (version == VERSION and complete):
        return tables, None
    document = {name: _completed(name, tables.get(name, {}), tables) for name in TABLES}
    document |= {name: table for name, table in tables.items() if name not in TABLES}
    _mend(document)
    return document, min(version, VERSION - 1) or 1


def _is_document(tables: Any) -> bool:
    """Whether it is one as far as that matters here."""
    return (
        isinstance(tables, dict)
        and all(isinstance(table, dict) for table in tables.values())
        and all(isinstance(record, dict) for table in tables.values() for record in table.values())
        and "meta" in tables
        and len(tables["meta"]) == 1
    )


def _is_complete(name: str, table: Mapping[str, Any] | None) -> bool:
    wanted = TABLES[name].defaults.keys()
    return table is not None and all(record.keys() >= wanted for record in table.values())


def _completed(name: str, table: Mapping[str, Any], tables: Mapping[str, Any]) -> dict[str, Any]:
    schema = TABLES[name]
    inboxes = {
        project.get("userId"): project.get("id")
        for project in tables.get("projects", {}).values()
        if project.get("isDefault", project.get("slug") == "inbox")
    }
    completed = {}
    for number, record in table.items():
        fields = {**schema.defaults, **_derived(record, inboxes), **record}
        if "projectId" not in record:
            fields["projectSectionId"] = None
        if isinstance(fields.get("preferences"), dict):
            fields["preferences"] = {**PREFERENCES, **fields["preferences"]}
        completed[number] = {field: fields[field] for field in schema.fields if field in fields}
    return completed


def _derived(record: Mapping[str, Any], inboxes: Mapping[Any, Any]) -> dict[str, Any]:
    """Defaults that depend on the rest of a record."""
    given = record.get
    return {
        "projectId": inboxes.get(given("userId")),
        "isAllDay": given("dueTime") is None,
        "completed": given("completedAt") is not None,
        "completedAt": given("updatedAt", given("createdAt")) if given("completed") else None,
        "updatedAt": given("createdAt"),
        "isDefault": given("slug") == "inbox",
        "slug": "inbox" if given("isDefault") else None,
        "isOAuthLinked": given("provider") is not None,
    }


def _mend(document: Document) -> None:
    """What was right once and is not any more."""
    for record in document["meta"].values():
        record["schema"] = VERSION
    for name, field in _NAMED.items():
        for record in document[name].values():
            if isinstance(record.get(field), str):
                record[field] = _mended(record[field], _LENGTHS.get(name, _NAME_LENGTH))
    _tell_tags_apart(document)
    for name, fields in _KEYED.items():
        _give_keys(document[name], fields)


def _mended(text: str, longest: int) -> str:
    if not text.isprintable():
        text = "".join(" " if unicodedata.category(letter) == "Cc" else letter for letter in text)
    return text.strip(_SPACES)[:longest].strip(_SPACES) or "Untitled"


def _tell_tags_apart(document: Document) -> None:
    taken: set[tuple[Any, Any]] = set()
    for tag in document["tags"].values():
        if (owner := tag.get("userId"), tag.get("name")) in taken:
            ends = (f" {number}" for number in count(2))
            tag["name"] = next(
                name for end in ends if (owner, name := tag["name"][: 50 - len(end)] + end) not in taken
            )
        taken.add((owner, tag.get("name")))


def _give_keys(table: Mapping[str, Any], fields: tuple[str, ...]) -> None:
    """New keys where one is missing or too long, in the order that there was."""
    groups: dict[Any, list[tuple[str, int, Any]]] = {}
    for number, record in table.items():
        key = record["sortKey"] if isinstance(record.get("sortKey"), str) else _MISSING
        place = int(number) if number.isdecimal() else 0
        groups.setdefault(tuple(str(record.get(field)) for field in fields), []).append((key, place, record))
    for members in groups.values():
        if any(key == _MISSING or len(key) > _LONGEST_KEY for key, _, _ in members):
            for (_, _, record), key in zip(sorted(members, key=lambda one: one[:2]), _keys(), strict=False):
                record["sortKey"] = key


def _keys() -> Iterator[str]:
    """Fractional index keys one after the other: a0, …, az, b00, …"""
    letters = digits + ascii_uppercase + ascii_lowercase
    for width, head in enumerate(ascii_lowercase, 1):
        for tail in product(letters, repeat=width):
            yield head + "".join(tail)
