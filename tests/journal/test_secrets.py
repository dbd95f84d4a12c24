"""Passwords, codes, cookies and tokens are seen by nobody who looks at the journal or the log."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockflow.app import create_app, sandboxes_of
from mockflow.clock import Stopwatch
from mockflow.settings import Settings
from tests.conftest import NOW, PEOPLE
from tests.journal.reading import CHECK, CONTROL, REQUESTS, SIGN_IN, TASKS, forget, last
from tests.support import PASSWORD, Api

MARKER = "Hu5h-Hu5h"
REMOVED = "[removed]"
USER = "/api/v1/user"


@pytest.fixture
def ann(api: Api) -> Api:
    """Ann's client."""
    return api.sign_in("ann@example.com")


@pytest.fixture(params=["text", "json"])
def log(request: pytest.FixtureRequest) -> Iterator[tuple[Api, list[str]]]:
    """A client, and the log of its app."""
    lines: list[str] = []
    chosen = Settings(seeds=PEOPLE, clock=NOW, log_format=request.param)
    app = create_app(chosen, log=lines.append, report=lines.append)
    yield Api(app), lines
    sandboxes_of(app).close()


def seen(api: Api) -> str:
    """All that can be seen of the requests so far."""
    whole = api.call("GET", REQUESTS)
    assert whole.status_code == 200, whole.text
    parts = [whole.text]
    for entry in whole.json["requests"]:
        parts.append(api.get(f"{REQUESTS}/{entry['id']}").text)
    verdict = api.post(f"{REQUESTS}/verify", match={"body": {"password": 1, "x": 2}}, count=9)
    return "".join([*parts, verdict.text])


def send(api: Api, content: bytes, kind: str = "application/json", path: str = SIGN_IN, **headers: str) -> Any:
    """POST some bytes; what is shown as their body."""
    response = api.client.post(path, data=content, content_type=kind, headers=headers)
    assert response.status_code < 500
    return last(api)["request"]["body"]


# -- what operations take


TAKING: dict[str, tuple[str, str, dict[str, str]]] = {
    "signIn": ("POST", SIGN_IN, {"email": "ann@example.com", "password": MARKER}),
    "completeSignUp": (
        "POST", f"{USER}/signup/verify", {"email": "new@example.com", "code": MARKER, "password": f"{MARKER}!"},
    ),
    "updatePassword": (
        "PUT", f"{USER}/password",
        {"currentPassword": MARKER, "newPassword": f"{MARKER}2", "confirmNewPassword": f"{MARKER}3"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body"), TAKING.values(), ids=TAKING)
def test_no_operation_shows_the_secrets_it_takes(ann: Api, method: str, path: str, body: dict[str, str]) -> None:
    reply = ann.call(method, path, json=body)
    assert last(ann)["request"]["body"] == {
        key: REMOVED if MARKER in value else value for key, value in body.items()
    }  # fmt: skip
    assert last(ann)["request"]["bodySize"] == len(json.dumps(body))
    assert MARKER not in reply.text
    assert MARKER not in seen(ann)


@pytest.mark.parametrize(
    "way", ["success", "injected", "wrong content type", "broken", "as a form", "unknown path"]
)
@pytest.mark.parametrize(("method", "path", "body"), TAKING.values(), ids=TAKING)
def test_no_way_a_request_can_end_shows_its_secrets(
    api: Api, method: str, path: str, body: dict[str, str], way: str
) -> None:
    content, kind = json.dumps(body), "application/json"
    headers = {"X-Mockflow-Fault": "500; phase=after"} if way == "injected" else {}
    if way == "wrong content type":
        kind = "text/plain"
    elif way == "broken":
        content = content[:-1]
    elif way == "as a form":
        content, kind = (
            "&".join(f"{key}={value}" for key, value in body.items()),
            "application/x-www-form-urlencoded",
        )
    elif way == "unknown path":
        path = f"{path}/more"
    api.client.open(path, method=method, data=content, headers=headers, content_type=kind)
    assert MARKER not in seen(api)
    assert last(api)["path"] == path


def test_signing_up_and_in_and_changing_the_password_shows_none(log: tuple[Api, list[str]]) -> None:
    api, lines = log
    api.post(f"{USER}/signup/send-otp", email="new@example.com")
    code = api.get(f"{CONTROL}/outbox").json["messages"][0]["code"]
    api.post(f"{USER}/signup/verify", email="new@example.com", code=code, password=PASSWORD)
    api.sign_in("new@example.com")
    cookie = api.client.get_cookie("connect.sid")
    assert cookie is not None
    new = {"newPassword": f"{MARKER}1", "confirmNewPassword": f"{MARKER}1"}
    assert api.put(f"{USER}/password", currentPassword=PASSWORD, **new).status_code == 200
    api.client.get(f"{CHECK}?password={MARKER}")
    shown = seen(api) + "".join(lines)
    assert len(lines) > 5
    for secret in (code, PASSWORD, cookie.value, MARKER):
        assert secret not in shown
    assert "new@example.com" in shown


def test_a_failure_says_no_more_than_to_where_a_secret_is_named(
    log: tuple[Api, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError(f"cannot hash the password {MARKER}")

    api, _ = log
    monkeypatch.setattr("mockflow.domain.accounts.signed_in", fail)
    assert api.post(SIGN_IN, email="ann@example.com", password=MARKER).status_code == 500
    assert last(api)["error"] == f"mockflow failed: RuntimeError: cannot hash the password{REMOVED}"
    assert MARKER not in seen(api)


# -- bodies


@pytest.mark.parametrize(
    "key",
    [
        "password", "PASSWORD", "passWord", "pass_word", "new-password", "userPassword2", "password_hash",
        "passwd", "passcode", "passphrase", "pass", "pwd", "code", "Code", "otpCode", "verification_code", "codes",
        "otp", "OTP", "emailOtp", "otpcode", "token", "accessToken", "id_token", "csrfToken", "secret",
        "clientSecret", "cookie", "connect.sid", "user[password]", "cOdE",
    ],
)  # fmt: skip
def test_the_value_of_a_secret_key_is_removed(api: Api, key: str) -> None:
    assert send(api, json.dumps({"a": [{key: MARKER}], "b": 1}).encode()) == {"a": [{key: REMOVED}], "b": 1}
    assert MARKER not in seen(api)


@pytest.mark.parametrize(
    "key", ["title", "encode", "decoder", "passenger", "compass", "sidebar", "inside", "laptop"]
)
def test_the_value_of_a_key_that_only_looks_like_one_is_kept(api: Api, key: str) -> None:
    body = {key: "kept", "code": "x"}
    assert send(api, json.dumps(body).encode()) == {key: "kept", "code": REMOVED}


@pytest.mark.parametrize("value", [MARKER, 123456, None, True, [MARKER], {"value": MARKER}, [[{"a": MARKER}]]])
def test_whatever_the_value_is_all_of_it_is_removed(api: Api, value: object) -> None:
    assert send(api, json.dumps({"password": value}).encode()) == {"password": REMOVED}


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        (b'{"password": "M", "password": "M"}', {"password": REMOVED}),
        (b'{"a": {"password": "M"}, "a": 1}', {"a": 1}),
        (b'{"a": {"password": "M"}, "password": "[removed]", "a": {}}', {"a": {}, "password": REMOVED}),
        (b'{"p\\u0061ssword": "M"}', {"password": REMOVED}),
        (b'{"\\u0070\\u0061\\u0073\\u0073\\u0077\\u006f\\u0072\\u0064": "M"}', {"password": REMOVED}),
        (b'[{"code": "M"}, [[{"otp": "M"}]], "code"]', [{"code": REMOVED}, [[{"otp": REMOVED}]], "code"]),
        # Encoded twice, as some clients do.
        (b'"{\\"password\\": \\"M\\"}"', '{"password": "[removed]"}'),
        (b'{"body": "{\\"password\\": \\"M\\"}"}', {"body": '{"password": "[removed]"}'}),
        (b'{"body": ["[{\\"password\\": \\"M\\"}]"]}', {"body": ['[{"password": "[removed]"}]']}),
        (b'{"body": "{\\"password\\": \\"M\\""}', {"body": '{"password[removed]'}),
        (b'{"body": "[NaN, {\\"password\\": \\"M\\"}]"}', {"body": '[NaN, {"password[removed]'}),
        (b'{"a": "{\\"password\\": \\"M\\"}", "a": 1e999}', '{"a": Infinity}'),  # shown as text
        (b'"password=M&a=1"', "password=[removed]&a=1"),
        # What is no JSON, or a little more than JSON, ends where a secret is named.
        (b'{"a": 1, "password": "M"', '{"a": 1, "password[removed]'),
        (b'{"a": 1, "password": "x"M"}', '{"a": 1, "password[removed]'),
        (b'{"a": 1, "password": ["x", "M", }', '{"a": 1, "password[removed]'),
        (b'{"password": "x"} M', '{"password[removed]'),
        (b"{'a': 1, 'password': 'x, M'}", "{'a': 1, 'password[removed]"),
        (b"{a: 1, password: M}", "{a: 1, password[removed]"),
        (b'{"a": NaN, "password": "M"}', '{"a": NaN, "password[removed]'),
        (b'{"a": 1, "\\u0070assword": "M"', '{"a": 1, "\\u0070[removed]'),
        (b'\xef\xbb\xbf{"password": "M"}', '\ufeff{"password[removed]'),
        (b'{"\xff": 1, "password": "M"', '{"\N{REPLACEMENT CHARACTER}": 1, "password[removed]'),
        (b"<user><password>M</password></user>", "<user><password[removed]"),
        (b"password M", "password[removed]"),
        (b"email: a\npassword: M\n", "email: a\npassword[removed]"),
        (b'{"a": "\\ud800", "password": "M"}', '{"a": "\\ud800", "password": "[removed]"}'),
        (b'{"a": 1e999, "password": "M"}', '{"a": Infinity, "password": "[removed]"}'),
        # Nothing secret: as it was sent.
        (b'{"title": "Change the password: today"}', {"title": "Change the password: today"}),
        (b'{"title": "[code]"}', {"title": "[code]"}),
        (b'{"title": "\\n 100%"', '{"title": "\\n 100%"'),
    ],
    ids=lambda value: repr(value)[:60],
)  # fmt: skip
def test_a_body_is_shown_without_its_secrets(api: Api, content: bytes, shown: object) -> None:
    assert send(api, content.replace(b"M", MARKER.encode())) == shown
    assert MARKER not in seen(api)


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        ("email=a%40b.c&password=M&x=1", "email=a%40b.c&password=[removed]&x=1"),
        ("password=a,M;M&x=1", "password=[removed]&x=1"),
        ("password=a+M&x=1", "password=[removed]&x=1"),
        ("password=a=M=&x=1", "password=[removed]&x=1"),
        ("pass%77ord=M&x=1", "pass%77ord=[removed]&x=1"),
        ("%70%61%73%73%77%6f%72%64=M", "%70%61%73%73%77%6f%72%64=[removed]"),
        ("user[password]=M&user[name]=b", "user[password]=[removed]&user[name]=b"),
        ("user%5Bpassword%5D=M", "user%5Bpassword%5D=[removed]"),
        ("data=%7B%22password%22%3A%22M%22%7D&x=1", "data=[removed]&x=1"),
        ("title=code+review&x=1", "title=code+review&x=1"),
        # No form any more.
        ("password=a M&x=1", "password[removed]"),
        ("x=a b&%70assword=M", "x=a b&%70[removed]"),
        ('x=1&data={"password":"M"}', 'x=1&data={"password[removed]'),
        ("x=1\r\npassword=M\r\n", "x=1\r\npassword[removed]"),
        ("x=1&password:M", "x=1&password[removed]"),
    ],
)
def test_a_form_is_shown_without_its_secrets(api: Api, content: str, shown: str) -> None:
    for kind in ("application/x-www-form-urlencoded", "application/json", "text/plain"):
        assert send(api, content.replace("M", MARKER).encode(), kind) == shown
    assert MARKER not in seen(api)


@pytest.mark.parametrize("kind", ["multipart/form-data", "Multipart/Form-Data", "MULTIPART/MIXED", "text/plain"])
def test_a_multipart_form_shows_none(api: Api, kind: str) -> None:
    part = f'--x\r\nContent-Disposition: form-data; name="password"\r\n\r\n{MARKER}\r\n--x--\r\n'.encode()
    for path in (f"{USER}/profile", SIGN_IN, "/nothing"):
        shown = send(api, part, f"{kind}; boundary=x", path)
        assert (shown is None) is (kind != "text/plain")  # a file may have anything in it
    assert MARKER not in seen(api)


def test_an_upload_shows_none_of_the_fields_beside_it(ann: Api) -> None:
    data = {"name": "Ann", "password": MARKER, "image": (BytesIO(b"\x89PNG\r\n\x1a\n"), "a.png")}
    assert ann.call("POST", f"{USER}/profile", data=data).status_code == 201
    assert MARKER not in seen(ann)


@pytest.mark.parametrize("level", [0, 9])
def test_a_compressed_body_shows_none(api: Api, level: int) -> None:
    content = gzip.compress(json.dumps({"password": MARKER}).encode(), level)
    send(api, content, **{"Content-Encoding": "gzip"})
    assert MARKER not in seen(api)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_a_body_in_another_encoding_shows_none(api: Api, encoding: str) -> None:
    send(api, json.dumps({"password": MARKER}).encode(encoding))
    assert MARKER not in seen(api).replace("\0", "")


@pytest.mark.parametrize("before", [0, 16_000, 16_370, 16_384, 99_000, 120_000])
def test_a_secret_in_a_body_that_is_cut_is_not_shown(api: Api, before: int) -> None:
    for content in (
        {"a": "a" * before, "password": MARKER},
        {"a": "a" * before, "b": {"password": MARKER * 2000}},
    ):
        send(api, json.dumps(content).encode())
        send(api, json.dumps(content)[:-1].encode())
    assert MARKER not in seen(api)


@pytest.mark.parametrize(
    "unit",
    [
        b"code", b"password", b"tokencodeotp", b"pass%[", b"code ", b'"code":', b"code=", b"code=&", b"%70",
        b"\\u0070", b"\\", b'"', b"'", b"{", b'{"code":', b"[", b"=", b"&", b"aA", b"A", b"pAsS", b'"[\\"',
        b"\xff", b"code\n", b"_-",
    ],
)  # fmt: skip
def test_no_body_takes_long_to_look_through(api: Api, unit: bytes) -> None:
    for size in (99_000, 1_000_000):
        stopwatch = Stopwatch()
        send(api, unit * (size // len(unit)))
        api.client.get(CHECK, query_string=(unit * (30_000 // len(unit))).decode("latin-1"))
        assert stopwatch.seconds < 2  # it was 17 once; now it is 0.02


def test_a_body_that_is_far_too_large_takes_no_longer(api: Api) -> None:
    content = b'{"a": [%b 1]}' % (b'{"code": 1, "b": {}},' * 300_000)
    stopwatch = Stopwatch()
    shown = send(api, content)
    assert stopwatch.seconds < 2
    assert shown == '{"a": [{"code[removed]'


# -- queries and headers


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("password=M&x=1", "password=[removed]&x=1"),
        ("x=1&PassWord=M", "x=1&PassWord=[removed]"),
        ("code=M&state=1", "code=[removed]&state=1"),
        ("code=a;M", "code=[removed]"),
        ("code=a,M", "code=[removed]"),
        ("code=a%26M", "code=[removed]"),
        ("pass%77ord=M", "pass%77ord=[removed]"),
        ("code=M&code=M", "code=[removed]&code=[removed]"),
        ("code[]=M", "code[]=[removed]"),
        ("q=%7B%22password%22%3A%22M%22%7D", "q=[removed]"),
        ('q={"password":"M"}', "q=[removed]"),
        ("q=%257B%2522password%2522%253A%2522M%2522%257D", "q=[removed]"),
        ("next=%2Flogin%3Fpassword%3DM", "next=[removed]"),
        ("a+b=password%3AM&c=1", "a b=password[removed]&c=1"),
        ("%2570assword=M", "%70[removed]"),
        ("password:M", "password[removed]"),
        ("%70assword%3AM", "password[removed]"),
        ("query=code", "query=code"),
        ("query=code+review&x=100%25", "query=code+review&x=100%25"),
        ("a=1&&b", "a=1&&b"),
    ],
)
def test_a_query_is_shown_without_its_secrets(api: Api, query: str, shown: str) -> None:
    api.client.get(f"{TASKS}/search", query_string=query.replace("M", MARKER))
    assert last(api)["query"].replace("%22", '"').replace("%7B", "{") in (shown, shown.replace("%22", '"'))
    assert MARKER not in seen(api)


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("Cookie", "connect.sid=M", "connect.sid=[removed]"),
        ("cOOkIE", "connect.sid=M; theme=M", "connect.sid=[removed]; theme=[removed]"),
        ("Cookie", "connect.sid=a=M=", "connect.sid=[removed]"),
        ("Cookie", "connect.sid=a,M", "connect.sid=[removed]"),
        ("Cookie", 'connect.sid="a;M"; b=M', "connect.sid=[removed]; b=[removed]"),
        ("Cookie", 'connect.sid="a\\";M"', "connect.sid=[removed]"),
        ("Cookie", 'connect.sid="a; M=M', "connect.sid=[removed]"),
        ("Cookie", 'connect.sid=a"b;M"', "connect.sid=[removed]"),
        ("Cookie", "connect.sid = M", "connect.sid=[removed]"),
        ("Cookie", "M", "[removed]"),
        ("Cookie", "=M; a=M", "[removed]; a=[removed]"),
        ("Cookie", ";;a=M;", "a=[removed]"),
        ("Authorization", "Bearer M", "Bearer [removed]"),
        ("AUTHORIZATION", "basic M", "basic [removed]"),
        ("Authorization", "Bearer\tM", "[removed]"),
        ("Authorization", "M", "[removed]"),
        ("Authorization", "M M", "[removed]"),
        ("Authorization", "Digest username=a, response=M", "Digest [removed]"),
        ("Proxy-Authorization", "Bearer M", "Bearer [removed]"),
        ("X-Api-Key", "M", "[removed]"),
        ("X-Csrf-Token", "M", "[removed]"),
        ("X-XSRF-TOKEN", "M", "[removed]"),
        ("X-Password", "M", "[removed]"),
        ("X-Session-Id", "M", "[removed]"),
        ("X-Otp", "M", "[removed]"),
        ("Referer", "http://localhost/verify?code=M&a=1", "http://localhost/verify?code=[removed]&a=1"),
        ("Referer", "http://localhost/#access_token=M", "http://localhost/#access_token=[removed]"),
        ("X-Original-Url", "/a?token=M", "/a?token=[removed]"),
        ("Referer", "http://localhost/code?a=1", "http://localhost/code?a=1"),
        ("User-Agent", "tests", "tests"),
        ("Idempotency-Key", "7", "7"),
    ],
)
def test_a_header_is_shown_without_its_secrets(api: Api, name: str, value: str, shown: str) -> None:
    client = api.app.test_client(use_cookies=False)
    client.get(CHECK, headers={name: value.replace("M", MARKER)})
    headers = {name.lower(): value for name, value in last(api)["request"]["headers"].items()}
    assert headers[name.lower()] == shown
    assert MARKER not in seen(api)


def test_a_cookie_that_is_set_or_cleared_is_shown_without_its_value(ann: Api) -> None:
    ann.sign_in("ann@example.com")
    assert last(ann)["response"]["headers"]["Set-Cookie"] == (
        "connect.sid=[removed]; Max-Age=86400; HttpOnly; Path=/; SameSite=Lax"
    )
    ann.post(f"{USER}/logout")
    assert last(ann)["response"]["headers"]["Set-Cookie"].startswith("connect.sid=[removed]; ")


def test_a_cookie_that_a_fault_sets_is_shown_without_its_value(api: Api) -> None:
    headers = {"X-Other": "shown", "X-Auth-Token": MARKER}
    api.post(f"{CONTROL}/faults", effect={"status": 503, "headers": headers})
    assert api.client.get(CHECK).headers["X-Auth-Token"] == MARKER
    shown = last(api)["response"]["headers"]
    assert (shown["X-Other"], shown["X-Auth-Token"]) == ("shown", REMOVED)


# -- any body


KEYS = st.sampled_from(
    ["password", "newPassword", "PASSWORD", "code", "otp", "token", "pass-word", "access_token"]
)
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.just(REMOVED))
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8) | KEYS, inner, max_size=3),
    max_leaves=8,
)
HIDDEN = st.recursive(
    st.just(MARKER) | st.text(max_size=4).map(lambda text: f"{text}{MARKER}{text}"),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=2) | st.dictionaries(st.text(max_size=4), inner, min_size=1)
    ),
    max_leaves=4,
)


def object_text(pairs: list[tuple[str, str]]) -> str:
    inside = ", ".join(f"{json.dumps(key)}: {value}" for key, value in pairs)
    return f"{{{inside}}}"


@st.composite
def bodies(draw: st.DrawFn) -> str:
    """A JSON text with a secret key whose value has the marker in it; keys may be there twice, or escaped."""
    key = draw(KEYS)
    text = object_text([(key, json.dumps(draw(HIDDEN)))])
    for _ in range(draw(st.integers(0, 5))):
        others = [
            (name, json.dumps(value)) for name, value in draw(st.dictionaries(st.text(max_size=4), VALUES)).items()
        ]
        match draw(st.sampled_from(["array", "object", "twice", "encoded"])):
            case "array":
                text = f"[{', '.join([*(value for _, value in others), text])}]"
            case "object":
                place = draw(st.integers(0, len(others)))
                text = object_text([*others[:place], ("data", text), *others[place:]])
            case "twice":
                text = object_text([("data", text), *others, ("data", json.dumps(draw(VALUES)))])
            case "encoded":
                text = object_text([("body", json.dumps(text)), *others])
    if draw(st.booleans()):
        text = text.replace(key[0], f"\\u{ord(key[0]):04x}") if "\\" not in text else text
    return text


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(st.data())
def _no_body_shows_its_secret(api: Api, data: st.DataObject) -> None:
    text = data.draw(bodies())
    content = text.encode(errors="surrogatepass")
    if data.draw(st.booleans()):
        content = content[: data.draw(st.integers(0, len(content)))]
    forget(api)
    assert api.client.post(SIGN_IN, data=content, content_type="application/json").status_code == 400
    assert MARKER not in seen(api)


def test_no_json_body_with_a_secret_key_anywhere_shows_its_value(api: Api) -> None:
    _no_body_shows_its_secret(api)
