"""Searching tasks, tags and projects (contract, section 4)."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from functools import cached_property
from heapq import nsmallest
from itertools import islice

from mockflow.domain import relations, views
from mockflow.domain.world import World
from mockflow.models.texts import folded, words
from mockflow.store import Record

MOST_TASKS = 20
MOST_OTHERS = 10
_MANY = 1000
_STEP = 50

_PUNCTUATION = ".,;:!?\"'()[]{}<>«»„“”‘’…"

# Ranks of one term, best first: whole word, prefix, inner part; those in a title before those in a description.
_WHOLE, _PREFIX, _INNER, _DESCRIPTION = 0, 1, 2, 3


def is_long(world: World, user: Record) -> bool:
    """Whether a user has so many tasks that to look through them takes its time."""
    return world.store.tasks.tally("user", user["id"]) > _MANY


def search(world: World, user: Record, query: str) -> Generator[None, None, dict[str, list[views.View]]]:
    """At most 20 tasks, best first, and 10 tags and projects, by name; every term has to match.

    In steps of a few tasks each; they are those of the beginning.
    """
    terms = list(dict.fromkeys(words(folded(query))))
    tasks = yield from _tasks(world, user, terms)
    return {
        "todos": [views.task_hit(task) for task in tasks],
        "tags": [views.tag(tag) for tag in _called(world.store.tags.having("user", user["id"]), terms)],
        "projects": [views.project_hit(project) for project in _called(relations.projects_of(world, user), terms)],
    }


def _tasks(world: World, user: Record, terms: list[str]) -> Generator[None, None, list[Record]]:
    rest = iter(world.store.tasks.having("user", user["id"]))
    best: list[tuple[int, str, int, Record]] = []
    while some := list(islice(rest, _STEP)):
        ranked = [
            (rank, task["sortKey"], task.doc_id, task) for task in some if (rank := _rank(task, terms)) is not None
        ]
        if ranked:
            best = nsmallest(MOST_TASKS, [*best, *ranked], key=lambda found: found[:3])
        yield
    return [task for *_, task in best]


def _called(records: Iterable[Record], terms: list[str]) -> list[Record]:
    names = ((folded(record["name"]), record.doc_id, record) for record in records)
    found = [(name, number, record) for name, number, record in names if all(term in name for term in terms)]
    return [record for *_, record in sorted(found, key=lambda one: one[:2])][:MOST_OTHERS]


def _rank(task: Record, terms: list[str]) -> int | None:
    """How well all terms match, 0 best; None where one does not."""
    title, description = _Searched(task["title"]), _Searched(task["description"] or "")
    total = 0
    for term in terms:
        if term in title.text:
            total += title.place(term)
        elif term in description.text:
            total += _DESCRIPTION + description.place(term)
        else:
            return None
    return total


class _Searched:
    """A text in which terms are looked up, each in one go: the words are not gone through for every term."""

    def __init__(self, text: str) -> None:
        self.text = folded(text)

    @cached_property
    def _words(self) -> str:
        """All words, and once more without the punctuation around them, each behind a space and before one."""
        found = words(self.text)
        return f" {' '.join([*found, *(word.strip(_PUNCTUATION) for word in found)])} "

    def place(self, term: str) -> int:
        """The best way in which a term that is in the text is a part of a word of it."""
        if f" {term} " in self._words:
            return _WHOLE
        return _PREFIX if f" {term}" in self._words else _INNER
