"""Searching tasks, tags and projects (contract, section 4)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from mockflow.domain import relations, views
from mockflow.domain.world import World
from mockflow.store import Record

MOST_TASKS = 20
MOST_OTHERS = 10

_PUNCTUATION = ".,;:!?\"'()[]{}<>«»„“”‘’…"

# Ranks of one term, best first: whole word, prefix, inner part; those in a title before those in a description.
_WHOLE, _PREFIX, _INNER, _DESCRIPTION = 0, 1, 2, 3


def search(world: World, user: Record, query: str) -> dict[str, list[views.View]]:
    """At most 20 tasks, best first, and 10 tags and projects, by name; every term has to match."""
    terms = _plain(query).split()
    return {
        "todos": [views.task_hit(task) for task in _tasks(world, user, terms)],
        "tags": [views.tag(tag) for tag in _named(world.store.tags.having("user", user["id"]), terms)],
        "projects": [views.project_hit(project) for project in _named(relations.projects_of(world, user), terms)],
    }


def _tasks(world: World, user: Record, terms: list[str]) -> list[Record]:
    ranked = (
        (rank, task["sortKey"], task.doc_id, task)
        for task in world.store.tasks.having("user", user["id"])
        if (rank := _rank(task, terms)) is not None
    )
    return [task for *_, task in sorted(ranked, key=lambda found: found[:3])][:MOST_TASKS]


def _named(records: Iterable[Record], terms: list[str]) -> list[Record]:
    found = [record for record in records if all(term in _plain(record["name"]) for term in terms)]
    return sorted(found, key=lambda record: (_plain(record["name"]), record.doc_id))[:MOST_OTHERS]


def _rank(task: Record, terms: list[str]) -> int | None:
    """How well all terms match, 0 best; None where one does not."""
    title, description = _plain(task["title"]), _plain(task["description"] or "")
    total = 0
    for term in terms:
        if term in title:
            total += _place(term, title)
        elif term in description:
            total += _DESCRIPTION + _place(term, description)
        else:
            return None
    return total


def _place(term: str, text: str) -> int:
    """The best way in which a term is a part of a word of the text."""
    return min(_part(term, word) for word in text.split() if term in word)


def _part(term: str, word: str) -> int:
    bare = word.strip(_PUNCTUATION)
    if term in (word, bare):
        return _WHOLE
    return _PREFIX if word.startswith(term) or bare.startswith(term) else _INNER


def _plain(text: str) -> str:
    """In one case, and with accents written in one way."""
    return unicodedata.normalize("NFC", text).casefold()
