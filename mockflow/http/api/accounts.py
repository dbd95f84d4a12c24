"""Signing up, in and out (contract, section 2)."""

from __future__ import annotations

from flask import Response

from mockflow import models
from mockflow.domain import accounts
from mockflow.errors import CredentialsRefused, NotPossible, TooManyRequests, WrongCode
from mockflow.http import auth
from mockflow.http.answers import answer
from mockflow.http.api.binding import Call, Views
from mockflow.store import Record

views = Views("accounts")


def _with_session(call: Call, user: Record, message: str) -> Response:
    session = accounts.start_session(call.world, user)
    lifetime = int(call.world.session_ttl.total_seconds())
    return auth.set_cookie(call.exchange.request, answer(200, {"msg": message}), session["id"], lifetime)


@views.handles(
    "requestSignUpCode", gives=lambda: {200: models.base.Message}, raises=(NotPossible, TooManyRequests)
)
def request_sign_up_code(call: Call, body: models.accounts.SignUpCodeRequest) -> Response:
    """The message with the code goes to the sandbox's outbox."""
    accounts.request_code(call.world, body.email)
    return answer(200, {"msg": "OTP sent successfully"})


@views.handles(
    "completeSignUp", gives=lambda: {200: models.base.Message}, raises=(NotPossible, WrongCode, TooManyRequests)
)
def complete_sign_up(call: Call, body: models.accounts.SignUp) -> Response:
    """Signs in as well."""
    user = accounts.complete_sign_up(call.world, body)
    return _with_session(call, user, "accout created sucessfully")


@views.handles("signIn", gives=lambda: {200: models.base.Message}, raises=(CredentialsRefused,))
def sign_in(call: Call, body: models.accounts.SignIn) -> Response:
    """A sign-in always starts a new session."""
    return _with_session(call, accounts.signed_in(call.world, body), "Logged in successfully")


@views.handles("checkAuth", gives=lambda: {200: models.accounts.AuthState})
def check_auth(call: Call) -> Response:
    """Answers everyone, signed in or not."""
    if call.caller is None:
        return answer(200, {"isAuthenticated": False})
    return answer(200, {"isAuthenticated": True, "email": call.caller["email"]})


@views.handles("signOut", gives=lambda: {200: models.base.Message})
def sign_out(call: Call) -> Response:
    """Destroys the session on the server: a replayed cookie gets 401."""
    accounts.end_session(call.world, str(call.token))
    return auth.clear_cookie(call.exchange.request, answer(200, {"msg": "Logged out successfully"}))
