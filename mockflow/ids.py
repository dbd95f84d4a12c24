"""Chance: the one room that draws ids, codes, picks and tokens.

Everything but session tokens is a function of the sandbox's seed and of how many draws came before, so the
same requests give the same answers on every Python version.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Sequence
from typing import TypeVar

_T = TypeVar("_T")

_BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"
# Crockford's alphabet in lower case, as type-prefixed ids use it; a 128 bit value never starts above 7.
_BASE32 = "0123456789abcdefghjkmnpqrstvwxyz"


def session_token() -> str:
    """An unpredictable value for a session cookie."""
    return secrets.token_urlsafe(24)


class Ids:
    """Draws for one sandbox. `next_draw` names each: the seed, and how many came before (`42:0`, `42:1`, …)."""

    def __init__(self, next_draw: Callable[[], str]) -> None:
        self._next_draw = next_draw

    def _number(self) -> int:
        digest = hashlib.blake2b(self._next_draw().encode(), digest_size=32).digest()
        return int.from_bytes(digest)

    def _text(self, alphabet: str, length: int) -> str:
        number, letters = self._number(), []
        for _ in range(length):
            number, digit = divmod(number, len(alphabet))
            letters.append(alphabet[digit])
        return "".join(letters)

    def record(self) -> str:
        """An id for a user, task, project or section: `c` and 24 of `[a-z0-9]`."""
        return "c" + self._text(_BASE36, 24)

    def tag(self) -> str:
        """An id for a tag: `tag_` and 26 letters of lower-case base32."""
        return "tag_" + self._text(_BASE32[:8], 1) + self._text(_BASE32, 25)

    def suffix(self) -> str:
        """The 7 characters at the end of an avatar's path."""
        return self._text(_BASE36, 7)

    def code(self) -> str:
        """A one-time passcode: six digits."""
        return f"{self._number() % 1_000_000:06d}"

    def salt(self) -> str:
        """A salt for a password's hash."""
        return self._text(_BASE36, 16)

    def below(self, limit: int) -> int:
        """A whole number from 0 up to, not including, `limit`."""
        return self._number() % limit

    def pick(self, choices: Sequence[_T]) -> _T:
        """One of several."""
        return choices[self.below(len(choices))]
