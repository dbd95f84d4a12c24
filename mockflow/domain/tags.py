"""Tags (contract, section 6)."""

from __future__ import annotations

from mockflow import models
from mockflow.domain import relations, views
from mockflow.domain.world import World
from mockflow.errors import NotPossible
from mockflow.models.texts import folded
from mockflow.store import Record


def listed(world: World, user: Record, wanted: models.tags.TagFilter) -> list[views.View]:
    """The user's tags, in order of creation, with how many tasks carry each."""
    part, ids = folded(wanted.search), set(wanted.ids)
    return [
        views.counted_tag(world, tag)
        for tag in world.store.tags.having("user", user["id"])
        if part in folded(tag["name"]) and (not ids or tag["id"] in ids)
    ]


def create(world: World, user: Record, draft: models.tags.TagDraft) -> Record:
    """A new tag. Raises `NotPossible` where the name is taken."""
    _refuse_taken(world, user, draft.name)
    fields = {"color": None, **draft.given()}
    return world.store.tags.add(
        {
            "id": world.ids.tag(),
            "userId": user["id"],
            "name": fields["name"],
            "color": fields["color"] or world.ids.pick(models.tags.TAG_COLORS),
        }
    )


def update(world: World, user: Record, tag: Record, wanted: models.tags.TagChanges) -> Record:
    """Another name or color. Raises `NotPossible` where the name is taken by another tag."""
    changes = wanted.given()
    if changes.get("name", tag["name"]) != tag["name"]:
        _refuse_taken(world, user, changes["name"])
    return world.store.tags.change(tag, **changes) if changes else tag


def count(world: World, user: Record) -> int:
    """How many tags a user has."""
    return world.store.tags.tally("user", user["id"])


def delete(world: World, user: Record, tag_ids: tuple[str, ...]) -> int:
    """Delete those of the tags that are the user's, and take them off its tasks; tells how many."""
    own = [
        tag
        for tag in (world.store.tags.find(tag_id) for tag_id in tag_ids)
        if tag is not None and tag["userId"] == user["id"]
    ]
    for tag in own:
        relations.release_tag(world, tag)
        world.store.tags.drop(tag)
    return len(own)


def _refuse_taken(world: World, user: Record, name: str) -> None:
    if any(tag["name"] == name for tag in world.store.tags.having("user", user["id"])):
        raise NotPossible.at("name", message=f"There is a tag named {name!r} already.", code="not_unique")
