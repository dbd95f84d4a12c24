"""Projects and sections (contract, section 5)."""

from __future__ import annotations

from flask import Response

from mockflow import models
from mockflow.domain import projects, rendering
from mockflow.domain import views as shown
from mockflow.domain.relations import inbox_of, project_at, projects_of, section_at
from mockflow.errors import InboxIsFixed, InvalidInput, NotAMember, NotYours, UnknownReference
from mockflow.http.answers import answer
from mockflow.http.api.binding import Call, Views
from mockflow.http.later import Later
from mockflow.http.tasklists import answer_with_tasks
from mockflow.store import Record

views = Views("projects")


@views.handles("listProjects", gives=lambda: {200: models.projects.ProjectList})
def list_projects(call: Call) -> Response:
    """The user's own projects, the Inbox included, and those of the user's workspaces."""
    return answer(200, {"projects": [shown.project(found) for found in projects_of(call.world, call.user)]})


@views.handles("getInbox", gives=lambda: {200: models.projects.OneInbox})
def get_inbox(call: Call) -> Response | Later:
    """Every account has an Inbox."""
    inbox = inbox_of(call.world, call.user["id"])
    return answer_with_tasks(200, {"inbox": rendering.project(call.world, inbox)})


@views.handles("listPersonalProjects", gives=lambda: {200: models.projects.PersonalProjectList})
def list_personal_projects(call: Call, query: models.projects.ProjectSearch) -> Response | Later:
    """The Inbox is not personal."""
    found = projects.personal(call.world, call.user, query.search)
    shown_projects = [rendering.project(call.world, project) for project in found]
    return answer_with_tasks(200, {"personalProjects": shown_projects})


@views.handles(
    "createProject",
    gives=lambda: {200: models.projects.ProjectSaved},
    raises=(InvalidInput, UnknownReference, NotAMember),
)
def create_project(call: Call, body: models.projects.ProjectDraft) -> Response:
    """A project is personal, or belongs to a workspace."""
    project = projects.create(call.world, call.user, body)
    return answer(200, {"message": "Successfully created project", "project": shown.project(project)})


@views.handles("getProject", finds=project_at, gives=lambda: {200: models.projects.OneProject})
def get_project(call: Call, project: Record) -> Response | Later:
    """One project, with all its tasks."""
    return answer_with_tasks(200, {"project": rendering.project(call.world, project)})


@views.handles(
    "updateProject",
    finds=project_at,
    gives=lambda: {200: models.projects.ProjectSaved},
    raises=(InvalidInput, InboxIsFixed),
)
def update_project(call: Call, project: Record, body: models.projects.ProjectChanges) -> Response:
    """Renaming a project does not change its slug."""
    project = projects.update(call.world, project, body)
    return answer(200, {"message": "project updated successfully", "project": shown.project(project)})


@views.handles("deleteProject", finds=project_at, gives=lambda: {200: models.base.Message}, raises=(InboxIsFixed,))
def delete_project(call: Call, project: Record) -> Response:
    """Deletes the project's tasks and sections as well."""
    projects.delete(call.world, project)
    return answer(200, {"msg": "project deleted successfully"})


@views.handles("listSections", finds=project_at, gives=lambda: {200: models.projects.SectionList})
def list_sections(call: Call, project: Record) -> Response | Later:
    """The project's sections, ordered by sort key, each with its tasks."""
    found = projects.sections(call.world, project)
    return answer_with_tasks(200, {"sections": [rendering.section(call.world, section) for section in found]})


@views.handles("createSection", finds=project_at, gives=lambda: {200: models.projects.SectionCreated})
def create_section(call: Call, project: Record, body: models.projects.SectionDraft) -> Response:
    """The new section comes after the others."""
    section = projects.create_section(call.world, project, body)
    return answer(200, {"msg": "project section created", "section": shown.section(section)})


@views.handles(
    "updateSection",
    finds=section_at,
    gives=lambda: {200: models.projects.SectionUpdated},
    raises=(InvalidInput, UnknownReference, NotYours),
)
def update_section(call: Call, section: Record, body: models.projects.SectionChanges) -> Response:
    """A section that moves to another project takes its tasks along."""
    section = projects.update_section(call.world, call.user, section, body)
    return answer(200, {"msg": "project section updated sucessfully", "updatedSection": shown.section(section)})


@views.handles("deleteSection", finds=section_at, gives=lambda: {200: models.base.Message})
def delete_section(call: Call, section: Record) -> Response:
    """Its tasks stay in the project."""
    projects.delete_section(call.world, section)
    return answer(200, {"msg": "section deleted sucessfully"})
