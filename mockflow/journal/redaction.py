"""What must not be seen by who looks at requests: passwords, one-time codes, cookies, tokens.

In doubt too much is removed, not too little. Time grows with the length of what is looked at, and no faster.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from mockflow.journal.escapes import unescaped_field

REMOVED = "[removed]"

# Where none of these is in it, nothing has to be removed. An escape may hide any of them.
_HINTS = ("pass", "pwd", "otp", "code", "token", "secret", "cookie", "sid", "\\", "%")
_HINTS_BYTES = tuple(hint.encode() for hint in _HINTS)
_SECRET_PARTS = ("password", "passwd", "passcode", "passphrase", "token", "secret", "cookie")
_SECRET_WORDS = frozenset("pass pwd otp otps code codes sid".split())
_SECRET_HEADER_PARTS = (*_SECRET_PARTS, "apikey", "csrf", "xsrf", "session")
_SCHEMES = frozenset("basic bearer digest negotiate token".split())

_SUBWORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
# A word, or the escape of an ASCII letter, which has no honest reason and may hide a word.
_WORD = re.compile(
    r"[a-z][a-z_-]*|\\u00[4-7][0-9a-f]|%(?:4[1-9a-f]|5[0-9a]|6[1-9a-f]|7[0-9a])", re.IGNORECASE | re.ASCII
)
# What may be between a name and its value, escaped once more or not.
_ASSIGNED = re.compile(r"(?:[\s\"'\\\]]|%2[0257]|%5[cd]){0,20}(?:[:=]|%3[ad])", re.IGNORECASE)
_FIELD = re.compile(r"[\w.*\[\]-]+")
_FORM_PAIR = re.compile(r"[\w.%+*\[\]-]+=[^\s{}\"'<>]*")
_NO_LETTERS = re.compile(r"[^a-z]")
_QUOTE_OR_END = re.compile(r'[";]')
_QUOTE_OR_ESCAPE = re.compile(r'["\\]')
_BEHIND_PATH = re.compile(r"[?#]")
_USUAL_LENGTH = 512
"""Bytes. Shorter bodies with a secret are sign-ins, of which a test suite sends the same few all the time."""
_MOST_ENCODINGS = 8
"""How often a value may be JSON in a string of JSON; what is deeper is removed."""


def header(name: str, value: str) -> str:
    """A header's value as it may be shown: which cookies there are, and which scheme, but not what they hold."""
    show = _header_rule(name)
    return value if show is None else show(value)


def query(text: str) -> str:
    """A query string as it may be shown."""
    return _pairs(text) if _is_suspect(text) else text


def body(content: bytes) -> bytes:
    """A request's body as it may be shown.

    JSON loses the values of secret keys, wherever they are, and a form those of secret fields. Whatever else it
    is ends where the first secret is named: nobody can tell how far the secret goes.
    """
    lowered = content.lower()
    if not lowered or not any(hint in lowered for hint in _HINTS_BYTES):
        return content
    return _usual(content) if len(content) <= _USUAL_LENGTH else _shown(content)


def _shown(content: bytes) -> bytes:
    # Half a surrogate pair goes back to the escape it came from.
    return _body(content.decode(errors="replace")).encode(errors="backslashreplace")


_usual = lru_cache(maxsize=256)(_shown)


def text(content: str) -> str:
    """A sentence as it may be shown: no further than to where a secret is named."""
    found = next(_secrets(content), None) if _is_suspect(content) else None
    return content if found is None else f"{content[: found.end()]}{REMOVED}"


def _is_suspect(content: str) -> bool:
    lowered = content.lower()
    return any(hint in lowered for hint in _HINTS)


# -- names


def _is_secret(name: str) -> bool:
    if not _is_suspect(name):
        return False
    plain = _NO_LETTERS.sub("", name.lower())
    if any(part in plain for part in _SECRET_PARTS) or plain.startswith("otp") or plain.endswith("otp"):
        return True
    return plain in _SECRET_WORDS or any(word.lower() in _SECRET_WORDS for word in _SUBWORD.findall(name))


def _secrets(content: str) -> Iterator[re.Match[str]]:
    """Where something secret is named, or may be."""
    return (found for found in _WORD.finditer(content) if found[0][0] in "\\%" or _is_secret(found[0]))


# -- bodies and queries


def _body(content: str, encodings: int = 0) -> str:
    try:
        shown = _json(content, encodings)
    except (ValueError, RecursionError):
        form = all(map(_FORM_PAIR.fullmatch, content.split("&")))
        return _pairs(content) if form else text(content)
    return content if shown is None else shown


def _json(content: str, encodings: int) -> str | None:
    """JSON without the secrets in it; None where there are none. Raises `ValueError` for what is no JSON.

    `encodings` is how many JSON strings it was taken out of.
    """
    removed: list[str] = []

    def shown(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        return {key: remove(key) if _is_secret(key) else within(value) for key, value in pairs}

    def within(value: Any) -> Any:
        if isinstance(value, list):
            return [within(item) for item in value]
        if isinstance(value, str) and value.lstrip()[:1] in ("{", "[", '"') and _is_suspect(value):
            safe = _encoded(value, encodings + 1)
            return value if safe == value else remove(value, safe)
        return value

    def remove(secret: str, instead: str = REMOVED) -> str:
        removed.append(secret)
        return instead

    # The pairs, not the object: of keys that are there twice, an object has but one.
    found = json.loads(content, object_pairs_hook=shown, parse_constant=_refuse)
    if isinstance(found, str):
        return json.dumps(
            REMOVED if encodings >= _MOST_ENCODINGS else _body(found, encodings + 1), ensure_ascii=False
        )
    whole = within(found)
    return json.dumps(whole, ensure_ascii=False) if removed else None


def _encoded(value: str, encodings: int) -> str:
    """JSON in a string of JSON, as clients make it that encode twice."""
    if encodings > _MOST_ENCODINGS:
        return REMOVED
    try:
        shown = _json(value, encodings)
    except (ValueError, RecursionError):
        return text(value) if _names_a_value(value) else value
    return value if shown is None else shown


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


def _pairs(content: str) -> str:
    return "&".join(map(_pair, content.split("&")))


def _pair(pair: str) -> str:
    name, equals, value = pair.partition("=")
    plain = unescaped_field(name)
    if not (equals and _FIELD.fullmatch(plain)):
        whole = unescaped_field(pair)
        return text(whole) if next(_secrets(whole), None) else pair
    secret = _is_secret(plain) or _names_a_value(unescaped_field(value))
    return f"{name}={REMOVED}" if secret else pair


def _names_a_value(content: str) -> bool:
    """Whether there is `password: …` in it, or `"code": …`; a search for "code" is none."""
    return any(_ASSIGNED.match(content, found.end()) for found in _secrets(content))


# -- headers


@lru_cache(maxsize=512)
def _header_rule(name: str) -> Callable[[str], str] | None:
    lowered = name.lower()
    if lowered == "cookie":
        return _cookies
    if lowered == "set-cookie":
        return _set_cookie
    if lowered in ("authorization", "proxy-authorization"):
        return _authorization
    plain = _NO_LETTERS.sub("", lowered)
    if any(part in plain for part in _SECRET_HEADER_PARTS) or _is_secret(name.title()):
        return lambda _: REMOVED
    return _with_url


def _cookies(value: str) -> str:
    return "; ".join(
        _cookie(value[start:end]) for start, end in _cookie_places(value) if value[start:end].strip(" ")
    )


def _cookie_places(value: str) -> Iterator[tuple[int, int]]:
    """From where to where each cookie goes; a semicolon in quotes ends none."""
    start = 0
    while start <= len(value):
        end = _cookie_end(value, start)
        yield start, end
        start = end + 1


def _cookie_end(value: str, start: int) -> int:
    """Where the semicolon behind a cookie is, or the end."""
    while (found := _QUOTE_OR_END.search(value, start)) and found[0] == '"':
        start = _quoted_end(value, found.end())
    return found.start() if found else len(value)


def _quoted_end(value: str, start: int) -> int:
    """The place behind the quote that ends what is quoted from a place on, or the end."""
    while (found := _QUOTE_OR_ESCAPE.search(value, start)) and found[0] != '"':
        start = found.end() + 1
    return found.end() if found else len(value)


def _cookie(sent: str) -> str:
    name, equals, _ = sent.partition("=")
    name = name.strip()
    named = equals and name and '"' not in name and len(name.split()) == 1
    return f"{name}={REMOVED}" if named else REMOVED


def _set_cookie(value: str) -> str:
    end = _cookie_end(value, 0)
    return f"{_cookie(value[:end])}; {value[end + 1 :].lstrip()}".rstrip("; ")


def _authorization(value: str) -> str:
    scheme = value.partition(" ")[0]
    return f"{scheme} {REMOVED}" if scheme.lower() in _SCHEMES else REMOVED


def _with_url(value: str) -> str:
    """Some header may have an address with a query, or with what OAuth puts behind the `#`."""
    place = _BEHIND_PATH.search(value)
    return value if place is None else f"{value[: place.end()]}{query(value[place.end() :])}"
