"""Shapes of the tasks group (contract, section 4)."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from mockflow.models.base import (
    NOT_BLANK,
    PRINTABLE,
    Answer,
    Body,
    CalendarDate,
    IdList,
    Moment,
    NotBlank,
    Query,
    RecordId,
    SomeIds,
    TagId,
    Text,
    Timestamp,
    WholeNumber,
    left_out,
)
from mockflow.models.tags import Tag

TITLE_LENGTH = 500

Priority = Literal["high", "medium", "low"]
Title = Annotated[str, StringConstraints(max_length=TITLE_LENGTH), PRINTABLE, NOT_BLANK]
_COLOR = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")


def _tag_list(value: Any) -> Any:
    """An array of ids, or one text with commas between them (O); each id once."""
    if isinstance(value, list):
        return tuple(dict.fromkeys(value)) if all(isinstance(item, str) for item in value) else tuple(value)
    if isinstance(value, str | tuple):
        return value
    raise PydanticCustomError("invalid_type", "Expected an array of ids, or one text with commas between ids.")


def _color(value: str) -> str:
    if not _COLOR.fullmatch(value):
        raise PydanticCustomError("invalid_string", "Expected a color such as #0af or #00aaff.")
    return value


def _pattern(value: Any) -> Any:
    return "monthly" if value == "montly" else value


Color = Annotated[str, AfterValidator(_color)]
TagList = Annotated[IdList, BeforeValidator(_tag_list)]


class RecurrenceRule(Body):
    """How often a task comes back."""

    pattern: Annotated[Literal["daily", "weekly", "monthly", "yearly"], BeforeValidator(_pattern)]
    interval: Annotated[WholeNumber, Field(ge=1, le=365)] = 1


class _Settable(Body):
    priority: Priority | None = left_out()
    dueDate: CalendarDate | None = left_out()
    dueTime: Moment | None = left_out()
    isAllDay: bool = left_out()
    reminder: bool = left_out()
    tags: TagList = left_out()
    projectId: Text | None = left_out()
    projectSectionId: Text | None = left_out()


class _Writable(_Settable):
    description: Text | None = left_out()
    color: Color | None = left_out()
    recurrenceRule: RecurrenceRule | None = left_out()
    recurrenceEndDate: CalendarDate | None = left_out()


class BulkChanges(_Settable):
    """What a bulk update can set; what is left out stays as it is."""

    completed: bool = left_out()


class TaskDraft(_Writable):
    """A new task; only the title is required."""

    title: Title
    parentId: Text | None = left_out()


class TaskChanges(_Writable):
    """Any subset of what can be changed."""

    title: Title = left_out()
    completed: bool = left_out()
    sortKey: Text = left_out()
    prevIndex: Text | None = left_out()
    nextIndex: Text | None = left_out()


class TaskFilter(Query):
    """Which tasks to list."""

    tagIds: IdList = ()
    completed: Literal["true", "false"] | None = None


class SearchTerms(Query):
    """What to look for."""

    q: NotBlank


class TaskIds(Query):
    """Which tasks a bulk call is for."""

    todoIds: SomeIds


class Recurrence(Answer):
    """How often a task comes back."""

    pattern: Literal["daily", "weekly", "monthly", "yearly"]
    interval: int


class _TaskHead(Answer):
    id: RecordId
    title: str
    description: str | None
    priority: Priority | None
    dueDate: str | None
    dueTime: Timestamp | None
    isAllDay: bool
    completed: bool
    completedAt: Timestamp | None
    color: str | None
    sortKey: str
    reminder: bool


class TaskAlone(_TaskHead):
    """A task as create and update answer it: without `tags` and `children`."""

    parentId: RecordId | None
    projectId: RecordId
    projectSectionId: RecordId | None
    recurrenceRule: Recurrence | None
    recurrenceEndDate: str | None
    createdAt: Timestamp
    updatedAt: Timestamp


class Task(_TaskHead):
    """A task as lists show it."""

    tags: list[Tag]
    parentId: RecordId | None
    children: list[Task]
    projectId: RecordId
    projectSectionId: RecordId | None
    recurrenceRule: Recurrence | None
    recurrenceEndDate: str | None
    createdAt: Timestamp
    updatedAt: Timestamp


class TaskList(Answer):
    """The tasks of an account."""

    todos: list[Task]


class TaskCreated(Answer):
    """A new task."""

    msg: str
    todo: TaskAlone


class TaskUpdated(Answer):
    """A changed task."""

    todo: TaskAlone


class TasksUpdated(Answer):
    """How many tasks a bulk update changed."""

    todos: int


class TaskHit(Answer):
    """A task that a search found."""

    id: RecordId
    title: str
    description: str | None
    priority: Priority | None
    dueDate: str | None
    completed: bool
    parentId: RecordId | None
    projectId: RecordId


class TagHit(Answer):
    """A tag that a search found."""

    id: TagId
    name: str
    color: str


class ProjectHit(Answer):
    """A project that a search found."""

    id: RecordId
    name: str
    slug: str | None
    personal: bool


class SearchResult(Answer):
    """What a search found, best first."""

    todos: list[TaskHit]
    tags: list[TagHit]
    projects: list[ProjectHit]
