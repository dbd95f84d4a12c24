"""The one page with every operation of the Flowtask API, in the order of the contract (sections 2 to 6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Operation(NamedTuple):
    """One documented operation. `session` is false where it can be called without signing in."""

    name: str
    group: str
    method: str
    path: str
    summary: str
    session: bool = True


_V1, _V2 = "/api/v1", "/api/v2"
_USER, _TODO, _PROJECTS, _TAG = f"{_V1}/user", f"{_V2}/todo", f"{_V2}/projects", f"{_V2}/tag"
_PROJECT = f"{_PROJECTS}/<project_id>"
_SECTION = f"{_PROJECT}/sections/<section_id>"


def _accounts(name: str, method: str, path: str, summary: str, *, session: bool = False) -> Operation:
    return Operation(name, "accounts", method, f"{_V1}{path}", summary, session)


OPERATIONS: tuple[Operation, ...] = (
    _accounts("requestSignUpCode", "POST", "/user/signup/send-otp", "Send a one-time passcode to an e-mail"),
    _accounts("completeSignUp", "POST", "/user/signup/verify", "Create the account with the passcode"),
    _accounts("signIn", "POST", "/user/signin", "Start a session"),
    _accounts("checkAuth", "GET", "/auth-check", "Tell whether there is a session"),
    _accounts("signOut", "POST", "/user/logout", "End the session", session=True),
    Operation("getProfile", "users", "GET", f"{_USER}/profile", "Show the signed-in user"),
    Operation("updateProfile", "users", "POST", f"{_USER}/profile", "Set name and avatar (multipart)"),
    Operation("updateName", "users", "PUT", f"{_USER}/name", "Set the name"),
    Operation("updatePassword", "users", "PUT", f"{_USER}/password", "Set the password"),
    Operation("getPreferences", "users", "GET", f"{_USER}/user-preferences", "Show the preferences"),
    Operation("updatePreferences", "users", "PUT", f"{_USER}/user-preferences", "Set some preferences"),
    Operation("listTasks", "tasks", "GET", _TODO, "List the tasks"),
    Operation("createTask", "tasks", "POST", _TODO, "Create a task or subtask"),
    Operation("updateTask", "tasks", "PATCH", f"{_TODO}/<task_id>", "Change, complete or move a task"),
    Operation("deleteTask", "tasks", "DELETE", f"{_TODO}/<task_id>", "Delete a task and its subtasks"),
    Operation("searchTasks", "tasks", "GET", f"{_TODO}/search", "Search tasks, tags and projects"),
    Operation("updateTasks", "tasks", "PATCH", f"{_TODO}/bulk", "Change many tasks alike"),
    Operation("deleteTasks", "tasks", "DELETE", f"{_TODO}/bulk", "Delete many tasks"),
    Operation("listProjects", "projects", "GET", _PROJECTS, "List the projects"),
    Operation("getInbox", "projects", "GET", f"{_PROJECTS}/inbox", "Show the Inbox with its tasks"),
    Operation("listPersonalProjects", "projects", "GET", f"{_PROJECTS}/personal", "Search personal projects"),
    Operation("createProject", "projects", "POST", _PROJECTS, "Create a project"),
    Operation("getProject", "projects", "GET", _PROJECT, "Show a project with its tasks"),
    Operation("updateProject", "projects", "PUT", _PROJECT, "Rename a project or set its view"),
    Operation("deleteProject", "projects", "DELETE", _PROJECT, "Delete a project, its tasks and sections"),
    Operation("listSections", "projects", "GET", f"{_PROJECT}/sections", "List a project's sections with tasks"),
    Operation("createSection", "projects", "POST", f"{_PROJECT}/sections", "Create a section"),
    Operation("updateSection", "projects", "PATCH", _SECTION, "Rename or move a section"),
    Operation("deleteSection", "projects", "DELETE", _SECTION, "Delete a section, keeping its tasks"),
    Operation("listTags", "tags", "GET", _TAG, "List the tags with how often they are used"),
    Operation("createTag", "tags", "POST", _TAG, "Create a tag"),
    Operation("updateTag", "tags", "PATCH", f"{_TAG}/<tag_id>", "Rename or recolor a tag"),
    Operation("countTags", "tags", "GET", f"{_TAG}/count", "Count the tags"),
    Operation("deleteTags", "tags", "DELETE", f"{_TAG}/bulk", "Delete many tags"),
)

BY_NAME: Mapping[str, Operation] = {operation.name: operation for operation in OPERATIONS}
