"""Content types, charsets and content encodings: what is understood is read, what is not gets a 400 or a 415."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable

import pytest

from mockflow.http.encoding import unpacked
from mockflow.http.parsing import FORM_LIMIT, JSON_LIMIT
from tests.support import Api, Reply, fields_of

TODO = "/api/v2/todo"
PROFILE = "/api/v1/user/profile"
BODY = b'{"title": "packed"}'
PNG = b"\x89PNG\r\n\x1a\n"
NAME_HEAD = b'--x\r\nContent-Disposition: form-data; name="name"'
END = b"\r\n--x--\r\n"
PACK: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "deflate": zlib.compress}
each_encoding = pytest.mark.parametrize("encoding", PACK)


def sent(
    api: Api, content: bytes = BODY, kind: str | None = "application/json", encoding: str | None = None
) -> Reply:
    headers = {} if encoding is None else {"Content-Encoding": encoding}
    return api.call("POST", TODO, data=content, content_type=kind, headers=headers)


def upload(
    api: Api, content: bytes, encoding: str | None = None, kind: str = "multipart/form-data; boundary=x"
) -> Reply:
    headers = {} if encoding is None else {"Content-Encoding": encoding}
    return api.call("POST", PROFILE, data=content, content_type=kind, headers=headers)


def form(image: bytes, name: str = "Ann") -> bytes:
    field = f'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n{name}\r\n'.encode()
    return (
        field
        + b'--x\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n\r\n'
        + image
        + b"\r\n--x--\r\n"
    )


# -- types and charsets


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("application/json", 201),
        ("Application/JSON", 201),
        ("application/json; charset=utf-8", 201),
        ("application/json;charset=UTF-8", 201),
        ('application/json; charset="utf-8"', 201),
        ('application/json; charset="UTF-8"; v=1', 201),
        ("application/json; profile=x", 201),
        ("application/json; charset=iso-8859-1", 415),
        ("application/json; charset=utf-16", 415),
        ("application/json; charset=us-ascii", 415),
        ("application/json; charset=utf8", 415),
        ("application/json; charset=", 201),
        ("application/vnd.api+json", 400),
        ("application/merge-patch+json", 400),
        ("application/json-patch+json", 400),
        ("text/json", 400),
        ("text/plain; charset=iso-8859-1", 400),
        ("application/jsonx", 400),
        ("application/json, text/plain", 400),
        ("application/x-www-form-urlencoded", 400),
        ("json", 400),
        ("application/json" + "; a=b" * 300, 400),
        (None, 400),
    ],
)
def test_a_body_is_json_in_utf_8(ann: Api, kind: str | None, status: int) -> None:
    reply = sent(ann, kind=kind)
    assert reply.status_code == status, reply.text
    if status == 400:
        assert "application/json" in reply.json["message"]
    assert len(ann.tasks()) == (status == 201)


def test_the_content_type_of_no_body_is_nothing_to_anybody(ann: Api) -> None:
    path = f"{TODO}/{ann.task()['id']}"
    for kind in ("text/plain", "application/json; charset=latin-1", None):
        reply = ann.call("PATCH", path, content_type=kind, headers={"Content-Encoding": "br"})
        assert reply.status_code == 200, reply.text


# -- content encodings


@each_encoding
@pytest.mark.parametrize("written", ["{}", " {} ", "{},identity", "identity, {}"])
def test_a_packed_body_is_unpacked(ann: Api, encoding: str, written: str) -> None:
    for name in (encoding, encoding.upper()):
        assert sent(ann, PACK[encoding](BODY), encoding=written.format(name)).status_code == 201
    assert {task["title"] for task in ann.tasks()} == {"packed"}


@pytest.mark.parametrize("encoding", ["identity", "Identity", "", "identity, identity"])
def test_one_that_is_not_packed_may_say_so(ann: Api, encoding: str) -> None:
    assert sent(ann, encoding=encoding).status_code == 201


@pytest.mark.parametrize("encoding", ["bogus", "br", "zstd", "compress", "gzip, gzip", "gzip, br", "x" * 5000])
def test_another_encoding_is_415_for_json_and_for_a_form(ann: Api, encoding: str) -> None:
    for reply in (sent(ann, gzip.compress(BODY), encoding=encoding), upload(ann, form(PNG), encoding)):
        assert reply.status_code == 415
        assert "gzip, deflate" in reply.json["message"]
        assert len(reply.json["message"]) < 200
    assert ann.tasks() == []


@each_encoding
def test_what_is_not_packed_so_is_400(ann: Api, encoding: str) -> None:
    packed = PACK[encoding](BODY)
    broken = [
        BODY,
        packed[:-1],
        packed[: len(packed) // 2],
        packed[:1],
        packed + b"x",
        packed + packed,
        b"\0" + packed,
    ]
    for content in [*broken, gzip.compress(b"{"), packed[:-8] + b"12345678"]:
        reply = sent(ann, content, encoding=encoding)
        assert reply.status_code == 400, content
    assert ann.tasks() == []


@each_encoding
def test_no_more_is_unpacked_than_a_body_may_have(ann: Api, encoding: str) -> None:
    longest = b'{"title": "x", "description": "' + b"a" * (JSON_LIMIT - 33) + b'"}'
    assert len(longest) == JSON_LIMIT
    assert sent(ann, PACK[encoding](longest), encoding=encoding).status_code == 201
    for content in (longest + b" ", b" " * 10**8):
        reply = sent(ann, PACK[encoding](content), encoding=encoding)
        assert (reply.status_code, "100 KiB" in reply.json["message"]) == (413, True)


@each_encoding
def test_one_that_is_packed_and_too_large_all_the_same_is_413(ann: Api, encoding: str) -> None:
    assert sent(ann, b"\0" * (JSON_LIMIT + 1), encoding=encoding).status_code == 413


@each_encoding
def test_nothing_packed_is_no_body(ann: Api, encoding: str) -> None:
    path = f"{TODO}/{ann.task()['id']}"
    options = {"data": PACK[encoding](b""), "content_type": "application/json"}
    assert ann.call("PATCH", path, headers={"Content-Encoding": encoding}, **options).status_code == 200


@each_encoding
def test_a_packed_form_is_unpacked(ann: Api, encoding: str) -> None:
    assert upload(ann, PACK[encoding](form(PNG, "Packed")), encoding).status_code == 201
    user = ann.get(PROFILE).json["user"]
    assert user["name"] == "Packed"
    assert ann.client.get(user["image"]).data == PNG
    for content in (form(PNG), PACK[encoding](form(PNG))[:-3]):
        assert upload(ann, content, encoding).status_code == 400
    assert fields_of(upload(ann, PACK[encoding](form(b"\0" * FORM_LIMIT)), encoding)) == [["image"]]


def test_the_control_api_reads_bodies_alike(ann: Api) -> None:
    def reset(content: bytes, kind: str, encoding: str) -> int:
        options = {"data": content, "content_type": kind, "headers": {"Content-Encoding": encoding}}
        return ann.call("POST", "/_mockflow/reset", **options).status_code

    body = json.dumps({"seed": 7}).encode()
    assert reset(gzip.compress(body), "application/json", "gzip") == 200
    assert ann.get("/_mockflow/info").json["seed"] == 7
    assert reset(body, "application/json", "br") == 415
    assert reset(body, "application/json; charset=latin-1", "identity") == 415
    assert reset(body, "application/vnd.api+json", "identity") == 400


def test_nothing_is_unpacked_past_the_limit() -> None:
    assert unpacked(zlib.compress(b"a" * 10), "deflate", 10) == b"a" * 10


# -- forms that are large in other ways


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (NAME_HEAD + b"\r\nX: " + b"a" * 10**6 + b"\r\n\r\nAnn" + END, "8 KiB"),
        (NAME_HEAD + b"\r\n--" * 10**6 + b"\r\n\r\nAnn" + END, "8 KiB"),
        (NAME_HEAD + b"\r\nX: y" * 10**5 + b"\r\n\r\nAnn" + END, "8 KiB"),
        (b"\r\n" * 10**6 + form(PNG), "begin"),
        (b"a" * 10**6, "begin"),
        (b"--x\r\n" * 10**6, "too many parts"),
        (form(PNG) * 10, "too many parts"),
        (b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' * 3000 + form(PNG), "too many parts"),
    ],
    ids=lambda value: repr(value)[:40],
)  # fmt: skip
def test_a_form_that_would_take_long_to_take_apart_is_refused(ann: Api, content: bytes, told: str) -> None:
    reply = upload(ann, content)
    assert (reply.status_code, told in reply.json["message"]) == (400, True), reply.text


@pytest.mark.parametrize(
    "content",
    [
        form(PNG + b"\r\n" * 500_000),
        form(PNG + b"\r\n--y" * 100_000),
        form(PNG + b"--" * 500_000),
        b"preamble\r\n" + form(PNG),
        b'--x\r\nContent-Disposition: form-data; name="other"\r\n\r\n1\r\n' * 15 + form(PNG),
        form(b"").replace(b"\r\n", b"\n").replace(b"\n\n\n", b"\n\n" + PNG + b"\n"),
        form(PNG) + b"epilogue" * 10,
    ],
    ids=lambda value: repr(value[-30:]),
)
def test_a_form_that_is_odd_but_small_is_read(ann: Api, content: bytes) -> None:
    assert upload(ann, content).status_code == 201


@pytest.mark.parametrize("boundary", ["", '""', "x" * 900, '"\u00e9"', '"a b"', "*", None])
def test_an_odd_boundary_is_400_at_the_most(ann: Api, boundary: str | None) -> None:
    kind = "multipart/form-data" if boundary is None else f"multipart/form-data; boundary={boundary}"
    assert upload(ann, form(PNG), kind=kind).status_code == 400
