"""What is told of the API in words, and cannot be read off the views and their shapes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

INFO: Mapping[str, Any] = {
    "title": "Flowtask REST API",
    "summary": "Tasks, projects, sections, tags and users, as mockflow serves them.",
    "description": """\
The REST API of Flowtask, a task manager, as mockflow, its mock server and developer sandbox, answers it.

**Session.** `signIn` and `completeSignUp` set the cookie `connect.sid`; it lives for 24 hours. Most operations
need it, and answer 401 without it. In a browser, send requests with `credentials: "include"`.

**Errors.** Every error has `message`, a sentence for a person, and repeats it as `msg`. A 400 adds `errors`,
with an entry for each offending field; a 401 adds `isAuthenticated: false`. Checks come in this order: session
(401), what the path names (404, 403), query and body (400, 413, 415), what the body refers to (400, 403), the
state of things (400, 403). A request that fails changes nothing, except that a wrong passcode counts. An unknown
path is a 404, and so is a known path with another method, whose answer lists the right ones in `Allow`.

**Bodies.** JSON in UTF-8, at most 100 KiB; `updateProfile` alone takes a multipart form. Another charset, or a
content encoding other than `gzip` and `deflate`, is a 415. Types are exact
(`"true"` is not `true`), unknown fields are ignored, the character NUL is refused. Answers are not to be cached
(`Cache-Control: no-store, private`).

**Values.** Moments are ISO 8601 in UTC with milliseconds, dates `YYYY-MM-DD`. Misspellings inside messages are
Flowtask's own.

**Faults.** 429 and 500 come when they are asked for: by a fault rule, by the header `X-Mockflow-Fault` or
`Prefer: code=…` of a request, by the server's rate limit (and 429 by the limits of signing up). Rules can give
any other status from 400 to 599 as well. Such answers name their rule in the header `X-Mockflow-Fault`; with a
rate limit, all have `RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset`.

**Sandboxes.** A server holds many, each with its own data, under `/s/<name>`: there, the same paths begin with
that.
""",
    "license": {"name": "MIT", "identifier": "MIT"},
}

SERVER: Mapping[str, str] = {"url": "http://localhost:4747", "description": "mockflow"}

GROUPS: Mapping[str, str] = {
    "accounts": "Signing up with a one-time passcode, signing in and out.",
    "users": "The signed-in user: profile with avatar, password, preferences.",
    "tasks": "Tasks and their subtasks: lists, changes, search, bulk calls.",
    "projects": "Projects and their sections; the Inbox is one.",
    "tags": "Tags, which tasks carry.",
}

SESSION = "The session. `signIn` and `completeSignUp` set the cookie, `signOut` takes it away."
COOKIE = "connect.sid=Zk3v…; HttpOnly; Max-Age=86400; Path=/; SameSite=Lax"
SETS_COOKIE = frozenset({"completeSignUp", "signIn", "signOut"})

PATH_IDS: Mapping[str, str] = {
    "task_id": "The id of a task.",
    "project_id": "The id of a project.",
    "section_id": "The id of a section of that project.",
    "tag_id": "The id of a tag.",
}

FAILURE = "A fault that was asked for, or a failure of mockflow's own."
ANY_TEXT = "…"

IMAGE: Mapping[str, str] = {
    "type": "string",
    "format": "binary",
    "description": "The avatar: a JPEG or PNG file of at most 5 MB, judged by its content.",
}
IMAGE_ENCODING: Mapping[str, Any] = {"image": {"contentType": "image/jpeg, image/png"}}

EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "requestSignUpCode": {"msg": "OTP sent successfully"},
    "completeSignUp": {"msg": "accout created sucessfully"},
    "signIn": {"msg": "Logged in successfully"},
    "signOut": {"msg": "Logged out successfully"},
    "updateProfile": {"msg": "user profile updated successfully"},
    "updateName": {"msg": "Name updated sucessfully to Demo Person"},
    "updatePassword": {"msg": "Password updated sucessfully"},
    "updatePreferences": {"msg": "successfully updated the user preferences"},
    "updateTask": {
        "todo": {
            "title": "Buy oat milk",
            "dueDate": None,
            "completed": True,
            "completedAt": "2024-07-18T14:32:00.000Z",
        }
    },
    "deleteTask": {"msg": "Todo deleted successfully"},
    "getInbox": {
        "inbox": {
            "name": "Inbox",
            "personal": False,
            "slug": "inbox",
            "isDefault": True,
            "taskDisplayPreferences": None,
        }
    },
    "createProject": {"message": "Successfully created project", "project": {"taskDisplayPreferences": None}},
    "updateProject": {
        "message": "project updated successfully",
        "project": {"name": "Q1 Marketing Campaign"},
    },
    "deleteProject": {"msg": "project deleted successfully"},
    "updateSection": {"updatedSection": {"name": "Done"}},
    "deleteSection": {"msg": "section deleted sucessfully"},
    "updateTag": {"tag": {"color": "blue"}},
}
"""Where an answer differs from the examples of its shape: what it says, and what became of the body."""

NOTES: Mapping[str, str] = {
    "requestSignUpCode": (
        "The code has six digits and can be used once, within 5 minutes; a new one replaces it. After 5 requests "
        "in 24 hours for an address: 429."
    ),
    "completeSignUp": "The account gets an Inbox and default preferences. After 5 wrong codes in 24 hours: 429.",
    "signIn": "Several sessions of one user may live at once.",
    "updateProfile": "The name is required; without an image, the avatar stays.",
    "updatePassword": (
        "`currentPassword` is required while the account has a password; one that came through OAuth may set "
        "its first without."
    ),
    "listTasks": "Sorted by sort key, then creation; with `completed=true` by completion, newest first.",
    "createTask": (
        "Without `projectId` it goes to the Inbox, after the other tasks of its day. A section needs its "
        "project. While `isAllDay` is true, `dueTime` is ignored."
    ),
    "updateTask": (
        "What is left out stays. `tags` replaces all tags. Completing a task completes its subtasks; if it "
        "has a recurrence rule, the next one is created. Another project clears the section, unless one of "
        "the new project is named. `prevIndex` and `nextIndex`, the sort keys of neighbours, place it between"
        " them."
    ),
    "searchTasks": (
        "Every term has to be a part of a word of title or description, in any case. At most 20 tasks, 10 "
        "tags and 10 projects."
    ),
    "updateTasks": "At least one field is required. Subtasks completed with their parent are not counted.",
    "deleteTasks": "Subtasks deleted with their parent are not counted.",
    "createProject": "Give exactly one of `personal: true` and `workspaceId`.",
    "updateProject": "At least one field is required. The Inbox cannot be renamed.",
    "deleteProject": "The Inbox cannot be deleted.",
    "updateSection": "`prevIndex` and `nextIndex`, the sort keys of neighbours, place it between them.",
    "createTag": "Names are unique within the account.",
    "deleteTags": "The tags are taken off every task; the tasks stay.",
}
"""What a client has to know beyond the first words of the view."""
