"""Reading seed files: a mistake is reported with the file and the line where it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import yaml
from pydantic import ValidationError

from mockflow.domain.ordering import checked_key
from mockflow.errors import InvalidInput, SeedInvalid
from mockflow.seeding.sets import locate
from mockflow.seeding.shapes import SeedPersona, SeedSet, SeedTask

Place = tuple[str | int, ...]

_MOST_TOLD = 5


def load(name: str) -> SeedSet:
    """Read and check a seed set. Raises `SeedInvalid`, whose message names file and line, or `SettingsInvalid`."""
    path = locate(name)
    try:
        text = path.read_text(encoding="utf-8")
        root = yaml.compose(text, Loader=_Loader)
        content = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader
    except (OSError, UnicodeDecodeError) as error:
        raise SeedInvalid(f"{path}: cannot be read: {error}") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SeedInvalid(f"{path}:{line}: {error.problem}") from None
    except (yaml.YAMLError, ValueError) as error:
        raise SeedInvalid(f"{path}:1: {error}") from None
    doubled = _doubled_key(root)
    if doubled:
        raise SeedInvalid(f"{path}:{doubled[0]}: the key {doubled[1]} is there twice")
    try:
        seeds = SeedSet.model_validate(content)
    except ValidationError as error:
        raise _mistakes(path, root, _of_shape(error)) from None
    lost = list(_lost_names(seeds))
    if lost:
        raise _mistakes(path, root, lost)
    return seeds


_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):  # type: ignore[misc]  # the C one where there is one
    """Leaves dates as they are written, like any other text."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {
        first: [(tag, form) for tag, form in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in _Base.yaml_implicit_resolvers.items()
    }


def _doubled_key(node: Any) -> tuple[int, str] | None:
    """The line and name of a key that one mapping has twice."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                return int(key.start_mark.line) + 1, str(key.value)
            seen.add(str(key.value))
            if found := _doubled_key(value):
                return found
    elif isinstance(node, yaml.SequenceNode):
        return next((found for item in node.value if (found := _doubled_key(item))), None)
    return None


def _of_shape(error: ValidationError) -> list[tuple[Place, str]]:
    """What has the wrong shape; misspelt keys first, since that another one is missing follows from them."""
    found = sorted(error.errors(include_url=False), key=lambda detail: detail["type"] != "extra_forbidden")
    return [(detail["loc"], _words(detail["type"], detail["msg"])) for detail in found]


def _words(kind: str, message: str) -> str:
    if kind in ("model_type", "dict_type"):
        return "expected keys and values"
    return "unknown key" if kind == "extra_forbidden" else message.removeprefix("Value error, ")


def _mistakes(path: Path, root: Any, found: list[tuple[Place, str]]) -> SeedInvalid:
    told = []
    for place, message in found[:_MOST_TOLD]:
        where = ".".join(str(step) for step in place)
        told.append(f"{path}:{_line_of(root, place)}: {where or 'the file'}: {message}")
    more = f"; and {len(found) - _MOST_TOLD} more" if len(found) > _MOST_TOLD else ""
    return SeedInvalid("; ".join(told) + more)


def _line_of(node: Any, place: Place) -> int:
    """The line of what a path names, or of the nearest thing around it that is there."""
    for step in place:
        if isinstance(node, yaml.MappingNode):
            found = next((value for key, value in node.value if key.value == step), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            found = node.value[step]
        else:
            found = None
        if found is None:
            continue
        node = found
    return int(node.start_mark.line) + 1 if node is not None else 1


def _lost_names(seeds: SeedSet) -> Iterator[tuple[Place, str]]:
    """Names that refer to nothing, each with its place."""
    emails = [persona.email for persona in seeds.personas]
    for number, workspace in enumerate(seeds.workspaces):
        for index, member in enumerate(workspace.members):
            if member not in emails:
                yield ("workspaces", number, "members", index), f"there is no persona {member}"
    for number, persona in enumerate(seeds.personas):
        if persona.email in emails[:number]:
            yield ("personas", number, "email"), "there is a persona with this e-mail already"
        if (persona.password is None) == (persona.provider is None):
            yield ("personas", number), "give exactly one of password and provider"
        yield from _lost_workspaces(seeds, number)
        yield from _doubled_names(persona, number)
        names = _Names(seeds, persona)
        for place, task in _all_tasks(persona.tasks, ("personas", number, "tasks")):
            yield from ((place + step, message) for step, message in names.lost(task))


def _lost_workspaces(seeds: SeedSet, number: int) -> Iterator[tuple[Place, str]]:
    persona = seeds.personas[number]
    members = {workspace.name: workspace.members for workspace in seeds.workspaces}
    for index, project in enumerate(persona.projects):
        place = ("personas", number, "projects", index, "workspace")
        if project.workspace is not None and project.workspace not in members:
            yield place, f"there is no workspace {project.workspace}"
        elif project.workspace is not None and persona.email not in members[project.workspace]:
            yield place, f"{persona.email} is not a member of {project.workspace}"


def _doubled_names(persona: SeedPersona, number: int) -> Iterator[tuple[Place, str]]:
    for kind, named in (("tags", persona.tags), ("projects", persona.projects)):
        names = [one.name for one in named]
        for index, name in enumerate(names):
            if name in names[:index]:
                yield ("personas", number, kind, index, "name"), f"there is {name} among these already"


class _Names:
    """The names that one persona's tasks may use."""

    def __init__(self, seeds: SeedSet, persona: SeedPersona) -> None:
        shared = {workspace.name for workspace in seeds.workspaces if persona.email in workspace.members}
        self._tags = {tag.name for tag in persona.tags}
        self._sections = {
            project.name: project.sections
            for owner in seeds.personas
            for project in owner.projects
            if owner is persona or project.workspace in shared
        }

    def lost(self, task: SeedTask) -> Iterator[tuple[Place, str]]:
        """The names in a task that refer to nothing."""
        sections = self._sections.get(task.project or "")
        if task.project is not None and sections is None:
            yield ("project",), f"there is no project {task.project}"
        if task.section is not None and task.section not in (sections or []):
            yield ("section",), f"there is no section {task.section} in {task.project or 'the Inbox'}"
        for name in [] if isinstance(task.tags, str) else task.tags:
            if name not in self._tags:
                yield ("tags",), f"there is no tag {name}"
        yield from _odd_key(task)
        for index, child in enumerate(task.subtasks):
            if child.subtasks:
                yield ("subtasks", index, "subtasks"), "a subtask cannot have subtasks"


def _odd_key(task: SeedTask) -> Iterator[tuple[Place, str]]:
    try:
        if task.sortKey is not None:
            checked_key("sortKey", task.sortKey)
    except InvalidInput as error:
        yield ("sortKey",), error.message


def _all_tasks(tasks: list[SeedTask], place: Place) -> Iterator[tuple[Place, SeedTask]]:
    for index, task in enumerate(tasks):
        yield (*place, index), task
        yield from _all_tasks(task.subtasks, (*place, index, "subtasks"))
