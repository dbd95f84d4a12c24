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

IDS = ("task", "project", "section", "tag", "inbox", "workspace")
FIELDS = (
    "title name email password code description priority dueDate dueTime isAllDay color reminder tags parentId projectId "
    "projectSectionId recurrenceRule recurrenceEndDate completed sortKey prevIndex nextIndex personal workspaceId "
    "taskDisplayPreferences viewMode pattern interval digestTime reminderBefore currentPassword newPassword "
    "confirmNewPassword match effect latency ms jitter status body headers query operation method path user id skip times "
    "probability phase expiresAfter count atLeast atMost seeds seed clock freeze advance set from ttlSeconds label "
    "disconnect malformed expireSession message retryAfter bytesPerSecond distribution"
).split()
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 30, 5e-324, 1e308, -0.0, 2**63, 2**64, 10**30, "", " ", "\u0000", "\ufeff", "\u001f", "\ud800", "a0",
    "Zz", "z" * 201, "x" * 501, "é", "e\u0301", "\u202e\u200d", "2026-02-30", "2026-03-01", "2026-03-10T12:00:00Z", "PT5M", "24h",
    "0000-01-01", "9999-12-31", "10000-01-01", "+275760-09-13T00:00:00Z", "#0af", "high", "monthly", "montly", "list",
    "ann@example.com", "ANN@example.com", "new@example.com", "Passw0rd!", "minimal", "demo", "default", "createTask",
    "{task}", "{project}", "{section}", "{tag}", "{inbox}", "{workspace}", "{task},{task}", "/api/**", "POST", "[removed]", "a\r\nb: c",
    "before", "after", "truncate", [], {}, [[]], [None], ["{tag}", "{tag}"], {"a": {"b": []}}, "\U0001f600" * 50,
)  # fmt: skip
NAMES = (
    "",
    "a",
    "default",
    "gw0",
    "box-1",
    "A",
    "..",
    "%2e%2e",
    "%00",
    "x" * 41,
    "é",
    "a/b",
    "large",
    "nowhere",
    "req-1",
    "req-0",
)
HEADERS = (
    ("X-Mockflow-Fault", "status=503"), ("X-Mockflow-Fault", "malformed=true; phase=after"), ("X-Mockflow-Fault", "disconnect=reset"),
    ("X-Mockflow-Fault", "\xff"), ("Prefer", "code=429"), ("Prefer", "code=999"), ("X-Mockflow-Sandbox", "gw1"), ("X-Mockflow-Sandbox", ""),
    ("X-Mockflow-Sandbox", "é".encode().decode("latin-1")), ("Origin", "http://localhost:3000"), ("Origin", "null"), ("Origin", "http://evil.test"),
    ("Content-Encoding", "gzip"), ("Content-Encoding", "br"), ("Transfer-Encoding", "chunked"), ("Transfer-Encoding", "identity"),
    ("Expect", "100-continue"), ("Upgrade", "h2c"), ("Connection", "Upgrade, HTTP2-Settings"), ("Host", ""), ("Host", "evil.test"), ("Host", "[::1"),
    ("Content-Length", "-1"), ("Content-Length", "99999999999999999999"), ("Content-Length", "5"), ("Cookie", 'connect.sid="\\'),
    ("Cookie", "a=b; " * 900), ("Accept", "text/html"), ("Accept-Encoding", "gzip"), ("Range", "bytes=0-1"), ("If-None-Match", "*"),
    ("Authorization", "Bearer x"), ("Sec-Fetch-Site", "cross-site"), ("X-Forwarded-Prefix", "/x"), ("Content-Type", "text/plain"),
    ("Content-Type", "application/json; charset=utf-16"), ("Content-Type", "multipart/form-data; boundary=b"), ("Content-Type", ";=\"\\"),
    ("X-A", "b\x0bc"), ("X" * 300, "y"), ("A", "b" * 9000),
)  # fmt: skip
METHODS = (
    "GET",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "HEAD",
    "OPTIONS",
    "TRACE",
    "CONNECT",
    "get",
    "MKCOL",
    "M-SEARCH",
)
SAFE_RULES = ("status=500; times=1", "status=429; times=1", "malformed=true; times=1", "disconnect=empty; times=1; phase=after",
              "latency=5; times=1", "expire-session=true; times=1", "disconnect=garbage; times=1", "disconnect=truncate; times=2")  # fmt: skip


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
    st.tuples(st.sampled_from(["q", "tagIds", "completed", "todoIds", "search", "ids", "ids[]", "limit", "since", "text", "status", "path", "form",
                               "operation", "method", "to", "kind", "x", ""]),
              st.lists(_escaped, max_size=5).map("".join)), max_size=3,
).map(lambda pairs: "&".join(f"{name}={value}" for name, value in pairs))  # fmt: skip


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
    _object.map(_dumped), _json.map(_dumped), st.just(b""), st.binary(max_size=40),
    st.sampled_from([b"[" * 5000, b'{"a":' * 3000, b'{"title": "x"', b"nul", b"1e999", b'{"title": "\\ud800"}', b'"' + b"x" * 110_000 + b'"',
                     b"\xef\xbb\xbf{}", b"{}{}", b'{"title":"a","title":"b"}', b"\x1f\x8b\x08\x00", b"--b\r\n\r\n--b--\r\n",
                     b'--b\r\nContent-Disposition: form-data; name="name"\r\n\r\nx\r\n--b--\r\n']),
)  # fmt: skip
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
    return Sent(method, target + (f"?{query}" if query else ""), headers, body,
                signed_in=draw(st.integers(0, 5)) > 0, pieces=draw(st.sampled_from([1, 1, 1, 2, 5])))  # fmt: skip


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
    return draw(st.sampled_from([
        Sent("POST", "/_mockflow/faults", (("Content-Type", "application/json"),), _dumped(text)),
        Sent("DELETE", "/_mockflow/faults", (("Content-Type", "application/json"),)),
        Sent("POST", f"/_mockflow/faults/presets/{name if name != 'slow' else 'flaky'}", (("Content-Type", "application/json"),)),
    ]))  # fmt: skip


@dataclass(frozen=True)
class Document:
    """A whole state, changed in one place, to be loaded: the so manieth value of a table's record becomes another."""

    table: str
    record: int
    field: int
    value: Any
    sandbox: str


_documents = st.builds(Document, st.sampled_from(sorted(TABLES)), st.integers(0, 5), st.integers(0, 30), _json,
                       st.sampled_from(["", "/s/gw0"]))  # fmt: skip


@st.composite
def _raws(draw: st.DrawFn) -> Sent:
    """Bytes: a request with some of them replaced, or none at all."""
    if draw(st.integers(0, 3)) == 0:
        return Sent(raw=draw(st.binary(max_size=200)), pieces=draw(st.sampled_from([1, 3])))
    whole = draw(st.sampled_from([
        b"POST /api/v2/todo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{\"title\":\"a\"}",
        b"POST /api/v2/todo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        b"GET /api/v1/auth-check HTTP/1.1\r\nHost: localhost\r\n\r\n" * 3,
        b"GET http://localhost/api/v1/auth-check?a#b HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n",
        b"PUT /_mockflow/data HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ]))  # fmt: skip
    mutated = bytearray(whole)
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
