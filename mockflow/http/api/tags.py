"""Tags (contract, section 6)."""

from __future__ import annotations

from flask import Response

from mockflow import models
from mockflow.domain import tags
from mockflow.domain import views as shown
from mockflow.domain.relations import tag_at
from mockflow.errors import NotPossible
from mockflow.http.answers import answer
from mockflow.http.api.binding import Call, Views
from mockflow.store import Record

views = Views("tags")


@views.handles("listTags", gives=lambda: {200: models.tags.TagList})
def list_tags(call: Call, query: models.tags.TagFilter) -> Response:
    """Each tag comes with the number of tasks that carry it."""
    return answer(200, {"tags": tags.listed(call.world, call.user, query)})


@views.handles("createTag", gives=lambda: {201: models.tags.TagCreated}, raises=(NotPossible,))
def create_tag(call: Call, body: models.tags.TagDraft) -> Response:
    """The message says `todo` because Flowtask's does."""
    tag = tags.create(call.world, call.user, body)
    return answer(201, {"msg": "todo added sucessfully", "tag": shown.tag(tag)})


@views.handles("updateTag", finds=tag_at, gives=lambda: {200: models.tags.TagUpdated}, raises=(NotPossible,))
def update_tag(call: Call, tag: Record, body: models.tags.TagChanges) -> Response:
    """Another name, another color, or both."""
    return answer(200, {"tag": shown.tag(tags.update(call.world, call.user, tag, body))})


@views.handles("countTags", gives=lambda: {200: models.tags.TagCount})
def count_tags(call: Call) -> Response:
    """The number of all tags of the account."""
    return answer(200, {"count": tags.count(call.world, call.user)})


@views.handles("deleteTags", gives=lambda: {200: models.base.DeletedCount})
def delete_tags(call: Call, query: models.tags.TagIds) -> Response:
    """Ids that are not the caller's are skipped."""
    return answer(200, {"deletedCount": tags.delete(call.world, call.user, query.tagIds)})
