"""The order of sections: sort keys, `prevIndex` and `nextIndex` (contract, sections 4 and 5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from tests.support import JSON, Api, Reply, fields_of


@dataclass(frozen=True)
class Board:
    api: Api
    project: JSON

    @property
    def sections(self) -> list[JSON]:
        return list(self.api.get(f"/api/v2/projects/{self.project['id']}/sections").json["sections"])

    @property
    def names(self) -> str:
        return " ".join(section["name"] for section in self.sections)

    @property
    def keys(self) -> list[str]:
        return [section["sortKey"] for section in self.sections]

    def add(self, *names: str) -> None:
        for name in names:
            self.api.section(self.project["id"], name)

    def key(self, name: str) -> str:
        return str(self.named(name)["sortKey"])

    def named(self, name: str) -> JSON:
        return next(section for section in self.sections if section["name"] == name)

    def change(self, name: str, /, **body: Any) -> Reply:
        return self.api.patch(f"/api/v2/projects/{self.project['id']}/sections/{self.named(name)['id']}", **body)

    def place(self, place: dict[str, str | None]) -> dict[str, str | None]:
        return {field: None if name is None else self.key(name) for field, name in place.items()}


@pytest.fixture
def board(ann: Api) -> Board:
    made = Board(ann, ann.project())
    made.add("a", "b", "c", "d")
    return made


def test_sections_start_in_the_order_of_creation(board: Board) -> None:
    assert (board.names, board.keys) == ("a b c d", ["a0", "a1", "a2", "a3"])


@pytest.mark.parametrize(
    ("moved", "place", "order"),
    [
        ("c", {"prevIndex": None}, "c a b d"),
        ("d", {"prevIndex": None, "nextIndex": "a"}, "d a b c"),
        ("a", {"nextIndex": None}, "b c d a"),
        ("a", {"prevIndex": "d", "nextIndex": None}, "b c d a"),
        ("d", {"prevIndex": "a", "nextIndex": "b"}, "a d b c"),
        ("a", {"prevIndex": "b", "nextIndex": "c"}, "b a c d"),
        ("d", {"prevIndex": "a"}, "a d b c"),
        ("b", {"prevIndex": "d"}, "a c d b"),
        ("a", {"nextIndex": "d"}, "b c a d"),
        ("c", {"nextIndex": "a"}, "c a b d"),
        ("b", {"prevIndex": "a", "nextIndex": "c"}, "a b c d"),
        ("a", {"prevIndex": None, "nextIndex": "b"}, "a b c d"),
        ("d", {"prevIndex": "c", "nextIndex": None}, "a b c d"),
        ("a", {"prevIndex": None}, "a b c d"),
        ("d", {"nextIndex": None}, "a b c d"),
    ],
)
def test_a_section_goes_between_its_neighbours(
    board: Board, moved: str, place: dict[str, str | None], order: str
) -> None:
    others = {section["name"]: section for section in board.sections if section["name"] != moved}
    before = board.named(moved)
    body = board.place(place)
    response = board.change(moved, **body)
    assert response.status_code == 200
    updated = response.json["updatedSection"]
    assert {**updated, "todos": []} == {**before, "sortKey": updated["sortKey"]} == board.named(moved)
    assert board.names == order
    assert board.keys == sorted(set(board.keys))
    assert {section["name"]: section for section in board.sections if section["name"] != moved} == others


def test_a_section_between_two_has_the_key_that_the_algorithm_makes(board: Board) -> None:
    assert board.change("d", prevIndex="a0", nextIndex="a1").json["updatedSection"]["sortKey"] == "a0V"
    assert board.change("c", prevIndex=None, nextIndex="a0").json["updatedSection"]["sortKey"] == "Zz"
    assert board.change("a", prevIndex="a1", nextIndex=None).json["updatedSection"]["sortKey"] == "a2"


def test_the_only_section_has_no_neighbours(ann: Api) -> None:
    board = Board(ann, ann.project())
    board.add("a")
    for body in ({"prevIndex": None}, {"nextIndex": None}, {"prevIndex": None, "nextIndex": None}):
        assert board.change("a", **body).status_code == 200
        assert board.names == "a"


def test_a_section_is_renamed_and_moved_at_once(board: Board) -> None:
    assert board.change("a", name="z", nextIndex=None).json["updatedSection"]["name"] == "z"
    assert board.names == "b c d z"


def test_a_new_section_goes_behind_those_that_were_moved(board: Board) -> None:
    board.change("a", nextIndex=None)
    board.add("e")
    assert board.names == "b c d a e"
    board.change("e", prevIndex=None)
    board.add("f")
    assert board.names == "e b c d a f"


def test_there_is_always_room_between_two(board: Board) -> None:
    order = board.names.split()
    for _ in range(30):
        board.change(order[-1], prevIndex=board.key(order[0]), nextIndex=board.key(order[1]))
        order.insert(1, order.pop())
        assert board.names.split() == order
        assert len(set(board.keys)) == 4


def test_there_is_always_room_at_both_ends(board: Board) -> None:
    order = board.names.split()
    for number in range(12):
        if number % 3:
            board.change(order[-1], prevIndex=None)
            order.insert(0, order.pop())
        else:
            board.change(order[0], nextIndex=None)
            order.append(order.pop(0))
        assert board.names.split() == order


@pytest.mark.parametrize(
    ("moved", "place"),
    [
        ("b", {"prevIndex": "d", "nextIndex": "a"}),
        ("a", {"prevIndex": "c", "nextIndex": "b"}),
        ("a", {"prevIndex": "b", "nextIndex": "b"}),
    ],
    ids=["reversed", "reversed neighbours", "the same"],
)
def test_neighbours_have_to_be_in_order(board: Board, moved: str, place: dict[str, str | None]) -> None:
    before = board.sections
    response = board.change(moved, name="renamed", **board.place(place))
    assert {field for (field,) in fields_of(response)} <= {"prevIndex", "nextIndex"}
    assert board.sections == before


@pytest.mark.parametrize("field", ["prevIndex", "nextIndex"])
@pytest.mark.parametrize("nonsense", ["", "a", "?", "a0 ", "a00", "first", "0", 7, 0, True, ["a0"], {"key": "a0"}])
def test_a_neighbour_has_to_be_a_key(board: Board, field: str, nonsense: Any) -> None:
    before = board.sections
    assert fields_of(board.change("b", name="renamed", **{field: nonsense})) == [[field]]
    assert board.sections == before


# -- moving to another project


def test_a_section_that_moves_to_another_project_gets_a_place_of_its_own(ann: Api, board: Board) -> None:
    other = Board(ann, ann.project("Other"))
    other.add("x", "y")
    assert board.change("b", projectId=other.project["id"]).status_code == 200
    assert board.names == "a c d"
    assert sorted(other.names.split()) == ["b", "x", "y"]
    assert other.keys == sorted(set(other.keys))


@pytest.mark.parametrize(
    ("place", "order"),
    [
        ({"prevIndex": None}, "b x y z"),
        ({"prevIndex": None, "nextIndex": "x"}, "b x y z"),
        ({"prevIndex": "x", "nextIndex": "y"}, "x b y z"),
        ({"prevIndex": "y"}, "x y b z"),
        ({"nextIndex": "y"}, "x b y z"),
        ({"prevIndex": "z", "nextIndex": None}, "x y z b"),
        ({"nextIndex": None}, "x y z b"),
    ],
)
def test_the_place_is_one_in_the_new_project(
    ann: Api, board: Board, place: dict[str, str | None], order: str
) -> None:
    other = Board(ann, ann.project("Other"))
    other.add("x", "y", "z")
    response = board.change("b", projectId=other.project["id"], **other.place(place))
    assert response.status_code == 200
    assert other.names == order
    assert other.keys == sorted(set(other.keys))
    assert board.names == "a c d"


def test_a_section_stays_where_its_new_place_makes_no_sense(ann: Api, board: Board) -> None:
    other = Board(ann, ann.project("Other"))
    other.add("x", "y")
    before = board.sections, other.sections
    body = {"prevIndex": other.key("y"), "nextIndex": other.key("x")}
    assert board.change("b", projectId=other.project["id"], **body).status_code == 400
    assert (board.sections, other.sections) == before
