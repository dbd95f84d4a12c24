"""What crosses the groups: who owns what, what a body may refer to, and what goes along when something goes.

Finding by a path raises `NotFound` and `NotYours`; a reference in a body raises `UnknownReference` and
`NotYours` (contract, section 1).
"""

from __future__ import annotations

from collections.abc import Iterable

from mockflow.domain.world import World
from mockflow.errors import NotAMember, NotFound, NotYours, UnknownReference
from mockflow.store import Record, RecordTable

INBOX_NAME = "Inbox"


# -- whose is it


def is_member(workspace: Record, user: Record) -> bool:
    """Whether a user belongs to a workspace."""
    return user["id"] in workspace["memberIds"]


def may_use(world: World, user: Record, project: Record) -> bool:
    """A project is its maker's, or every member's where it belongs to a workspace."""
    workspace = world.store.workspaces.find(project["workspaceId"])
    return project["userId"] == user["id"] if workspace is None else is_member(workspace, user)


def projects_of(world: World, user: Record) -> list[Record]:
    """A user's own projects and those of its workspaces, in order of creation."""
    projects = world.store.projects
    found = {project.doc_id: project for project in projects.having("user", user["id"])}
    for workspace in world.store.workspaces.having("member", user["id"]):
        found.update((project.doc_id, project) for project in projects.having("workspace", workspace["id"]))
    return [found[number] for number in sorted(found) if may_use(world, user, found[number])]


def inbox_of(world: World, user_id: str) -> Record:
    """The one Inbox of a user."""
    return next(project for project in world.store.projects.having("user", user_id) if project["isDefault"])


# -- named by the path


def _at(table: RecordTable, kind: str, record_id: str) -> Record:
    record = table.find(record_id)
    if record is None:
        raise NotFound(f"There is no {kind} {record_id}.")
    return record


def _own(user: Record, kind: str, record: Record) -> Record:
    if record["userId"] != user["id"]:
        raise NotYours(f"The {kind} {record['id']} belongs to somebody else.")
    return record


def _open(world: World, user: Record, project: Record, kind: str, record: Record) -> Record:
    """A record that is as open to a user as its project is."""
    if not may_use(world, user, project):
        raise NotYours(f"The {kind} {record['id']} belongs to somebody else.")
    return record


def task_at(world: World, user: Record, task_id: str) -> Record:
    """The user's task that a path names."""
    return _own(user, "task", _at(world.store.tasks, "task", task_id))


def project_at(world: World, user: Record, project_id: str) -> Record:
    """The project that a path names."""
    project = _at(world.store.projects, "project", project_id)
    return _open(world, user, project, "project", project)


def section_at(world: World, user: Record, project_id: str, section_id: str) -> Record:
    """The section that a path names, in the project it names."""
    project = project_at(world, user, project_id)
    section = world.store.sections.find(section_id)
    if section is None or section["projectId"] != project["id"]:
        raise NotFound(f"There is no section {section_id} in the project {project_id}.")
    return section


def tag_at(world: World, user: Record, tag_id: str) -> Record:
    """The user's tag that a path names."""
    return _own(user, "tag", _at(world.store.tags, "tag", tag_id))


# -- named by a body


def _referred(table: RecordTable, field: str, kind: str, record_id: str) -> Record:
    record = table.find(record_id)
    if record is None:
        raise UnknownReference.at(field, message=f"There is no {kind} {record_id}.", code="unknown_reference")
    return record


def referred_project(world: World, user: Record, project_id: str) -> Record:
    """The project that a body names."""
    project = _referred(world.store.projects, "projectId", "project", project_id)
    return _open(world, user, project, "project", project)


def referred_section(world: World, user: Record, section_id: str) -> Record:
    """The section that a body names."""
    section = _referred(world.store.sections, "projectSectionId", "section", section_id)
    return _open(world, user, world.store.projects.fetch(section["projectId"]), "section", section)


def referred_parent(world: World, user: Record, task_id: str) -> Record:
    """The task that a body names as the parent."""
    return _own(user, "task", _referred(world.store.tasks, "parentId", "task", task_id))


def referred_tags(world: World, user: Record, tag_ids: Iterable[str]) -> None:
    """The user's tags that a body names."""
    for tag_id in tag_ids:
        _own(user, "tag", _referred(world.store.tags, "tags", "tag", tag_id))


def referred_workspace(world: World, user: Record, workspace_id: str) -> Record:
    """The workspace that a body names, of which the user has to be a member."""
    workspace = _referred(world.store.workspaces, "workspaceId", "workspace", workspace_id)
    if not is_member(workspace, user):
        raise NotAMember(f"You are not a member of the workspace {workspace_id}.")
    return workspace


# -- what comes along, what goes along


def create_inbox(world: World, user_id: str) -> Record:
    """The Inbox that every account has."""
    return world.store.projects.add(
        {
            "id": world.ids.record(),
            "name": INBOX_NAME,
            "personal": False,
            "slug": "inbox",
            "isDefault": True,
            "taskDisplayPreferences": None,
            "userId": user_id,
            "workspaceId": None,
        }
    )


def delete_task(world: World, task: Record) -> None:
    """Delete a task and its subtasks, wherever they are."""
    for child in world.store.tasks.having("parent", task["id"]):
        world.store.tasks.drop(child)
    world.store.tasks.drop(task)


def empty_project(world: World, project: Record) -> None:
    """Delete a project's tasks, with their subtasks wherever they are, and its sections."""
    for task in world.store.tasks.having("project", project["id"]):
        if world.store.tasks.find(task["id"]) is not None:  # not gone with its parent yet
            delete_task(world, task)
    for section in world.store.sections.having("project", project["id"]):
        world.store.sections.drop(section)


def release_section(world: World, section: Record) -> None:
    """Take a section off its tasks; the tasks stay."""
    now = world.timestamp()
    for task in world.store.tasks.having("section", section["id"]):
        world.store.tasks.change(task, projectSectionId=None, updatedAt=now)


def move_section_tasks(world: World, section: Record, project: Record) -> None:
    """Take a section's tasks along to another project. Raises `NotYours` for a task whose owner is not let in."""
    now = world.timestamp()
    for task in world.store.tasks.having("section", section["id"]):
        if not may_use(world, world.store.users.fetch(task["userId"]), project):
            raise NotYours("The section holds a task of somebody who does not see the other project.")
        world.store.tasks.change(task, projectId=project["id"], updatedAt=now)


def release_tag(world: World, tag: Record) -> None:
    """Take a tag off every task; the tasks stay."""
    now = world.timestamp()
    for task in world.store.tasks.having("tag", tag["id"]):
        left = [tag_id for tag_id in task["tags"] if tag_id != tag["id"]]
        world.store.tasks.change(task, tags=left, updatedAt=now)
