"""Passwords are kept as Werkzeug's hashes, with a salt from the sandbox's generator."""

from __future__ import annotations

import hashlib

from werkzeug.security import check_password_hash

# Enough to show that passwords are not kept, and a sign-in well below 10 ms: these are invented accounts.
_ROUNDS = 5_000


def hashed(password: str, salt: str) -> str:
    """A hash in the form that `werkzeug.security` reads; Werkzeug's own would choose another salt each time."""
    digest = hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), _ROUNDS).hex()
    return f"pbkdf2:sha256:{_ROUNDS}${salt}${digest}"


def matches(password_hash: str, password: str) -> bool:
    """Whether this is the password of a hash."""
    return check_password_hash(password_hash, password)
