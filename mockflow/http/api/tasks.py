"""Tasks (contract, section 4)."""

from __future__ import annotations

from functools import partial

from flask import Response

from mockflow import models
from mockflow.domain import search, tasks
from mockflow.domain import views as shown
from mockflow.domain.relations import task_at
from mockflow.errors import InvalidInput, NotYours, UnknownReference
from mockflow.http.answers import answer
from mockflow.http.api.binding import Call, Views
from mockflow.http.later import Later
from mockflow.http.tasklists import answer_with_tasks
from mockflow.store import Record

views = Views("tasks")


@views.handles("listTasks", gives=lambda: {200: models.tasks.TaskList})
def list_tasks(call: Call, query: models.tasks.TaskFilter) -> Response | Later:
    """Subtasks appear twice: at top level and inside their parent."""
    return answer_with_tasks(200, {"todos": tasks.shown(call.world, call.user, query)})


@views.handles(
    "createTask", gives=lambda: {201: models.tasks.TaskCreated}, raises=(UnknownReference, NotYours, InvalidInput)
)
def create_task(call: Call, body: models.tasks.TaskDraft) -> Response:
    """The answer leaves out tags and children."""
    task = tasks.create(call.world, call.user, body)
    return answer(201, {"msg": "todo added sucessfully", "todo": shown.task_alone(task)})


@views.handles(
    "updateTask",
    finds=task_at,
    gives=lambda: {200: models.tasks.TaskUpdated},
    raises=(UnknownReference, NotYours, InvalidInput),
)
def update_task(call: Call, task: Record, body: models.tasks.TaskChanges) -> Response:
    """The answer leaves out tags and children."""
    task = tasks.update(call.world, call.user, task, body)
    return answer(200, {"todo": shown.task_alone(task)})


@views.handles("deleteTask", finds=task_at, gives=lambda: {200: models.base.Message})
def delete_task(call: Call, task: Record) -> Response:
    """Deletes the task's subtasks as well."""
    tasks.delete(call.world, task)
    return answer(200, {"msg": "Todo deleted successfully"})


@views.handles("searchTasks", gives=lambda: {200: models.tasks.SearchResult})
def search_tasks(call: Call, query: models.tasks.SearchTerms) -> Response | Later:
    """Best matches first."""
    found = Later(partial(answer, 200), steps=search.search(call.world, call.user, query.q))
    return found if search.is_long(call.world, call.user) else answer(200, found.result())


@views.handles(
    "updateTasks",
    gives=lambda: {200: models.tasks.TasksUpdated},
    raises=(UnknownReference, NotYours, InvalidInput),
)
def update_tasks(call: Call, query: models.tasks.TaskIds, body: models.tasks.BulkChanges) -> Response:
    """All or nothing; ids that are not the caller's are skipped."""
    return answer(200, {"todos": tasks.update_many(call.world, call.user, query.todoIds, body)})


@views.handles("deleteTasks", gives=lambda: {200: models.base.DeletedCount})
def delete_tasks(call: Call, query: models.tasks.TaskIds) -> Response:
    """Ids that are not the caller's are skipped."""
    return answer(200, {"deletedCount": tasks.delete_many(call.world, call.user, query.todoIds)})
