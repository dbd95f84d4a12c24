"""Shapes of the accounts group (contract, section 2)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, RootModel, StringConstraints

from mockflow.models.base import PRINTABLE, Answer, Body, Email, NewPassword, for_example


class SignUpCodeRequest(Body):
    """Asks for a one-time passcode."""

    model_config = for_example(email="new@example.com")

    email: Email


class SignUp(Body):
    """Turns a passcode into an account."""

    model_config = for_example(email="new@example.com", code="123456", password="yourpassword")  # noqa: S106

    email: Email
    code: Annotated[
        str,
        StringConstraints(min_length=1, max_length=100),
        PRINTABLE,
        Field(description="The six digits of the one-time passcode."),
    ]
    password: NewPassword


class SignIn(Body):
    """An e-mail address and its password."""

    model_config = for_example(email="demo@flowtask.test", password="Passw0rd!")  # noqa: S106

    email: Email
    password: Annotated[
        str, StringConstraints(min_length=1), PRINTABLE, Field(json_schema_extra={"format": "password"})
    ]


class SignedIn(Answer):
    """Whose session it is."""

    isAuthenticated: Literal[True]
    email: Annotated[str, Field(examples=["demo@flowtask.test"])]


class SignedOut(Answer):
    """No session."""

    isAuthenticated: Literal[False]


class AuthState(RootModel[SignedIn | SignedOut]):
    """Whether there is a session."""
