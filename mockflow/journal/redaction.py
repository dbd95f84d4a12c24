"""What must not be seen by who looks at requests: passwords, one-time codes, cookies, tokens.

In doubt too much is removed, not too little. Time grows with the length of what is looked at, and no faster.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_plus

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
_COOKIE = re.compile(r'\s*([^\s=;"]*)\s*(=?)("(?:[^"\\]|\\.)*(?:"|\Z)|[^;"])*(?:;|\Z)', re.DOTALL)


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
    # Half a surrogate pair goes back to the escape it came from.
    return _body(content.decode(errors="replace")).encode(errors="backslashreplace")


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
    plain = re.sub(r"[^a-z]", "", name.lower())
    if any(part in plain for part in _SECRET_PARTS) or plain.startswith("otp") or plain.endswith("otp"):
        return True
    return plain in _SECRET_WORDS or any(word.lower() in _SECRET_WORDS for word in _SUBWORD.findall(name))


def _secrets(content: str) -> Iterator[re.Match[str]]:
    """Where something secret is named, or may be."""
    return (found for found in _WORD.finditer(content) if found[0][0] in "\\%" or _is_secret(found[0]))


# -- bodies and queries


def _body(content: str) -> str:
    try:
        shown = _json(content)
    except (ValueError, RecursionError):
        form = all(map(_FORM_PAIR.fullmatch, content.split("&")))
        return _pairs(content) if form else text(content)
    return content if shown is None else shown


def _json(content: str) -> str | None:
    """JSON without the secrets in it; None where there are none. Raises `ValueError` for what is no JSON."""
    removed: list[str] = []

    def shown(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        return {key: remove(key) if _is_secret(key) else within(value) for key, value in pairs}

    def within(value: Any) -> Any:
        if isinstance(value, list):
            return [within(item) for item in value]
        if isinstance(value, str) and value.lstrip()[:1] in ("{", "[", '"') and _is_suspect(value):
            safe = _encoded(value)
            return value if safe == value else remove(value, safe)
        return value

    def remove(secret: str, instead: str = REMOVED) -> str:
        removed.append(secret)
        return instead

    # The pairs, not the object: of keys that are there twice, an object has but one.
    found = json.loads(content, object_pairs_hook=shown, parse_constant=_refuse)
    if isinstance(found, str):
        return json.dumps(_body(found), ensure_ascii=False)
    whole = within(found)
    return json.dumps(whole, ensure_ascii=False) if removed else None


def _encoded(value: str) -> str:
    """JSON in a string of JSON, as clients make it that encode twice."""
    try:
        shown = _json(value)
    except (ValueError, RecursionError):
        return text(value) if _names_a_value(value) else value
    return value if shown is None else shown


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


def _pairs(content: str) -> str:
    return "&".join(map(_pair, content.split("&")))


def _pair(pair: str) -> str:
    name, equals, value = pair.partition("=")
    plain = unquote_plus(name)
    if not (equals and _FIELD.fullmatch(plain)):
        whole = unquote_plus(pair)
        return text(whole) if next(_secrets(whole), None) else pair
    secret = _is_secret(plain) or _names_a_value(unquote_plus(value))
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
    plain = re.sub(r"[^a-z]", "", lowered)
    if any(part in plain for part in _SECRET_HEADER_PARTS) or _is_secret(name.title()):
        return lambda _: REMOVED
    return _with_url


def _cookies(value: str) -> str:
    return "; ".join(_cookie(found) for found in _COOKIE.finditer(value) if found[0].strip(" ;"))


def _cookie(found: re.Match[str]) -> str:
    return f"{found[1]}={REMOVED}" if found[1] and found[2] else REMOVED


def _set_cookie(value: str) -> str:
    found = _COOKIE.match(value)
    return value if found is None else f"{_cookie(found)}; {value[found.end() :].lstrip()}".rstrip("; ")


def _authorization(value: str) -> str:
    scheme = value.partition(" ")[0]
    return f"{scheme} {REMOVED}" if scheme.lower() in _SCHEMES else REMOVED


def _with_url(value: str) -> str:
    """Some header may have an address with a query, or with what OAuth puts behind the `#`."""
    place = re.search(r"[?#]", value)
    return value if place is None else f"{value[: place.end()]}{query(value[place.end() :])}"
