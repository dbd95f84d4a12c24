"""Shapes of the accounts group (contract, section 2)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import RootModel, StringConstraints

from mockflow.models.base import PRINTABLE, Answer, Body, Email, NewPassword


class SignUpCodeRequest(Body):
    """Asks for a one-time passcode."""

    email: Email


class SignUp(Body):
    """Turns a passcode into an account."""

    email: Email
    code: Annotated[str, StringConstraints(min_length=1, max_length=100), PRINTABLE]
    password: NewPassword


class SignIn(Body):
    """An e-mail address and its password."""

    email: Email
    password: Annotated[str, StringConstraints(min_length=1), PRINTABLE]


class SignedIn(Answer):
    """Whose session it is."""

    isAuthenticated: Literal[True]
    email: str


class SignedOut(Answer):
    """No session."""

    isAuthenticated: Literal[False]


class AuthState(RootModel[SignedIn | SignedOut]):
    """Whether there is a session."""
