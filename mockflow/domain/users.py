"""Profile, password and preferences (contract, section 3)."""

from __future__ import annotations

import base64
from typing import Any, NamedTuple

from mockflow import models
from mockflow.domain import passwords
from mockflow.domain.world import World
from mockflow.errors import CredentialsRefused, InvalidInput, NotFound
from mockflow.store import Record

IMAGE_LIMIT = 5 * 1024 * 1024

# What a file begins with tells its type, whatever its name or header says.
_SIGNATURES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}

IMAGE_TYPES = frozenset(_SIGNATURES.values())


class Avatar(NamedTuple):
    """The bytes of an uploaded image and their content type."""

    content: bytes
    type: str


def rename(world: World, user: Record, name: str) -> Record:
    """Give a user another name."""
    return world.store.users.change(user, name=name)


def update_profile(world: World, user: Record, name: str, image: bytes | None) -> None:
    """Set the name, and the avatar where an image came along. Raises `InvalidInput` for an unfit image."""
    user = rename(world, user, name)
    if image is None:
        return
    kind = image_type(image)
    previous = world.store.avatars.find(user["avatar"])
    if previous is not None:
        world.store.avatars.drop(previous)
    avatar = world.store.avatars.add(
        {
            "id": f"{user['id']}_{world.ids.suffix()}",
            "userId": user["id"],
            "type": kind,
            "base64": base64.b64encode(image).decode(),
        }
    )
    world.store.users.change(user, avatar=avatar["id"])


def avatar(world: World, key: str) -> Avatar:
    """The avatar with a key (`<userId>_<7 characters>`). Raises `NotFound`."""
    found = world.store.avatars.find(key)
    if found is None:
        raise NotFound(f"There is no avatar {key}.")
    return Avatar(base64.b64decode(found["base64"]), found["type"])


def change_password(world: World, user: Record, wanted: models.users.NewPasswordTwice) -> None:
    """Set a new password. An account without one may set its first; others have to know the present one."""
    if wanted.newPassword != wanted.confirmNewPassword:
        raise InvalidInput.at("confirmNewPassword", message="newPassword and confirmNewPassword differ.")
    if user["passwordHash"] is not None:
        if wanted.currentPassword is None:
            raise InvalidInput.at("currentPassword", message="Required.", code="invalid_type")
        if not world.passwords.matches(user["passwordHash"], wanted.currentPassword):
            raise CredentialsRefused.at("currentPassword", message="The current password is wrong.")
    world.store.users.change(user, passwordHash=passwords.hashed(wanted.newPassword, world.ids.salt()))


def preferences(user: Record) -> dict[str, Any]:
    """All preferences of a user."""
    return dict(user["preferences"])


def update_preferences(world: World, user: Record, wanted: models.users.PreferenceChanges) -> None:
    """Set some preferences. Raises `InvalidInput` where none is given."""
    changes = wanted.given()
    if not changes:
        raise InvalidInput(f"Give at least one of {', '.join(models.users.PreferenceChanges.model_fields)}.")
    world.store.users.change(user, preferences={**user["preferences"], **changes})


def image_type(image: bytes) -> str:
    """The type of an image, judged by its content. Raises `InvalidInput` for one that is too large, or none."""
    if len(image) > IMAGE_LIMIT:
        raise InvalidInput.at("image", message="The image is larger than 5 MB.", code="too_big")
    for signature, kind in _SIGNATURES.items():
        if image.startswith(signature):
            return kind
    raise InvalidInput.at("image", message="The image is neither a JPEG nor a PNG.", code="invalid_image")
