"""Passwords are kept as Werkzeug's hashes, with a salt from the sandbox's generator."""

from __future__ import annotations

import hashlib
import hmac

from werkzeug.security import check_password_hash

from mockflow.ids import session_token

# Enough to show that passwords are not kept, and a sign-in well below 10 ms: these are invented accounts.
_ROUNDS = 5_000

_MOST_KNOWN = 1_000


def hashed(password: str, salt: str) -> str:
    """A hash in the form that `werkzeug.security` reads; Werkzeug's own would choose another salt each time."""
    digest = hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), _ROUNDS).hex()
    return f"pbkdf2:sha256:{_ROUNDS}${salt}${digest}"


class Passwords:
    """Checks passwords, and remembers which one opened a hash: test suites sign in with the same one all the time.

    What is remembered is a keyed digest, never a password. As hashes are salted, all sandboxes may share one.
    """

    def __init__(self) -> None:
        self._key = session_token().encode()
        self._known: dict[str, bytes] = {}

    def matches(self, password_hash: str, password: str) -> bool:
        """Whether this is the password of a hash."""
        digest = hashlib.blake2b(password.encode(), key=self._key).digest()
        known = self._known.get(password_hash)
        if known is not None and hmac.compare_digest(known, digest):
            return True
        if not check_password_hash(password_hash, password):
            return False
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        self._known[password_hash] = digest
        return True
