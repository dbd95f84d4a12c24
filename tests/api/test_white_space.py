"""Names and titles are trimmed and judged blank as JavaScript's `trim` does it, in all places that take one."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

import pytest

from mockflow.models.texts import SPACES, control_character, folded, trimmed, words
from tests.support import JSON, Api, Reply, fields_of

PLACES: dict[str, Callable[[Api, str], Reply]] = {
    "createTask": lambda api, text: api.post("/api/v2/todo", title=text),
    "updateTask": lambda api, text: api.patch(f"/api/v2/todo/{api.task()['id']}", title=text),
    "createProject": lambda api, text: api.post("/api/v2/projects", name=text, personal=True),
    "updateProject": lambda api, text: api.put(f"/api/v2/projects/{api.project()['id']}", name=text),
    "createSection": lambda api, text: api.post(f"/api/v2/projects/{api.inbox_id()}/sections", name=text),
    "updateSection": lambda api, text: api.patch(_section(api), name=text),
    "createTag": lambda api, text: api.post("/api/v2/tag", name=text),
    "updateTag": lambda api, text: api.patch(f"/api/v2/tag/{_tag(api)}", name=text),
    "updateName": lambda api, text: api.put("/api/v1/user/name", name=text),
    "updateProfile": lambda api, text: api.call("POST", "/api/v1/user/profile", **_form(text)),
}
each_place = pytest.mark.parametrize("send", PLACES.values(), ids=PLACES)
JAVASCRIPTS = [
    *"\t\n\v\f\r \u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff",
    *(chr(code) for code in range(0x2000, 0x200B)),
]
NOT_JAVASCRIPTS = "\x1c\x1d\x1e\x1f\x85\x01\x1b\x7f\x9f"


def _section(api: Api) -> str:
    project = api.inbox_id()
    return f"/api/v2/projects/{project}/sections/{api.section(project)['id']}"


def _tag(api: Api) -> str:
    number = api.get("/api/v2/tag/count").json["count"]
    return str(api.tag(f"tag number {number}")["id"])


def _form(name: str) -> dict[str, Any]:
    return {"data": {"name": name}, "content_type": "multipart/form-data"}


def kept(api: Api, reply: Reply) -> str:
    """The name or title that is stored now."""
    assert reply.status_code in (200, 201), reply.text
    for key in ("todo", "project", "section", "updatedSection", "tag"):
        if key in reply.json:
            found: JSON = reply.json[key]
            return str(found.get("title") or found["name"])
    return str(api.get("/api/v1/user/profile").json["user"]["name"])


def test_white_space_is_what_javascript_trims() -> None:
    assert sorted(SPACES) == sorted(JAVASCRIPTS)
    assert all(unicodedata.category(letter) in ("Zs", "Zl", "Zp", "Cc", "Cf") for letter in SPACES)
    assert trimmed(f"{SPACES}a{SPACES}b{SPACES}") == f"a{SPACES}b"
    assert words(f"{SPACES}a{SPACES}b{SPACES}") == ["a", "b"]
    assert words(SPACES) == words("") == []
    assert [letter for letter in NOT_JAVASCRIPTS if control_character(letter) != letter] == []
    assert control_character(SPACES) is None
    assert folded("E\u0301") == folded("\u00e9")


@each_place
def test_it_is_taken_off_a_name(ann: Api, send: Callable[[Api, str], Reply]) -> None:
    for space in SPACES:
        assert kept(ann, send(ann, f"{space}A{space}{ord(space)}{space}")) == f"A{space}{ord(space)}"


@each_place
def test_a_name_of_it_alone_is_blank(ann: Api, send: Callable[[Api, str], Reply]) -> None:
    for text in ("", *SPACES, SPACES):
        reply = send(ann, text)
        assert fields_of(reply) in ([["title"]], [["name"]]), repr(text)
        assert reply.json["errors"][0]["code"] == "too_small"


@each_place
def test_a_control_character_is_refused_wherever_it_is(ann: Api, send: Callable[[Api, str], Reply]) -> None:
    for letter in (*NOT_JAVASCRIPTS, "\0"):
        for text in (letter, f"a{letter}b", f"a{letter}", f"{letter}a"):
            assert fields_of(send(ann, text)) in ([["title"]], [["name"]]), repr(text)


@each_place
def test_a_length_is_that_of_what_is_left(ann: Api, send: Callable[[Api, str], Reply]) -> None:
    longest = next(size for size in (500, 255, 50) if send(ann, f"  {'x' * size}\ufeff").status_code in (200, 201))
    assert send(ann, f" {'y' * (longest + 1)} ").json["errors"][0]["code"] == "too_big"


def test_a_tag_is_unique_once_it_is_trimmed(ann: Api) -> None:
    ann.tag("Caf\u00e9")
    for name in ("\ufeffCaf\u00e9", "Caf\u00e9\u3000", "\u2003Caf\u00e9\n"):
        reply = ann.post("/api/v2/tag", name=name)
        assert (reply.status_code, reply.json["errors"][0]["code"]) == (400, "not_unique")
        assert ann.patch(f"/api/v2/tag/{ann.tag(f'other {ord(name[-1])}')['id']}", name=name).status_code == 400
