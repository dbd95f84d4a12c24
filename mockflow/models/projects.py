"""Shapes of the projects group, sections included (contract, section 5)."""

from __future__ import annotations

from typing import Literal

from mockflow.models.base import Answer, Body, Name, Query, RecordId, Text, left_out
from mockflow.models.tasks import Task

ViewMode = Literal["list", "board", "calendar"]


class DisplayPreferences(Body):
    """How a client shows a project's tasks."""

    viewMode: ViewMode


class ProjectDraft(Body):
    """A new project, personal or of a workspace."""

    name: Name
    personal: bool = False
    workspaceId: Text | None = None


class ProjectChanges(Body):
    """Another name, another view, or both."""

    name: Name = left_out()
    taskDisplayPreferences: DisplayPreferences = left_out()


class ProjectSearch(Query):
    """A part of the name; may be empty, but has to be there."""

    search: Text


class SectionDraft(Body):
    """A new section."""

    name: Name


class SectionChanges(Body):
    """Another name, place or project for a section."""

    name: Name = left_out()
    prevIndex: Text | None = left_out()
    nextIndex: Text | None = left_out()
    projectId: Text = left_out()


class DisplayPreferencesSet(Answer):
    """How a client shows a project's tasks."""

    viewMode: ViewMode


class Project(Answer):
    """A project."""

    id: RecordId
    name: str
    personal: bool
    slug: str | None
    isDefault: bool
    taskDisplayPreferences: DisplayPreferencesSet | None
    userId: RecordId
    workspaceId: RecordId | None


class ProjectWithTasks(Project):
    """A project and its tasks."""

    todos: list[Task]


class ProjectList(Answer):
    """All projects of the account."""

    projects: list[Project]


class Inbox(Answer):
    """The Inbox."""

    inbox: ProjectWithTasks


class PersonalProjects(Answer):
    """The personal projects that match."""

    personalProjects: list[ProjectWithTasks]


class ProjectSaved(Answer):
    """A project that was created or changed."""

    message: str
    project: Project


class OneProject(Answer):
    """One project."""

    project: ProjectWithTasks


class Section(Answer):
    """A section of a project."""

    id: RecordId
    name: str
    sortKey: str
    projectId: RecordId


class SectionWithTasks(Section):
    """A section and its tasks."""

    todos: list[Task]


class SectionList(Answer):
    """The sections of a project."""

    sections: list[SectionWithTasks]


class SectionCreated(Answer):
    """A new section."""

    msg: str
    section: Section


class SectionUpdated(Answer):
    """A changed section."""

    msg: str
    updatedSection: Section
