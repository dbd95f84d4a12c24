"""The session is found in whatever `Cookie` header has it, as Werkzeug's own parser finds it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.sansio.http import parse_cookie

from mockflow.http.auth import COOKIE, session_token
from tests.support import Api

PIECES = st.sampled_from(
    [COOKIE, f"{COOKIE}=", f'{COOKIE}="', "=", ";", "; ", " ", "\t", '"', "\\", "a", "a=b", "\\073",
     "\\303\\251", "\\4", "é", "\x01", ",", "connect", ".sid"]
)  # fmt: skip


@settings(max_examples=3000, deadline=None, derandomize=True, database=None)
@given(st.lists(PIECES, max_size=9).map("".join))
def test_it_is_the_one_that_werkzeug_would_find(header: str) -> None:
    assert session_token(header) == parse_cookie(header).get(COOKIE)


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("", None),
        ("connect.sid=abc", "abc"),
        ("a=b; connect.sid=abc; c=d", "abc"),
        ("a=b;connect.sid=abc", "abc"),
        ("connect.sid=one; connect.sid=two", "one"),
        ('connect.sid="a b"', "a b"),
        ('connect.sid="a\\"b"', 'a"b'),
        ('connect.sid="a;b"; c=d', "a;b"),
        ('x="; connect.sid=no"; connect.sid=yes', "yes"),
        ("connect.sid = abc", "abc"),
        ("connect.sid", ""),
        ("connect.sid=", ""),
        ("Connect.Sid=abc", None),
        ("xconnect.sid=abc", None),
        ("connect.sid=a b", None),
        ('connect.sid="a', None),
        ("bad bad; connect.sid=abc", "abc"),
    ],
)
def test_it_is_read_from_its_header(header: str, token: str | None) -> None:
    assert session_token(header) == token


@pytest.mark.parametrize("form", ["{}", '"{}"', " {} ", "{}; connect.sid=other", "{};"])
def test_a_session_is_known_by_each_form_of_its_cookie(ann: Api, form: str) -> None:
    cookie = ann.client.get_cookie(COOKIE)
    assert cookie is not None
    client = ann.app.test_client(use_cookies=False)
    for before in ("", "theme=dark; ", 'x="a;b"; ', "broken broken; "):
        headers = {"Cookie": f"{before}{COOKIE}={form.format(cookie.value)}"}
        assert client.get("/api/v1/user/profile", headers=headers).status_code == 200
    assert client.get("/api/v1/user/profile", headers={"Cookie": f"x{COOKIE}={cookie.value}"}).status_code == 401
