"""Shapes of the tasks group (contract, section 4)."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from mockflow.models.base import (
    IS_NOT_BLANK,
    NOT_BLANK,
    WHOLE,
    Answer,
    Body,
    CalendarDate,
    Day,
    IdList,
    Moment,
    Query,
    RecordId,
    SearchText,
    SomeIds,
    SortKey,
    TagId,
    Text,
    Timestamp,
    for_example,
    left_out,
    named,
)
from mockflow.models.tags import Tag

TITLE_LENGTH = 500

Priority = Literal["high", "medium", "low"]
Title = Annotated[str, *named(TITLE_LENGTH)]
_COLOR = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")


def _tag_list(value: Any) -> Any:
    """An array of ids, or one text with commas between them (O); each id once."""
    if isinstance(value, list):
        odd = [place for place, item in enumerate(value) if not isinstance(item, str)]
        if not odd:
            return tuple(dict.fromkeys(value))
        return tuple(value[: odd[_MOST_ODD - 1] + 1] if len(odd) > _MOST_ODD else value)
    if isinstance(value, str | tuple):
        return value
    raise PydanticCustomError("invalid_type", "Expected an array of ids, or a comma-separated string of ids.")


def _color(value: str) -> str:
    if not _COLOR.fullmatch(value):
        raise PydanticCustomError("invalid_string", "Expected a color such as #0af or #00aaff.")
    return value


def _pattern(value: Any) -> Any:
    return "monthly" if value == "montly" else value


_MOST_ODD = 20
"""Items of a list that are told to be none; tens of thousands would hold everybody up."""
_IDS_OR_TEXT: dict[str, Any] = {"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "string"}]}

Color = Annotated[str, AfterValidator(_color), Field(json_schema_extra={"pattern": f"^{_COLOR.pattern}$"})]
TagList = Annotated[IdList, BeforeValidator(_tag_list), WithJsonSchema(_IDS_OR_TEXT)]


class RecurrenceRule(Body):
    """How often a task comes back."""

    pattern: Annotated[Literal["daily", "weekly", "monthly", "yearly"], BeforeValidator(_pattern)]
    interval: Annotated[int, Field(ge=1, le=365), WHOLE] = 1


class _Settable(Body):
    priority: Priority | None = left_out()
    dueDate: CalendarDate | None = left_out()
    dueTime: Moment | None = left_out("Ignored while `isAllDay` is true.")
    isAllDay: bool = left_out()
    reminder: bool = left_out()
    tags: TagList = left_out("The ids of all its tags: an array, or a comma-separated string.")
    projectId: Text | None = left_out("Null means the Inbox.")
    projectSectionId: Text | None = left_out("A section of the task's project.")


class _Writable(_Settable):
    description: Text | None = left_out()
    color: Color | None = left_out()
    recurrenceRule: RecurrenceRule | None = left_out()
    recurrenceEndDate: CalendarDate | None = left_out("After this day it does not come back.")


class BulkChanges(_Settable):
    """What a bulk update can set, at least one; what is left out stays as it is."""

    model_config = for_example(completed=True, priority="low")

    completed: bool = left_out()


class TaskDraft(_Writable):
    """A new task; only the title is required."""

    model_config = for_example(
        title="Buy milk",
        description="The one with the blue lid",
        priority="high",
        dueDate="2030-01-31",
        color="#0af",
        recurrenceRule={"pattern": "weekly", "interval": 1},
    )

    title: Title
    isAllDay: bool = left_out("True when left out.")
    parentId: Text | None = left_out("The task to make it a subtask of, which must not be a subtask itself.")


class TaskChanges(_Writable):
    """The fields to change; what is left out stays as it is."""

    model_config = for_example(title="Buy oat milk", dueDate=None, completed=True)

    title: Title = left_out()
    completed: bool = left_out()
    sortKey: SortKey = left_out()
    prevIndex: SortKey | None = left_out("The sort key of the task that is to come before it.")
    nextIndex: SortKey | None = left_out("The sort key of the task that is to come after it.")


class TaskFilter(Query):
    """Which tasks to list."""

    tagIds: Annotated[IdList, Field(description="Only tasks with any of these tags.")] = ()
    completed: Annotated[
        Literal["true", "false"] | None,
        WithJsonSchema({"type": "boolean"}),
        Field(description="Only completed tasks, newest completion first, or only others."),
    ] = None


class SearchTerms(Query):
    """What to look for."""

    q: Annotated[
        SearchText,
        NOT_BLANK,
        IS_NOT_BLANK,
        Field(description="Terms that all have to match, at most 50 different ones.", examples=["milk"]),
    ]


class TaskIds(Query):
    """Which tasks a bulk call is for."""

    todoIds: Annotated[SomeIds, Field(description="The ids of the tasks.")]


class Recurrence(Answer):
    """How often a task comes back."""

    pattern: Annotated[Literal["daily", "weekly", "monthly", "yearly"], Field(examples=["weekly"])]
    interval: Annotated[int, Field(examples=[1])]


# As the examples show them: a task of the Inbox, due on a day, without a time.
ShownTitle = Annotated[str, Field(examples=["Buy milk"])]
ShownDescription = Annotated[str | None, Field(examples=["The one with the blue lid"])]
ShownPriority = Annotated[Priority | None, Field(examples=["high"])]
NotCompleted = Annotated[bool, Field(examples=[False])]
Parent = Annotated[RecordId | None, Field(description="The task that it is a subtask of.", examples=[None])]
OfProject = Annotated[RecordId, Field(examples=["cm3x9k2p40001abcd1234inbx"])]
OfSection = Annotated[RecordId | None, Field(examples=[None])]
Until = Annotated[Day | None, Field(examples=[None])]


class _TaskHead(Answer):
    id: RecordId
    title: ShownTitle
    description: ShownDescription
    priority: ShownPriority
    dueDate: Day | None
    dueTime: Annotated[Timestamp | None, Field(description="Null while `isAllDay` is true.", examples=[None])]
    isAllDay: Annotated[bool, Field(examples=[True])]
    completed: NotCompleted
    completedAt: Annotated[Timestamp | None, Field(examples=[None])]
    color: Annotated[str | None, Field(examples=["#0af"])]
    sortKey: Annotated[
        str, Field(description="A fractional index key, by which tasks are ordered.", examples=["a0"])
    ]
    reminder: Annotated[bool, Field(examples=[False])]


class TaskAlone(_TaskHead):
    """A task as create and update answer it: without `tags` and `children`."""

    parentId: Parent
    projectId: OfProject
    projectSectionId: OfSection
    recurrenceRule: Recurrence | None
    recurrenceEndDate: Until
    createdAt: Timestamp
    updatedAt: Timestamp


class Task(_TaskHead):
    """A task as lists show it."""

    tags: list[Tag]
    parentId: Parent
    children: Annotated[list[Task], Field(description="Its subtasks, which have none.", examples=[[]])]
    projectId: OfProject
    projectSectionId: OfSection
    recurrenceRule: Recurrence | None
    recurrenceEndDate: Until
    createdAt: Timestamp
    updatedAt: Timestamp


class TaskList(Answer):
    """The tasks of an account."""

    todos: list[Task]


class TaskCreated(Answer):
    """A new task."""

    msg: Annotated[str, Field(examples=["todo added sucessfully"])]
    todo: TaskAlone


class TaskUpdated(Answer):
    """A changed task."""

    todo: TaskAlone


class TasksUpdated(Answer):
    """How many tasks a bulk update changed."""

    todos: Annotated[int, Field(examples=[2])]


class TaskHit(Answer):
    """A task that a search found."""

    id: RecordId
    title: ShownTitle
    description: ShownDescription
    priority: ShownPriority
    dueDate: Day | None
    completed: NotCompleted
    parentId: Parent
    projectId: OfProject


class TagHit(Answer):
    """A tag that a search found."""

    id: TagId
    name: Annotated[str, Field(examples=["milk run"])]
    color: Annotated[str, Field(examples=["blue"])]


class ProjectHit(Answer):
    """A project that a search found."""

    id: RecordId
    name: Annotated[str, Field(examples=["Milk bar"])]
    slug: Annotated[str | None, Field(examples=["milk-bar"])]
    personal: Annotated[bool, Field(examples=[True])]


class SearchResult(Answer):
    """What a search found, best first."""

    todos: list[TaskHit]
    tags: list[TagHit]
    projects: list[ProjectHit]
