"""Shapes of stored records, as far as the API could have made them: what `PUT data` takes.

The kinds of value are those that come in by the API, so that one cannot be stricter than the other.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from mockflow.models.base import (
    Answer,
    Body,
    CalendarDate,
    Email,
    Moment,
    Name,
    NewPassword,
    RecordId,
    TagId,
    Text,
)
from mockflow.models.projects import DisplayPreferences
from mockflow.models.tags import TagColor, TagName
from mockflow.models.tasks import Color, Priority, RecurrenceRule, Title
from mockflow.models.users import DigestTime, ReminderMinutes

LIMIT = 5
"""How many moments count towards a passcode's limit; no more are ever kept."""

KEY_LENGTH = 200

_PASSWORD_HASH = re.compile(r"pbkdf2:sha256:[1-9][0-9]{0,5}\$[0-9A-Za-z]{1,64}\$[0-9a-f]{64}")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def _like(form: re.Pattern[str], what: str) -> AfterValidator:
    def check(text: str) -> str:
        if not form.fullmatch(text):
            raise PydanticCustomError("invalid_string", "Expected {what}.", {"what": what})
        return text

    return AfterValidator(check)


def _none_twice(values: list[Any]) -> list[Any]:
    if len(set(values)) < len(values):
        raise PydanticCustomError("not_unique", "Something is named twice.")
    return values


Number = Annotated[int, Field(ge=-(2**63), lt=2**63)]
Key = Annotated[str, StringConstraints(max_length=KEY_LENGTH)]
Code = Annotated[str, _like(re.compile(r"[0-9]{6}"), "six digits")]
Token = Annotated[str, _like(re.compile(r"[0-9A-Za-z_-]{32}"), "a session's cookie")]
AvatarKey = Annotated[str, _like(re.compile(r"c[0-9a-z]{24}_[0-9a-z]{7}"), "<userId>_<7 characters>")]
PasswordHash = Annotated[str, _like(_PASSWORD_HASH, "a password's hash, as the server makes it")]
Slug = Annotated[str, _like(_SLUG, "a slug such as q4-marketing-campaign")]
Provider = Literal["google", "github"]
Moments = Annotated[list[Moment], Field(max_length=LIMIT)]


class StoredPersona(Answer):
    """Somebody to sign in as."""

    email: Email
    password: NewPassword | None
    name: Name | None
    provider: Provider | None
    purpose: Annotated[Text, Field(alias="for")]


class StoredMeta(Answer):
    """What the data was seeded with."""

    id: Literal["meta"]
    schema_: Number = Field(alias="schema")
    seeds: Text
    seed: Number
    draws: Annotated[Number, Field(ge=0)]
    personas: list[StoredPersona]


class StoredPreferences(Answer):
    """All of the preferences."""

    emailEnabled: bool
    reminderBefore: ReminderMinutes
    taskRemainders: bool
    automaticRemainder: bool
    dailyDigest: bool
    digestTime: DigestTime | None


class StoredUser(Answer):
    """An account."""

    id: RecordId
    name: Name | None
    email: Email
    avatar: AvatarKey | None
    passwordHash: PasswordHash | None
    isOAuthLinked: bool
    provider: Provider | None
    preferences: StoredPreferences
    createdAt: Moment


class StoredSession(Answer):
    """A session."""

    id: Token
    userId: RecordId
    createdAt: Moment
    expiresAt: Moment


class StoredPasscode(Answer):
    """The latest passcode of an address, and what counts towards its limits."""

    id: Email
    code: Code | None
    expiresAt: Literal[""] | Moment
    requests: Moments
    failures: Moments


class StoredMessage(Answer):
    """A message of the outbox."""

    id: RecordId
    to: Email
    kind: Text
    subject: Text
    text: Text
    code: Code | None
    sentAt: Moment


class StoredAvatar(Answer):
    """An uploaded image; its content is judged as that of an upload."""

    id: AvatarKey
    userId: RecordId
    type: Literal["image/jpeg", "image/png"]
    base64: str


class StoredWorkspace(Answer):
    """A workspace."""

    id: RecordId
    name: Name
    memberIds: Annotated[list[RecordId], AfterValidator(_none_twice)]


class StoredProject(Answer):
    """A project."""

    id: RecordId
    name: Name
    personal: bool
    slug: Slug | None
    isDefault: bool
    taskDisplayPreferences: DisplayPreferences | None
    userId: RecordId
    workspaceId: RecordId | None


class StoredSection(Answer):
    """A section."""

    id: RecordId
    name: Name
    sortKey: Key
    projectId: RecordId


class StoredTag(Answer):
    """A tag."""

    id: TagId
    userId: RecordId
    name: TagName
    color: TagColor


class StoredRule(RecurrenceRule, Body):
    """How often a task comes back, with nothing left out."""

    interval: Annotated[int, Field(ge=1, le=365)]


class StoredTask(Answer):
    """A task."""

    id: RecordId
    userId: RecordId
    title: Title
    description: Text | None
    priority: Priority | None
    dueDate: CalendarDate | None
    dueTime: Moment | None
    isAllDay: bool
    completed: bool
    completedAt: Moment | None
    color: Color | None
    sortKey: Key
    reminder: bool
    tags: Annotated[list[TagId], AfterValidator(_none_twice)]
    parentId: RecordId | None
    projectId: RecordId
    projectSectionId: RecordId | None
    recurrenceRule: StoredRule | None
    recurrenceEndDate: CalendarDate | None
    createdAt: Moment
    updatedAt: Moment


RECORDS: dict[str, type[Answer]] = {
    "meta": StoredMeta,
    "users": StoredUser,
    "sessions": StoredSession,
    "passcodes": StoredPasscode,
    "outbox": StoredMessage,
    "avatars": StoredAvatar,
    "workspaces": StoredWorkspace,
    "projects": StoredProject,
    "sections": StoredSection,
    "tags": StoredTag,
    "tasks": StoredTask,
}
"""The shape of the records of each table."""
