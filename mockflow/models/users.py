"""Shapes of the users group (contract, section 3)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from mockflow.models.base import (
    PRINTABLE,
    WHOLE,
    Answer,
    Body,
    FormBody,
    Name,
    NewPassword,
    RecordId,
    Text,
    Timestamp,
    for_example,
    left_out,
)


def _digest_time(text: str) -> str:
    hours, _, minutes = text.partition(":")
    digits = len(text) == 5 and text.isascii() and hours.isdigit() and minutes.isdigit()
    if not (digits and int(hours) < 24 and int(minutes) < 60):
        raise PydanticCustomError("invalid_string", "Expected a time of day, HH:MM.")
    return text


_HH_MM: dict[str, Any] = {"pattern": "^(?:[01][0-9]|2[0-3]):[0-5][0-9]$"}

DigestTime = Annotated[str, AfterValidator(_digest_time), Field(json_schema_extra=_HH_MM)]
ReminderMinutes = Annotated[int, Field(ge=0, lt=2**31), WHOLE]


class ProfileForm(FormBody):
    """The text part of the multipart upload."""

    file = "image"
    model_config = for_example(name="Demo Person")

    name: Name


class NewName(Body):
    """Another name."""

    model_config = for_example(name="Demo Person")

    name: Name


class NewPasswordTwice(Body):
    """The new password, twice, and the present one."""

    model_config = for_example(
        currentPassword="Passw0rd!",
        newPassword="yourpassword",
        confirmNewPassword="yourpassword",
    )

    currentPassword: Annotated[
        Annotated[str, StringConstraints(max_length=1000), PRINTABLE] | None,
        Field(description="Required while the account has a password."),
    ] = None
    newPassword: NewPassword
    confirmNewPassword: Annotated[Text, Field(description="The same as `newPassword`.")]


class PreferenceChanges(Body):
    """Any of the preferences, at least one."""

    model_config = for_example(dailyDigest=True, digestTime="07:30")

    emailEnabled: bool = left_out()
    reminderBefore: ReminderMinutes = left_out("Minutes.")
    taskRemainders: bool = left_out()
    automaticRemainder: bool = left_out()
    dailyDigest: bool = left_out()
    digestTime: DigestTime | None = left_out("A time of day, `HH:MM`.")


class Preferences(Answer):
    """All of the preferences."""

    emailEnabled: Annotated[bool, Field(examples=[True])]
    reminderBefore: Annotated[int, Field(description="Minutes.", examples=[30])]
    taskRemainders: Annotated[bool, Field(examples=[True])]
    automaticRemainder: Annotated[bool, Field(examples=[True])]
    dailyDigest: Annotated[bool, Field(examples=[False])]
    digestTime: Annotated[str | None, Field(description="A time of day, `HH:MM`.", examples=[None])]


class User(Answer):
    """An account as its owner sees it."""

    id: RecordId
    name: Annotated[str | None, Field(examples=["Demo Person"])]
    email: Annotated[str, Field(examples=["demo@flowtask.test"])]
    image: Annotated[
        str | None,
        Field(
            description="The address that serves the uploaded avatar to everyone who knows it.",
            examples=["http://localhost:4747/avatars/cm3x9k2p40000abcd1234efgh_x7k2m9q"],
        ),
    ]
    isPasswordSet: Annotated[bool, Field(examples=[True])]
    isOAuthLinked: Annotated[bool, Field(examples=[False])]
    provider: Annotated[str | None, Field(examples=[None])]
    createdAt: Timestamp


class Profile(Answer):
    """The signed-in user."""

    user: User
