"""Shapes of the tags group (contract, section 6)."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import Field, StringConstraints

from mockflow.models.base import PRINTABLE, Answer, Body, IdList, Query, SomeIds, TagId, Text, left_out

TagColor = Literal["blue", "red", "green", "yellow", "purple", "orange", "pink"]
TAG_COLORS: tuple[str, ...] = get_args(TagColor)

TagName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50), PRINTABLE]


class TagDraft(Body):
    """A new tag; its color is chosen by chance when left out."""

    name: TagName
    color: TagColor = left_out()


class TagChanges(Body):
    """Another name, another color, or both."""

    name: TagName = left_out()
    color: TagColor = left_out()


class TagFilter(Query):
    """Which tags to list."""

    repeatable = frozenset({"ids"})

    search: Text = ""
    ids: IdList = ()


class TagIds(Query):
    """Which tags a bulk call is for."""

    tagIds: SomeIds


class Tag(Answer):
    """A tag."""

    id: TagId
    name: str
    color: TagColor


class TagCounts(Answer):
    """How many tasks carry a tag now."""

    todos: int


class CountedTag(Tag):
    """A tag in the list."""

    count: Annotated[TagCounts, Field(alias="_count")]


class TagList(Answer):
    """The tags of an account."""

    tags: list[CountedTag]


class TagCreated(Answer):
    """A new tag."""

    msg: str
    tag: Tag


class TagUpdated(Answer):
    """A changed tag."""

    tag: Tag


class TagCount(Answer):
    """How many tags there are."""

    count: int
