"""Shapes of the tags group (contract, section 6)."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import Field

from mockflow.models.base import (
    MAY_BE_EMPTY,
    Answer,
    Body,
    IdList,
    Query,
    SearchText,
    SomeIds,
    TagId,
    for_example,
    left_out,
    named,
)

TagColor = Literal["blue", "red", "green", "yellow", "purple", "orange", "pink"]
TAG_COLORS: tuple[str, ...] = get_args(TagColor)

TagName = Annotated[str, *named(50)]


class TagDraft(Body):
    """A new tag; it gets a random color when that is left out."""

    model_config = for_example(name="urgent", color="red")

    name: Annotated[TagName, Field(description="Unique within the account.")]
    color: TagColor = left_out()


class TagChanges(Body):
    """Another name, another color, or both."""

    model_config = for_example(color="blue")

    name: TagName = left_out()
    color: TagColor = left_out()


class TagFilter(Query):
    """Which tags to list."""

    repeatable = frozenset({"ids"})

    search: Annotated[
        SearchText, MAY_BE_EMPTY, Field(description="A part of the name, in any case.", examples=["urg"])
    ] = ""
    ids: Annotated[
        IdList, Field(description="Only tags with these ids; also comma-separated, or as `ids[]`.")
    ] = ()


class TagIds(Query):
    """Which tags a bulk call is for."""

    tagIds: Annotated[SomeIds, Field(description="The ids of the tags.")]


class Tag(Answer):
    """A tag."""

    id: TagId
    name: Annotated[str, Field(examples=["urgent"])]
    color: Annotated[TagColor, Field(examples=["red"])]


class TagCounts(Answer):
    """How many tasks carry a tag now."""

    todos: Annotated[int, Field(examples=[3])]


class CountedTag(Tag):
    """A tag in the list."""

    count: Annotated[TagCounts, Field(alias="_count")]


class TagList(Answer):
    """The tags of an account."""

    tags: list[CountedTag]


class TagCreated(Answer):
    """A new tag."""

    msg: Annotated[str, Field(examples=["todo added sucessfully"])]
    tag: Tag


class TagUpdated(Answer):
    """A changed tag."""

    tag: Tag


class TagCount(Answer):
    """How many tags there are."""

    count: Annotated[int, Field(examples=[12])]
