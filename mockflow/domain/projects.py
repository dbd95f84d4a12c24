"""Projects and their sections (contract, section 5)."""

from __future__ import annotations

from itertools import count

from mockflow import models
from mockflow.domain import relations, views
from mockflow.domain.ordering import check_place, chosen_key, key_after_all
from mockflow.domain.world import World
from mockflow.errors import InboxIsFixed, InvalidInput
from mockflow.models.texts import folded
from mockflow.store import Record


def personal(world: World, user: Record, part_of_name: str) -> list[Record]:
    """The user's personal projects whose name contains a text, in any case."""
    part = folded(part_of_name)
    return [
        project
        for project in world.store.projects.having("user", user["id"])
        if project["personal"] and part in folded(project["name"])
    ]


def create(world: World, user: Record, draft: models.projects.ProjectDraft) -> Record:
    """A new project, either personal or of a workspace that the user belongs to."""
    if draft.personal == (draft.workspaceId is not None):
        message = "Give exactly one of personal: true and workspaceId."
        raise InvalidInput.at("personal", message=message)
    users = [user]
    if draft.workspaceId is not None:
        workspace = relations.referred_workspace(world, user, draft.workspaceId)
        users = [world.store.users.fetch(member) for member in workspace["memberIds"]]
    return world.store.projects.add(
        {
            "id": world.ids.record(),
            "name": draft.name,
            "personal": draft.personal,
            "slug": _free_slug(world, users, draft.name),
            "isDefault": False,
            "taskDisplayPreferences": None,
            "userId": user["id"],
            "workspaceId": draft.workspaceId,
        }
    )


def update(world: World, project: Record, wanted: models.projects.ProjectChanges) -> Record:
    """Another name or view; the slug stays. Raises `InboxIsFixed` for another name of the Inbox."""
    changes = wanted.given()
    if not changes:
        raise InvalidInput("Give at least one of name, taskDisplayPreferences.")
    if project["isDefault"] and "name" in changes:
        raise InboxIsFixed("The Inbox cannot be renamed.")
    return world.store.projects.change(project, **changes)


def delete(world: World, project: Record) -> None:
    """Delete a project with its tasks and sections. Raises `InboxIsFixed`."""
    if project["isDefault"]:
        raise InboxIsFixed("The Inbox cannot be deleted.")
    relations.empty_project(world, project)
    world.store.projects.drop(project)


def sections(world: World, project: Record) -> list[Record]:
    """A project's sections, by sort key."""
    return sorted(world.store.sections.having("project", project["id"]), key=views.by_sort_key)


def create_section(world: World, project: Record, draft: models.projects.SectionDraft) -> Record:
    """A new section behind the others."""
    return world.store.sections.add(
        {
            "id": world.ids.record(),
            "name": draft.name,
            "sortKey": key_after_all(world.store.sections.order("project", project["id"])),
            "projectId": project["id"],
        }
    )


def update_section(world: World, user: Record, section: Record, wanted: models.projects.SectionChanges) -> Record:
    """Another name, place or project; into another project its tasks come along, and it goes to the end."""
    changes = wanted.given()
    check_place(changes)
    target = relations.referred_project(world, user, changes.get("projectId", section["projectId"]))
    siblings = world.store.sections.order("project", target["id"], without=section)
    key = chosen_key(changes, siblings)
    if target["id"] != section["projectId"]:
        key = key or key_after_all(siblings)
        relations.move_section_tasks(world, section, target)
    return world.store.sections.change(
        section,
        name=changes.get("name", section["name"]),
        sortKey=key or section["sortKey"],
        projectId=target["id"],
    )


def delete_section(world: World, section: Record) -> None:
    """Delete a section; its tasks stay in the project."""
    relations.release_section(world, section)
    world.store.sections.drop(section)


def _free_slug(world: World, users: list[Record], name: str) -> str | None:
    """The name as a slug that no project has which one of the users sees beside it; None where nothing is left."""
    from slugify import slugify  # late: its tables take a while, and a start needs none of them

    slug = slugify(name)
    taken = {project["slug"] for user in users for project in relations.projects_of(world, user)}
    if not slug or slug not in taken:
        return slug or None
    return next(f"{slug}-{number}" for number in count(2) if f"{slug}-{number}" not in taken)
