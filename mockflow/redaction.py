"""What must not be seen by who looks at requests: passwords, one-time codes, cookies, tokens."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

REMOVED = "[removed]"

_SECRET_HEADERS = frozenset("cookie set-cookie authorization proxy-authorization".split())
_HINT = re.compile(rb"pass|otp|code|token|secret|\\u", re.IGNORECASE)
_EXACT = frozenset("otp code token secret".split())
_PARTS = ("password", "passwd", "passcode")
# A key and its value in what is not JSON: a form, or JSON with a mistake in it.
_PAIR = re.compile(
    r"""(?P<key>["']?[\w.\-\[\]%]{0,80}?(?:pass(?:word|wd|code)|otp|code|token|secret)[\w.\-\[\]%]{0,80}["']?\s*[=:]\s*)"""
    r"""(?:"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?|[^&;,\s}\]]*)""",
    re.IGNORECASE | re.DOTALL,
)
_COOKIE_VALUE = re.compile(r"(=)[^;,]*")


def header(name: str, value: str) -> str:
    """A header's value as it may be shown: which cookies there are, and which scheme, but not what they hold."""
    lowered = name.lower()
    if lowered not in _SECRET_HEADERS:
        return value
    if lowered == "cookie":
        return _COOKIE_VALUE.sub(rf"\1{REMOVED}", value)
    if lowered == "set-cookie":
        return _COOKIE_VALUE.sub(rf"\1{REMOVED}", value, count=1)
    scheme, space, _ = value.partition(" ")
    return f"{scheme} {REMOVED}" if space else REMOVED


def query(text: str) -> str:
    """A query string as it may be shown."""
    return _text(text) if _HINT.search(text.encode()) else text


def body(content: bytes) -> bytes:
    """A request's body as it may be shown: JSON loses the values of secret keys, wherever they are."""
    if not _HINT.search(content):
        return content
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return _text(content.decode(errors="replace")).encode()
    removed: list[str] = []
    shown = _without(found, removed.append)
    return json.dumps(shown, ensure_ascii=False).encode(errors="replace") if removed else content


def _without(value: Any, note: Callable[[str], None]) -> Any:
    if isinstance(value, list):
        return [_without(item, note) for item in value]
    if not isinstance(value, dict):
        return value
    shown = {}
    for key, inner in value.items():
        if _is_secret(key):
            note(key)
            shown[key] = REMOVED
        else:
            shown[key] = _without(inner, note)
    return shown


def _is_secret(key: str) -> bool:
    plain = re.sub(r"[^a-z]", "", key.lower())
    return plain in _EXACT or any(part in plain for part in _PARTS)


def _text(text: str) -> str:
    return _PAIR.sub(lambda found: f"{found['key']}{REMOVED}", text)
