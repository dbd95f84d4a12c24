"""What is sent: requests of the API and of the control API with something odd in them, and bytes that are no HTTP.

`{task}` and the like stand for ids that the server has when they are sent.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from mockflow.app import create_app
from mockflow.faults.grammar import KEYS
from mockflow.faults.presets import PRESETS
from mockflow.operations import OPERATIONS
from mockflow.settings import Settings
from mockflow.store.schema import TABLES
from tests.fuzz.words import BODIES, FIELDS, HEADERS, METHODS, NAMES, REQUESTS, SAFE_RULES, VALUES


@dataclass(frozen=True)
class Sent:
    """A request, or what is none."""

    method: str = "GET"
    target: str = "/"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    raw: bytes | None = None
    """All of it, where it is no request."""
    signed_in: bool = True
    pieces: int = 1
    """In how many segments it goes out."""


_CONTROL = sorted(
    {
        (method, str(rule.rule))
        for rule in create_app(Settings(seeds="empty")).url_map.iter_rules()
        for method in (rule.methods or ())
        if rule.rule.startswith("/_mockflow/") and "events" not in rule.rule
    }
)
_API = [(one.method, one.path) for one in OPERATIONS]
_text = st.one_of(st.sampled_from([value for value in VALUES if isinstance(value, str)]), st.text(max_size=20))
_json = st.recursive(
    st.one_of(st.sampled_from(VALUES), st.text(max_size=12), st.integers(), st.floats(allow_nan=False)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=5), inner, max_size=5),
    ),
    max_leaves=12,
)
_object = st.dictionaries(st.sampled_from(FIELDS), _json, max_size=8)
_escaped = st.sampled_from(
    [
        "%",
        "%2",
        "%00",
        "%ff",
        "%2f",
        "%25",
        "+",
        "%F0%9F%98%80",
        "é",
        " ",
        "a",
        ",",
        "{task}",
        "{tag}",
        "50",
        "true",
    ]
)
_query = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "q",
                "tagIds",
                "completed",
                "todoIds",
                "search",
                "ids",
                "ids[]",
                "limit",
                "since",
                "text",
                "status",
                "path",
                "form",
                "operation",
                "method",
                "to",
                "kind",
                "x",
                "",
            ]
        ),
        st.lists(_escaped, max_size=5).map("".join),
    ),
    max_size=3,
).map(lambda pairs: "&".join(f"{name}={value}" for name, value in pairs))


def _filled(path: str, name: str) -> str:
    """A route with something in the place of each parameter."""
    filled = path
    for part in path.split("/"):
        if part.startswith("<"):
            own = {
                "<task_id>": "{task}",
                "<project_id>": "{project}",
                "<section_id>": "{section}",
                "<tag_id>": "{tag}",
            }
            filled = filled.replace(part, own.get(part, name) if name == "default" else name, 1)
    return filled


def _dumped(value: Any) -> bytes:
    return json.dumps(value).encode()


_bodies = st.one_of(
    _object.map(_dumped), _json.map(_dumped), st.just(b""), st.binary(max_size=40), st.sampled_from(BODIES)
)
_extra = st.lists(st.sampled_from(HEADERS), max_size=2).map(tuple)


@st.composite
def _calls(draw: st.DrawFn) -> Sent:
    """A call of the API or the control API, mostly of a route that is there."""
    method, path = draw(st.one_of(st.sampled_from(_API), st.sampled_from(_CONTROL)))
    target = _filled(path, draw(st.sampled_from(NAMES)))
    if draw(st.integers(0, 9)) == 0:
        method = draw(st.sampled_from(METHODS))
    if draw(st.integers(0, 3)) == 0:
        target = draw(st.sampled_from(["/s/gw0", "/s/gw1", "/s/", "/s/A", "/s/%00", "//", "/."])) + target
    query = draw(_query) if draw(st.booleans()) else ""
    headers: tuple[tuple[str, str], ...] = ()
    if draw(st.integers(0, 9)):
        headers = (("Content-Type", "application/json"),)
    if draw(st.integers(0, 2)) == 0:
        headers += draw(_extra)
    body = draw(_bodies) if method not in ("GET", "HEAD") or draw(st.integers(0, 5)) == 0 else b""
    return Sent(
        method,
        target + (f"?{query}" if query else ""),
        headers,
        body,
        signed_in=draw(st.integers(0, 5)) > 0,
        pieces=draw(st.sampled_from([1, 1, 1, 2, 5])),
    )


@st.composite
def _rules(draw: st.DrawFn) -> Sent:
    """A fault rule in the flat grammar, or as an object; none that makes clients wait."""
    if draw(st.booleans()):
        return Sent(
            "POST",
            "/_mockflow/faults",
            (("Content-Type", "application/json"),),
            _dumped(draw(st.sampled_from(SAFE_RULES))),
        )
    keys = [key for key in KEYS if key not in ("hang", "latency", "bytes-per-second", "jitter")]
    pairs = draw(
        st.lists(st.tuples(st.sampled_from(keys), _text | st.integers().map(str)), min_size=1, max_size=4)
    )
    text = "; ".join(f"{key}={value}" for key, value in pairs) + "; times=1"
    name = draw(st.sampled_from([*PRESETS, "nowhere"]))
    return draw(
        st.sampled_from(
            [
                Sent("POST", "/_mockflow/faults", (("Content-Type", "application/json"),), _dumped(text)),
                Sent("DELETE", "/_mockflow/faults", (("Content-Type", "application/json"),)),
                Sent(
                    "POST",
                    f"/_mockflow/faults/presets/{name if name != 'slow' else 'flaky'}",
                    (("Content-Type", "application/json"),),
                ),
            ]
        )
    )


@dataclass(frozen=True)
class Document:
    """A whole state to be loaded, changed in one place: some value of some record becomes another."""

    table: str
    record: int
    field: int
    value: Any
    sandbox: str


_documents = st.builds(
    Document,
    st.sampled_from(sorted(TABLES)),
    st.integers(0, 5),
    st.integers(0, 30),
    _json,
    st.sampled_from(["", "/s/gw0"]),
)


@st.composite
def _raws(draw: st.DrawFn) -> Sent:
    """Bytes: a request with some of them replaced, or none at all."""
    if draw(st.integers(0, 3)) == 0:
        return Sent(raw=draw(st.binary(max_size=200)), pieces=draw(st.sampled_from([1, 3])))
    mutated = bytearray(draw(st.sampled_from(REQUESTS)))
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, len(mutated)))
        mutated[place : place + draw(st.integers(0, 3))] = draw(
            st.sampled_from(
                [
                    b"",
                    b"\r\n",
                    b"\n",
                    b"\x00",
                    b"\xff",
                    b" ",
                    b"%",
                    b":",
                    b"x" * 300,
                    b"0",
                    b"ffffffffffffffff",
                    b";",
                    b"\r",
                ]
            )
        )
    return Sent(raw=bytes(mutated), pieces=draw(st.sampled_from([1, 2, 7])))


attempts = st.lists(
    st.one_of(_calls(), _calls(), _calls(), _calls(), _calls(), _rules(), _raws(), _documents),
    min_size=1,
    max_size=8,
)
