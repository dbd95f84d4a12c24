"""From a seed set to a start state, through the same rules that requests go through."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from mockflow.clock import Clock, iso
from mockflow.domain import accounts, projects, relations, tags, tasks
from mockflow.domain.outbox import Outbox
from mockflow.domain.passwords import Passwords
from mockflow.domain.world import World
from mockflow.errors import InvalidInput, SeedInvalid
from mockflow.ids import Ids
from mockflow.models.projects import DisplayPreferences, ProjectChanges, ProjectDraft, SectionDraft
from mockflow.models.tags import TagDraft
from mockflow.models.tasks import TaskChanges, TaskDraft
from mockflow.seeding.dates import resolve
from mockflow.seeding.fakery import Fakery
from mockflow.seeding.file import load
from mockflow.seeding.sets import locate
from mockflow.seeding.shapes import SeedPersona, SeedProject, SeedSet, SeedTask
from mockflow.store import Record, Snapshot, Store, open_memory
from mockflow.store.schema import VERSION


@dataclass(frozen=True)
class SeedChoice:
    """All that a start state depends on: the same choice gives the same state, byte for byte."""

    seeds: str
    seed: int
    locale: str
    now: datetime


def plant(choice: SeedChoice) -> Snapshot:
    """The start state. Raises `SettingsInvalid` and `SeedInvalid`."""
    seeds = load(choice.seeds)
    with closing(open_memory()) as store:
        _plant(store, choice, seeds)
        return store.snapshot()


def _plant(store: Store, choice: SeedChoice, seeds: SeedSet) -> None:
    clock = Clock(choice.now)
    ids = Ids(store.next_draw)
    outbox = Outbox(store, clock, ids)
    world = World(store, clock, ids, outbox, session_ttl=timedelta(days=1), passwords=Passwords())
    with store.transaction():
        store.meta.add(_meta(choice, seeds))
        try:
            _Planter(world, choice).plant(seeds)
        except InvalidInput as error:  # what no check of the file foresaw
            raise SeedInvalid(f"{locate(choice.seeds)}: {error.message}") from None


def _meta(choice: SeedChoice, seeds: SeedSet) -> dict[str, Any]:
    personas = [
        {
            "email": persona.email,
            "password": persona.password,
            "name": persona.name,
            "provider": persona.provider,
            "for": persona.purpose,
        }
        for persona in seeds.personas
    ]
    return {
        "id": "meta",
        "schema": VERSION,
        "seeds": choice.seeds,
        "seed": choice.seed,
        "draws": 0,
        "personas": personas,
    }


class _Planter:
    """Creates a seed set's records, with the clock set to when each is said to have been made."""

    def __init__(self, world: World, choice: SeedChoice) -> None:
        self._world = world
        self._choice = choice

    def plant(self, seeds: SeedSet) -> None:
        personas = self._filled(seeds.personas)
        users = [self._account(persona) for persona in personas]
        for workspace in seeds.workspaces:
            members = [user["id"] for user in users if user["email"] in workspace.members]
            self._world.store.workspaces.add(
                {"id": self._world.ids.record(), "name": workspace.name, "memberIds": members}
            )
        for persona, user in zip(personas, users, strict=True):
            self._at(persona.created)
            for tag in persona.tags:
                tags.create(self._world, user, TagDraft(**tag.model_dump(exclude_none=True)))
            for project in persona.projects:
                self._project(user, project)
        for persona, user in zip(personas, users, strict=True):
            self._tasks(user, persona.tasks)

    def _filled(self, personas: list[SeedPersona]) -> list[SeedPersona]:
        if not any(persona.fake.model_fields_set for persona in personas):
            return personas
        fakery = Fakery(self._choice.seed, self._choice.locale)
        return [fakery.fill(persona) for persona in personas]

    def _at(self, text: str) -> None:
        self._world.clock.freeze(resolve(text, self._choice.now).at)

    def _account(self, persona: SeedPersona) -> Record:
        self._at(persona.created)
        user = accounts.create_account(
            self._world,
            persona.email,
            password=persona.password,
            name=persona.name,
            provider=persona.provider,
        )
        if persona.preferences is None:
            return user
        preferences = {**user["preferences"], **persona.preferences.given()}
        return self._world.store.users.change(user, preferences=preferences)

    def _project(self, user: Record, wanted: SeedProject) -> None:
        workspace = next(
            (found for found in self._world.store.workspaces.records() if found["name"] == wanted.workspace),
            None,
        )
        draft = ProjectDraft(
            name=wanted.name,
            personal=workspace is None,
            workspaceId=None if workspace is None else workspace["id"],
        )
        project = projects.create(self._world, user, draft)
        for name in wanted.sections:
            projects.create_section(self._world, project, SectionDraft(name=name))
        if wanted.view is not None:
            view = ProjectChanges(taskDisplayPreferences=DisplayPreferences(viewMode=wanted.view))
            projects.update(self._world, project, view)

    def _tasks(self, user: Record, wanted: Iterable[SeedTask]) -> None:
        own = _Names(self._world, user)
        for task in wanted:
            parent = self._task(user, own, task, None)
            for child in task.subtasks:
                at_home = child if child.project else child.model_copy(update={"project": task.project})
                self._task(user, own, at_home, parent["id"])
            self._complete(user, parent, task)

    def _task(self, user: Record, own: _Names, wanted: SeedTask, parent_id: str | None) -> Record:
        self._at(wanted.created)
        task = tasks.create(self._world, user, TaskDraft(**self._fields(own, wanted), parentId=parent_id))
        if wanted.sortKey is not None:
            task = tasks.update(self._world, user, task, TaskChanges(sortKey=wanted.sortKey))
        return self._complete(user, task, wanted) if parent_id is not None else task

    def _complete(self, user: Record, task: Record, wanted: SeedTask) -> Record:
        if wanted.done is None:
            return task
        self._at(wanted.done)
        return tasks.update(self._world, user, task, TaskChanges(completed=True))

    def _fields(self, own: _Names, wanted: SeedTask) -> dict[str, Any]:
        due = None if wanted.due is None else resolve(wanted.due, self._choice.now)
        until = None if wanted.until is None else resolve(wanted.until, self._choice.now)
        return {
            "title": wanted.title,
            "description": wanted.description,
            "priority": wanted.priority,
            "dueDate": None if due is None else due.day.isoformat(),
            "dueTime": None if due is None or due.moment is None else iso(due.moment),
            "isAllDay": due is None or due.moment is None,
            "color": wanted.color,
            "reminder": wanted.reminder,
            "tags": own.tag_ids(wanted.tags),
            "projectId": own.project_id(wanted.project),
            "projectSectionId": own.section_id(wanted.project, wanted.section),
            "recurrenceRule": wanted.repeat,
            "recurrenceEndDate": None if until is None else until.day.isoformat(),
        }


class _Names:
    """The ids behind the names that a persona's tasks use."""

    def __init__(self, world: World, user: Record) -> None:
        self._tags = {tag["name"]: tag["id"] for tag in world.store.tags.having("user", user["id"])}
        self._projects: dict[str | None, str] = {}
        self._sections: dict[tuple[str | None, str | None], str] = {}
        for project in relations.projects_of(world, user):
            self._projects[project["name"]] = project["id"]
            for section in world.store.sections.having("project", project["id"]):
                self._sections[project["name"], section["name"]] = section["id"]

    def tag_ids(self, names: list[str] | str) -> tuple[str, ...]:
        return tuple(self._tags.values()) if isinstance(names, str) else tuple(self._tags[name] for name in names)

    def project_id(self, name: str | None) -> str | None:
        return self._projects.get(name)

    def section_id(self, project: str | None, name: str | None) -> str | None:
        return self._sections.get((project, name))
