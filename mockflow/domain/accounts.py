"""Signing up, in and out; sessions (contract, section 2)."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any, cast

from mockflow import models
from mockflow.clock import iso, parse_moment
from mockflow.domain import passwords, relations
from mockflow.domain.world import World
from mockflow.errors import CredentialsRefused, NotPossible, TooManyRequests, WrongCode
from mockflow.ids import session_token
from mockflow.store import Record
from mockflow.store.schema import PREFERENCES

CODE_LIFETIME = timedelta(minutes=5)
LIMIT = 5
LIMIT_WINDOW = timedelta(hours=24)


def account_of(world: World, email: str) -> Record | None:
    """The account with an address, which is in lower case."""
    return next(iter(world.store.users.having("email", email)), None)


def create_account(
    world: World, email: str, *, password: str | None, name: str | None = None, provider: str | None = None
) -> Record:
    """A new account with its Inbox and default preferences; one with a `provider` came through OAuth."""
    user = world.store.users.add(
        {
            "id": world.ids.record(),
            "name": name,
            "email": email,
            "avatar": None,
            "passwordHash": None if password is None else passwords.hashed(password, world.ids.salt()),
            "isOAuthLinked": provider is not None,
            "provider": provider,
            "preferences": dict(PREFERENCES),
            "createdAt": world.timestamp(),
        }
    )
    relations.create_inbox(world, user["id"])
    return user


# -- sign-up


def request_code(world: World, email: str) -> None:
    """Put a new one-time passcode into the outbox; it replaces the one before.

    Raises `NotPossible` where the account exists, `TooManyRequests` after five in 24 hours.
    """
    _refuse_existing(world, email)
    now = world.clock.now()
    passcode = _passcode(world, email)
    requests = _recent(passcode["requests"], now)
    _enforce_limit(requests, now, "passcodes were requested")
    code = world.ids.code()
    world.store.passcodes.change(
        passcode, code=code, expiresAt=iso(now + CODE_LIFETIME), requests=[*requests, iso(now)]
    )
    world.outbox.send(
        to=email,
        kind="sign-up-code",
        subject="Your Flowtask sign-up code",
        text=f"Your one-time passcode is {code}. It is valid for 5 minutes.",
        code=code,
    )


def complete_sign_up(world: World, wanted: models.accounts.SignUp) -> Record:
    """The new account, for the right code.

    Raises `NotPossible` where the account exists or the code has expired, `WrongCode` (which is counted), and
    `TooManyRequests` after five wrong codes in 24 hours.
    """
    _refuse_existing(world, wanted.email)
    now = world.clock.now()
    passcode = _passcode(world, wanted.email)
    failures = _recent(passcode["failures"], now)
    _enforce_limit(failures, now, "wrong passcodes were sent")
    if passcode["code"] != wanted.code:
        world.store.passcodes.change(passcode, failures=[*failures, iso(now)])
        known = "The passcode is wrong." if passcode["code"] else "No passcode is waiting: request a new one."
        raise WrongCode.at("code", message=known, code="invalid_code")
    if now >= parse_moment(passcode["expiresAt"]):
        raise NotPossible.at(
            "code", message="The passcode has expired; it is valid for 5 minutes.", code="expired"
        )
    world.store.passcodes.change(passcode, code=None)
    return create_account(world, wanted.email, password=wanted.password)


def _refuse_existing(world: World, email: str) -> None:
    if account_of(world, email):
        raise NotPossible.at("email", message=f"There is an account with the e-mail {email} already.")


def _passcode(world: World, email: str) -> Record:
    passcodes = world.store.passcodes
    empty: dict[str, Any] = {"id": email, "code": None, "expiresAt": "", "requests": [], "failures": []}
    return passcodes.find(email) or passcodes.add(empty)


def _recent(moments: list[str], now: datetime) -> list[str]:
    return [moment for moment in moments if now - parse_moment(moment) < LIMIT_WINDOW]


def _enforce_limit(moments: list[str], now: datetime, what: str) -> None:
    if len(moments) >= LIMIT:
        free = parse_moment(moments[-LIMIT]) + LIMIT_WINDOW
        raise TooManyRequests(
            f"{LIMIT} {what} for this e-mail within 24 hours.", math.ceil((free - now).total_seconds())
        )


# -- sessions


def signed_in(world: World, wanted: models.accounts.SignIn) -> Record:
    """The account that an e-mail and password open. Raises `CredentialsRefused`."""
    user = account_of(world, wanted.email)
    if user is None:
        raise CredentialsRefused.at("email", message=f"There is no account with the e-mail {wanted.email}.")
    if user["passwordHash"] is None:
        message = f"This account signs in through {user['provider']} and has no password."
        raise CredentialsRefused.at("password", message=message)
    if not world.passwords.matches(user["passwordHash"], wanted.password):
        raise CredentialsRefused.at("password", message="The password is wrong.")
    return user


def start_session(world: World, user: Record) -> Record:
    """A new session, whose id is the cookie's value. The user's expired ones are cleared away."""
    now = world.clock.now()
    # Oldest first, so that many living ones cost no more than few.
    own = world.store.sessions.each("user", user["id"])
    for session in list(takewhile(lambda session: _expired(session, now), own)):
        world.store.sessions.drop(session)
    return world.store.sessions.add(
        {
            "id": session_token(),
            "userId": user["id"],
            "createdAt": iso(now),
            "expiresAt": iso(now + world.session_ttl),
        }
    )


def user_of(world: World, token: str | None) -> Record | None:
    """Whose session a cookie's value names, if it names one that lives."""
    session = world.store.sessions.find(token)
    if session is None or _expired(session, world.clock.now()):
        return None
    return world.store.users.fetch(session["userId"])


def end_session(world: World, token: str) -> None:
    """Destroy one session: its cookie is worth nothing from now on."""
    world.store.sessions.drop(world.store.sessions.fetch(token))


def end_sessions(world: World, user: Record | None = None) -> int:
    """Destroy all sessions, or all of one user; tells how many of them were still alive."""
    sessions, now = world.store.sessions, world.clock.now()
    ended = sessions.records() if user is None else sessions.having("user", user["id"])
    for session in ended:
        sessions.drop(session)
    return sum(not _expired(session, now) for session in ended)


def _expired(session: Record, now: datetime) -> bool:
    if session.rendered is None:
        session.rendered = parse_moment(session["expiresAt"])  # once, not with each request
    return now >= cast(datetime, session.rendered)
