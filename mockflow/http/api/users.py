"""Profile, password and preferences (contract, section 3), and the avatars they point at."""

from __future__ import annotations

from flask import Response

from mockflow import models
from mockflow.domain import users
from mockflow.domain import views as shown
from mockflow.errors import CredentialsRefused, InvalidInput
from mockflow.http import parsing
from mockflow.http.answers import answer
from mockflow.http.api.binding import Call, Views
from mockflow.http.exchange import Exchange

views = Views("users")

UNKNOWN_TYPE = "application/octet-stream"
"""Of what is no avatar by its type, whoever stored it: no browser shows it as a page."""


@views.handles("getProfile", gives=lambda: {200: models.users.Profile})
def get_profile(call: Call) -> Response:
    """The signed-in user."""
    return answer(200, {"user": shown.user(call.user, call.base_url)})


@views.handles("updateProfile", gives=lambda: {201: models.base.Message}, raises=(InvalidInput,))
def update_profile(call: Call, form: parsing.Form[models.users.ProfileForm]) -> Response:
    """The one operation whose body is a multipart form."""
    users.update_profile(call.world, call.user, form.fields.name, form.file)
    return answer(201, {"msg": "user profile updated successfully"})


@views.handles("updateName", gives=lambda: {200: models.base.Message})
def update_name(call: Call, body: models.users.NewName) -> Response:
    """The answer's message repeats the name."""
    user = users.rename(call.world, call.user, body.name)
    return answer(200, {"msg": f"Name updated sucessfully to {user['name']}"})


@views.handles("updatePassword", gives=lambda: {200: models.base.Message}, raises=(CredentialsRefused,))
def update_password(call: Call, body: models.users.NewPasswordTwice) -> Response:
    """Sets the password; the account's sessions go on."""
    users.change_password(call.world, call.user, body)
    return answer(200, {"msg": "Password updated sucessfully"})


@views.handles("getPreferences", gives=lambda: {200: models.users.Preferences})
def get_preferences(call: Call) -> Response:
    """The answer is the preferences object itself, not wrapped in another."""
    return answer(200, users.preferences(call.user))


@views.handles("updatePreferences", gives=lambda: {200: models.base.Message}, raises=(InvalidInput,))
def update_preferences(call: Call, body: models.users.PreferenceChanges) -> Response:
    """Sets any of the preferences, at least one."""
    users.update_preferences(call.world, call.user, body)
    return answer(200, {"msg": "successfully updated the user preferences"})


@views.blueprint.get("/avatars/<key>", provide_automatic_options=False)
def show_avatar(exchange: Exchange, key: str) -> Response:
    """The uploaded bytes, for everyone who knows the address, as an image host would."""
    with exchange.sandbox.store.transaction():
        avatar = users.avatar(exchange.sandbox.world, key)
    kind = avatar.type if avatar.type in users.IMAGE_TYPES else UNKNOWN_TYPE
    response = Response(avatar.content, content_type=kind)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
