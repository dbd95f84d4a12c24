"""Texts as the API trims and compares them (contract, section 1)."""

from __future__ import annotations

import re
import unicodedata

SPACES = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
"""What `trim` takes away in JavaScript: fewer than Python's `strip` (not U+001F, U+0085), but also U+FEFF."""

_CONTROL = r"[\x00-\x08\x0e-\x1f\x7f-\x9f]"
_BETWEEN_WORDS = f"[{SPACES}]+"


def trimmed(text: str) -> str:
    """A text without white space at its ends."""
    return text.strip(SPACES)


def control_character(text: str) -> str | None:
    """The first control character in a text that is no white space."""
    found = re.search(_CONTROL, text)
    return None if found is None else found[0]


def folded(text: str) -> str:
    """A text as searches compare it: in one case, and with accents written in one way."""
    return unicodedata.normalize("NFC", text).casefold()


def words(text: str) -> list[str]:
    """What is between white space."""
    return [word for word in re.split(_BETWEEN_WORDS, text) if word]
