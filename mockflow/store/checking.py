"""Whether tables are ours: the fields, their types, the look of some texts, and what refers to what.

Works column by column, a few records at a time: quickly, and so that other threads get a turn.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from operator import itemgetter
from typing import Any

from mockflow.errors import Offence
from mockflow.store.schema import TABLES, VERSION, TableSchema, version_of

Numbered = list[tuple[str, dict[str, Any]]]
"""Some records of a table with their numbers, as a document has them."""

_NUMBER = re.compile(r"[1-9][0-9]{0,17}")
_PIECE = 1000


def flaw(tables: Any) -> Offence | None:
    """The first thing that is wrong with the content of a file or a document: `tasks.17.sortKey`, and what."""
    if not isinstance(tables, dict):
        return Offence((), "Expected an object of tables.", "invalid_type")
    version = version_of(tables)
    if version > VERSION:
        told = f"Written by a newer mockflow: schema {version}, this one knows {VERSION}."
        return Offence(("meta",), told, "too_new")
    return next(_flaws(tables), None)


def told(found: Offence) -> str:
    """In words: where, then what."""
    return f"{'.'.join(map(str, found.path))}: {found.message}".removeprefix(": ").removesuffix(".")


def in_pieces(table: Mapping[str, Any]) -> Iterator[Numbered]:
    """The records of a table, a few at a time."""
    rest = iter(table.items())
    while piece := list(islice(rest, _PIECE)):
        yield piece


def _flaws(tables: Mapping[str, Any]) -> Iterator[Offence]:
    for name in tables:
        if name not in TABLES:
            yield Offence((name,), "This table is none of ours.", "unrecognized_keys")
    for name, schema in TABLES.items():
        if not isinstance(tables.get(name), dict):
            yield Offence((name,), "This table is missing.", "invalid_type")
            return
        yield from _flaws_in(name, tables[name], schema)
    yield from _odd_whole(tables)
    yield from _lost_references(tables)


def _flaws_in(name: str, table: Mapping[str, Any], schema: TableSchema) -> Iterator[Offence]:
    fitting: dict[str, set[str]] = {field: set() for field in schema.forms}
    for piece in in_pieces(table):
        yield from _odd_records(name, piece, schema)
        yield from _odd_types(name, piece, schema)
        for field, (wanted, fits) in schema.forms.items():
            texts = set(_column(piece, field)) - fitting[field] - {None}
            odd = {text for text in texts if not fits(text)}
            fitting[field] |= texts - odd
            if odd:
                number = _number(piece, field, odd.__contains__)
                yield Offence((name, number, field), f"This is not {wanted}.", "invalid_string")


def _odd_records(name: str, piece: Numbered, schema: TableSchema) -> Iterator[Offence]:
    names = schema.fields.keys()
    for number, record in piece:
        if not _NUMBER.fullmatch(number) or not isinstance(record, dict):
            yield Offence((name, number), "This is not a numbered record.", "invalid_type")
        elif record.keys() != names:
            for field in names - record.keys():
                yield Offence((name, number, field), "Required.", "invalid_type")
            for field in sorted(record.keys() - names):
                yield Offence((name, number, field), "There is no such field.", "unrecognized_keys")


def _odd_types(name: str, piece: Numbered, schema: TableSchema) -> Iterator[Offence]:
    for field, types in schema.fields.items():
        odd = set(map(type, _column(piece, field))).difference(types)
        if odd:
            number = _number(piece, field, lambda value, odd=odd: type(value) in odd)  # type: ignore[misc]
            yield Offence((name, number, field), "This is of the wrong type.", "invalid_type")
        elif field in schema.references and list in types:
            for number, record in piece:
                if any(type(item) is not str for item in record[field]):
                    yield Offence((name, number, field), "This is of the wrong type.", "invalid_type")


def _odd_whole(tables: Mapping[str, Any]) -> Iterator[Offence]:
    """What is wrong with the tables together."""
    if [row["id"] for row in tables["meta"].values()] != ["meta"]:
        yield Offence(("meta",), "This does not have the one record it needs.")
    inboxes = [project["userId"] for project in tables["projects"].values() if project["isDefault"]]
    if sorted(inboxes) != sorted(user["id"] for user in tables["users"].values()):
        yield Offence(("projects",), "Not every user has one Inbox.")
    emails: set[str] = set()
    for number, user in tables["users"].items():
        if user["email"] in emails:
            yield Offence(("users", number, "email"), "The same e-mail is there twice.", "not_unique")
        emails.add(user["email"])


def _lost_references(tables: Mapping[str, Any]) -> Iterator[Offence]:
    ids = {name: _ids(tables[name]) for name in TABLES}
    for name, schema in TABLES.items():
        if len(ids[name]) < len(tables[name]):
            yield Offence((name,), "The same id is there twice.", "not_unique")
        for field, target in schema.references.items():
            for piece in in_pieces(tables[name]):
                values = _column(piece, field)
                several = list in schema.fields[field]
                named = {item for value in values for item in value} if several else set(values)
                lost = named - ids[target] - {None}
                if lost:
                    number = _number(piece, field, _names_any_of(lost))
                    yield Offence((name, number, field), f"This is not in {target}.", "unknown_reference")


def _names_any_of(lost: set[Any]) -> Callable[[Any], bool]:
    return lambda value: not lost.isdisjoint(value if isinstance(value, list) else [value])


def _ids(table: Mapping[str, Any]) -> set[str]:
    found: set[str] = set()
    for piece in in_pieces(table):
        found.update(_column(piece, "id"))
    return found


def _column(piece: Numbered, field: str) -> Iterable[Any]:
    return map(itemgetter(field), [record for _, record in piece])


def _number(piece: Numbered, field: str, is_odd: Callable[[Any], bool]) -> str:
    return next(number for number, record in piece if is_odd(record[field]))
