"""The three searches compare alike: accents written in either way, any case; at most 50 different terms."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from mockflow.domain import search
from tests.support import Api, fields_of

FIELD = {"/api/v2/todo/search": "q", "/api/v2/tag": "search", "/api/v2/projects/personal": "search"}
each_search = pytest.mark.parametrize("path", FIELD)

PAIRS = [
    ("R\u00e9sum\u00e9", unicodedata.normalize("NFD", "r\u00e9sum\u00e9")),
    (unicodedata.normalize("NFD", "\u00c5ngstr\u00f6m"), "\u00e5NGSTR\u00d6M"),
    ("stra\u00dfe", "STRASSE"),
    ("\u212bngstrom", "\u00e5ngstrom"),
    ("\uac00\ub098", unicodedata.normalize("NFD", "\uac00\ub098")),
]


def found(api: Api, path: str, text: str) -> list[str]:
    """The names that a search finds."""
    reply = api.get(path, **{FIELD[path]: text})
    assert reply.status_code == 200, reply.text
    (records,) = [reply.json[key] for key in ("todos", "personalProjects", "tags") if key in reply.json][:1]
    return [record.get("title") or record["name"] for record in records]


@each_search
@pytest.mark.parametrize(("one", "other"), PAIRS, ids=ascii)
def test_a_name_is_found_however_it_is_written(ann: Api, path: str, one: str, other: str) -> None:
    for stored, looked_for in ((one, other), (other, one)):
        ann.task(f"{stored} task")
        ann.tag(f"{stored} {stored!a}")
        ann.project(f"{stored} project")
        assert any(name.startswith(stored) for name in found(ann, path, looked_for))


def test_a_search_of_tasks_finds_tags_and_projects_alike(ann: Api) -> None:
    ann.tag("Re\u0301sume\u0301")
    ann.project("RE\u0301SUME\u0301")
    reply = ann.get("/api/v2/todo/search", q="r\u00e9sum\u00e9")
    assert [len(reply.json[kind]) for kind in ("todos", "tags", "projects")] == [0, 1, 1]


@each_search
def test_more_than_fifty_different_terms_are_refused(ann: Api, path: str) -> None:
    fifty = " ".join(f"t{number}" for number in range(50))
    for text in (fifty, f"{fifty} T1 t2", f"{fifty}\u3000t3", "a " * 5000):
        assert found(ann, path, text) == []
    for text in (f"{fifty} t50", f"{fifty}\ufeffT50", " ".join(f"{number}" for number in range(5000))):
        reply = ann.get(path, **{FIELD[path]: text})
        assert fields_of(reply) == [[FIELD[path]]]
        assert reply.json["errors"][0]["code"] == "too_big"
        assert "at most 50 different terms" in reply.json["message"]


def test_words_are_those_between_javascripts_white_space(ann: Api) -> None:
    ann.task("milk\u3000and\ufeffbread")
    assert found(ann, "/api/v2/todo/search", "bread\u2028milk") == ["milk\u3000and\ufeffbread"]
    assert fields_of(ann.get("/api/v2/todo/search", q="\ufeff\u3000")) == [["q"]]
    assert found(ann, "/api/v2/todo/search", "\x1f") == []


@pytest.mark.parametrize(
    ("term", "best_first"),
    [
        ("milk", ["milk", "(milk)", "milky", "the oatmilk"]),
        ("!milk", ["!milk"]),
        ("milk!", ["buy milk!"]),
    ],
)
def test_the_rank_is_that_of_the_best_word(ann: Api, term: str, best_first: list[str]) -> None:
    for title in reversed(best_first):
        ann.task(title, description="milk")
    assert found(ann, "/api/v2/todo/search", term) == best_first or len(best_first) > 1
    ranks = [search._rank({"title": title, "description": None}, [term]) for title in best_first]  # type: ignore[arg-type]
    assert ranks == sorted(ranks)  # type: ignore[type-var]


def steps(call: Callable[[], object]) -> int:
    """How many lines and calls of the search something takes."""
    count = 0

    def trace(frame: FrameType, _event: str, _: object) -> Any:
        nonlocal count
        if frame.f_code.co_filename != search.__file__:
            return None
        count += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("word", ["a ", "ab, ", "a\u0301 ", "{} "])
def test_terms_and_words_are_not_multiplied(word: str) -> None:
    def searched(size: int, terms: int) -> int:
        text = "".join(word.format(number) for number in range(size))
        asked = [text[:length] for length in range(1, terms)]
        return steps(lambda: search._rank({"title": "x", "description": text}, ["a", *asked]))  # type: ignore[arg-type]

    few, longer, more = searched(1000, 10), searched(2000, 10), searched(1000, 20)
    assert longer - few <= 4 * 1000 + 50
    assert more - few <= 10 * 10
