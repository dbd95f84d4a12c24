"""Shapes of the users group (contract, section 3)."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from mockflow.models.base import (
    PRINTABLE,
    Answer,
    Body,
    Name,
    NewPassword,
    RecordId,
    Text,
    Timestamp,
    WholeNumber,
    left_out,
)


def _digest_time(text: str) -> str:
    hours, _, minutes = text.partition(":")
    digits = len(text) == 5 and text.isascii() and hours.isdigit() and minutes.isdigit()
    if not (digits and int(hours) < 24 and int(minutes) < 60):
        raise PydanticCustomError("invalid_string", "Expected a time of day, HH:MM.")
    return text


DigestTime = Annotated[str, AfterValidator(_digest_time)]
ReminderMinutes = Annotated[WholeNumber, Field(ge=0, lt=2**31)]


class ProfileForm(Body):
    """The text part of the multipart upload."""

    name: Name


class NewName(Body):
    """Another name."""

    name: Name


class NewPasswordTwice(Body):
    """The password to have from now on, twice, and the one it was."""

    currentPassword: Annotated[str, StringConstraints(max_length=1000), PRINTABLE] | None = None
    newPassword: NewPassword
    confirmNewPassword: Text


class PreferenceChanges(Body):
    """Any of the preferences."""

    emailEnabled: bool = left_out()
    reminderBefore: ReminderMinutes = left_out()
    taskRemainders: bool = left_out()
    automaticRemainder: bool = left_out()
    dailyDigest: bool = left_out()
    digestTime: DigestTime | None = left_out()


class Preferences(Answer):
    """All of the preferences."""

    emailEnabled: bool
    reminderBefore: int
    taskRemainders: bool
    automaticRemainder: bool
    dailyDigest: bool
    digestTime: str | None


class User(Answer):
    """An account as its owner sees it."""

    id: RecordId
    name: str | None
    email: str
    image: str | None
    isPasswordSet: bool
    isOAuthLinked: bool
    provider: str | None
    createdAt: Timestamp


class Profile(Answer):
    """The signed-in user."""

    user: User
