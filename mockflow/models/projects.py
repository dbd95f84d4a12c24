"""Shapes of the projects group, sections included (contract, section 5)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mockflow.models.base import (
    MAY_BE_EMPTY,
    Answer,
    Body,
    Name,
    Query,
    RecordId,
    SearchText,
    SortKey,
    Text,
    for_example,
    left_out,
)
from mockflow.models.tasks import Task

ViewMode = Literal["list", "board", "calendar"]


class DisplayPreferences(Body):
    """How a client shows a project's tasks."""

    viewMode: ViewMode


class ProjectDraft(Body):
    """A new project: either personal or of a workspace."""

    model_config = for_example(name="Q4 Marketing Campaign", personal=True)

    name: Name
    personal: bool = False
    workspaceId: Annotated[
        Text | None, Field(description="A workspace that the user is a member of; in place of `personal`.")
    ] = None


class ProjectChanges(Body):
    """Another name, another view, or both."""

    model_config = for_example(name="Q1 Marketing Campaign", taskDisplayPreferences={"viewMode": "board"})

    name: Name = left_out()
    taskDisplayPreferences: DisplayPreferences = left_out()


class ProjectSearch(Query):
    """A part of the name; may be empty, but has to be there."""

    search: Annotated[
        SearchText,
        MAY_BE_EMPTY,
        Field(description="A part of the name, in any case; may be empty.", examples=[""]),
    ]


class SectionDraft(Body):
    """A new section."""

    model_config = for_example(name="Doing")

    name: Name


class SectionChanges(Body):
    """Another name, place or project for a section."""

    model_config = for_example(name="Done", nextIndex=None)

    name: Name = left_out()
    prevIndex: SortKey | None = left_out("The sort key of the section before it; null is the beginning.")
    nextIndex: SortKey | None = left_out("The sort key of the section after it; null is the end.")
    projectId: Text = left_out("The project to move it to, with its tasks.")


class DisplayPreferencesSet(Answer):
    """How a client shows a project's tasks."""

    viewMode: Annotated[ViewMode, Field(examples=["board"])]


class Project(Answer):
    """A project."""

    id: Annotated[RecordId, Field(examples=["cm3x9k2p40001abcd1234inbx"])]
    name: Annotated[str, Field(examples=["Q4 Marketing Campaign"])]
    personal: Annotated[bool, Field(examples=[True])]
    slug: Annotated[
        str | None,
        Field(description="Made from the name at creation; it stays.", examples=["q4-marketing-campaign"]),
    ]
    isDefault: Annotated[bool, Field(description="Whether it is the Inbox.", examples=[False])]
    taskDisplayPreferences: DisplayPreferencesSet | None
    userId: RecordId
    workspaceId: Annotated[RecordId | None, Field(examples=[None])]


class ProjectWithTasks(Project):
    """A project and its tasks."""

    todos: list[Task]


class ProjectList(Answer):
    """All projects of the account."""

    projects: list[Project]


class OneInbox(Answer):
    """The Inbox."""

    inbox: ProjectWithTasks


class PersonalProjectList(Answer):
    """The personal projects that match."""

    personalProjects: list[ProjectWithTasks]


class ProjectSaved(Answer):
    """A project that was created or changed."""

    message: Annotated[str, Field(description="A sentence for a person.")]
    project: Project


class OneProject(Answer):
    """One project."""

    project: ProjectWithTasks


class Section(Answer):
    """A section of a project."""

    id: RecordId
    name: Annotated[str, Field(examples=["Doing"])]
    sortKey: Annotated[
        str, Field(description="A fractional index key, by which sections are ordered.", examples=["a0"])
    ]
    projectId: Annotated[RecordId, Field(examples=["cm3x9k2p40001abcd1234inbx"])]


class SectionWithTasks(Section):
    """A section and its tasks."""

    todos: list[Task]


class SectionList(Answer):
    """The sections of a project."""

    sections: list[SectionWithTasks]


class SectionCreated(Answer):
    """A new section."""

    msg: Annotated[str, Field(examples=["project section created"])]
    section: Section


class SectionUpdated(Answer):
    """A changed section."""

    msg: Annotated[str, Field(examples=["project section updated sucessfully"])]
    updatedSection: Section
