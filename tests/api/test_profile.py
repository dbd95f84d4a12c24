"""Profile, avatar and name (contract, section 3)."""

from __future__ import annotations

import json
import re
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from tests.support import JSON, Api, Reply, fields_of

PROFILE = "/api/v1/user/profile"
NAME = "/api/v1/user/name"
MEGABYTES_5 = 5 * 1024 * 1024

PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + bytes(range(256))
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(range(256))
GIF = b"GIF89a" + bytes(range(256))
WEBP = b"RIFF\x24\0\0\0WEBPVP8 " + bytes(range(256))
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def _user(api: Api, **options: Any) -> JSON:
    response = api.call("GET", PROFILE, **options)
    assert response.status_code == 200
    return dict(response.json["user"])


def _upload(
    api: Api, image: bytes | None = None, *, name: object = "Ann B.", file: str = "me.png", kind: str = "image/png"
) -> Reply:
    parts: dict[str, Any] = {} if name is None else {"name": name}
    if image is not None:
        parts["image"] = FileStorage(BytesIO(image), file, content_type=kind)
    boundary, body = encode_multipart(parts)
    return api.call("POST", PROFILE, data=body, content_type=f"multipart/form-data; boundary={boundary}")


def _avatar(api: Api) -> Reply:
    return api.call("GET", urlsplit(_user(api)["image"]).path)


# -- showing it


def test_the_profile_shows_who_is_signed_in(ann: Api) -> None:
    user = _user(ann)
    assert list(user) == "id name email image isPasswordSet isOAuthLinked provider createdAt".split()
    assert (user["name"], user["email"], user["image"]) == ("Ann", "ann@example.com", None)
    assert (user["isPasswordSet"], user["isOAuthLinked"], user["provider"]) == (True, False, None)


def test_an_account_made_through_oauth_names_its_provider(oli: Api) -> None:
    user = _user(oli)
    assert user["email"] == "oli@example.com"
    assert (user["isPasswordSet"], user["isOAuthLinked"], user["provider"]) == (False, True, "google")


# -- the name


@pytest.mark.parametrize("name", ["Ann B.", "A", "Zoë 株式会社", "<b>Ann</b>"])
def test_the_name_can_be_set(ann: Api, ben: Api, name: str) -> None:
    before = _user(ann)
    response = ann.put(NAME, name=name)
    assert response.status_code == 200
    assert response.json == {"msg": f"Name updated sucessfully to {name}"}
    assert _user(ann) == {**before, "name": name}
    assert _user(ben)["name"] == "Ben"


@pytest.mark.parametrize(
    "body", [{}, {"name": ""}, {"name": "  "}, {"name": None}, {"name": 12}, {"name": ["Ann"]}]
)
def test_a_bad_name_is_refused(ann: Api, body: dict[str, Any]) -> None:
    assert fields_of(ann.put(NAME, **body)) == [["name"]]
    assert _user(ann)["name"] == "Ann"


# -- the upload


@pytest.mark.parametrize(("image", "content_type"), [(PNG, "image/png"), (JPEG, "image/jpeg")])
def test_an_uploaded_image_is_served_with_its_type(ann: Api, image: bytes, content_type: str) -> None:
    response = _upload(ann, image, file="me", kind=content_type)
    assert response.status_code == 201
    assert response.json == {"msg": "user profile updated successfully"}
    assert _user(ann)["name"] == "Ann B."
    avatar = _avatar(ann)
    assert (avatar.status_code, avatar.content) == (200, image)
    assert avatar.headers["Content-Type"] == content_type


@pytest.mark.parametrize("base_url", ["http://localhost", "http://127.0.0.1:4747", "https://localhost:8443"])
def test_the_address_of_the_avatar_is_absolute(nobody: Api, base_url: str) -> None:
    account = {"email": "ann@example.com", "password": "Passw0rd!"}
    nobody.call("POST", "/api/v1/user/signin", json=account, base_url=base_url)
    data = {"name": "Ann", "image": (BytesIO(PNG), "me.png")}
    assert nobody.call("POST", PROFILE, data=data, base_url=base_url).status_code == 201
    user = _user(nobody, base_url=base_url)
    expected = rf"{re.escape(base_url)}/avatars/{user['id']}_[A-Za-z0-9_-]{{7}}"
    assert re.fullmatch(expected, user["image"])
    path = urlsplit(user["image"]).path
    assert nobody.call("GET", path, base_url=base_url).content == PNG


@pytest.mark.parametrize(
    ("image", "file", "kind", "served"),
    [
        (PNG, "me.jpg", "image/jpeg", "image/png"),
        (JPEG, "me.png", "image/png", "image/jpeg"),
        (PNG, "me.txt", "text/plain", "image/png"),
        (JPEG, "me.html", "text/html", "image/jpeg"),
        (JPEG, "../../me", "application/octet-stream", "image/jpeg"),
    ],
)
def test_the_content_tells_the_type_of_an_image(ann: Api, image: bytes, file: str, kind: str, served: str) -> None:
    assert _upload(ann, image, file=file, kind=kind).status_code == 201
    assert _avatar(ann).headers["Content-Type"] == served


@pytest.mark.parametrize("content", [GIF, WEBP, SVG, b"plain text", b"", b"\xff\xd8", PNG[:4], b" " + PNG])
@pytest.mark.parametrize(("file", "kind"), [("me.png", "image/png"), ("me.jpg", "image/jpeg")])
def test_what_is_neither_jpeg_nor_png_is_refused(ann: Api, content: bytes, file: str, kind: str) -> None:
    _upload(ann, PNG, name="Ann")
    before = _user(ann)
    assert fields_of(_upload(ann, content, file=file, kind=kind)) == [["image"]]
    assert _user(ann) == before
    assert _avatar(ann).content == PNG


def test_an_image_of_5_megabytes_is_accepted(ann: Api) -> None:
    image = PNG.ljust(MEGABYTES_5, b"\0")
    assert _upload(ann, image).status_code == 201
    assert _avatar(ann).content == image


@pytest.mark.parametrize("size", [MEGABYTES_5 + 1, 7 * 1024 * 1024, 9 * 1024 * 1024])
def test_a_larger_image_is_refused(ann: Api, size: int) -> None:
    _upload(ann, JPEG, name="Ann")
    before = _user(ann)
    assert fields_of(_upload(ann, PNG.ljust(size, b"\0"))) == [["image"]]
    assert _user(ann) == before
    assert _avatar(ann).content == JPEG


def test_the_image_may_be_left_out(ann: Api) -> None:
    _upload(ann, PNG)
    before = _user(ann)
    assert _upload(ann, name="Annie").status_code == 201
    assert _user(ann) == {**before, "name": "Annie"}


def test_a_browser_form_without_a_chosen_file_leaves_the_image(ann: Api) -> None:
    _upload(ann, PNG)
    before = _user(ann)
    body = (
        b'--edge\r\nContent-Disposition: form-data; name="name"\r\n\r\nAnnie\r\n'
        b'--edge\r\nContent-Disposition: form-data; name="image"; filename=""\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n\r\n--edge--\r\n"
    )
    response = ann.call("POST", PROFILE, data=body, content_type="multipart/form-data; boundary=edge")
    assert response.status_code == 201
    assert _user(ann) == {**before, "name": "Annie"}


@pytest.mark.parametrize("name", [None, "", "   "])
@pytest.mark.parametrize("image", [PNG, None])
def test_the_name_is_required(ann: Api, name: object, image: bytes | None) -> None:
    before = _user(ann)
    assert fields_of(_upload(ann, image, name=name)) == [["name"]]
    assert _user(ann) == before


def test_a_new_image_replaces_the_old_one(ann: Api) -> None:
    _upload(ann, PNG)
    old = _user(ann)["image"]
    _upload(ann, JPEG)
    new = _user(ann)["image"]
    assert new != old
    assert _avatar(ann).content == JPEG
    assert ann.call("GET", urlsplit(old).path).status_code == 404


def test_avatars_of_different_users_do_not_mix(ann: Api, ben: Api) -> None:
    _upload(ann, PNG)
    assert _user(ben)["image"] is None
    _upload(ben, JPEG, name="Ben")
    assert (_avatar(ann).content, _avatar(ben).content) == (PNG, JPEG)
    assert (_user(ann)["name"], _user(ben)["name"]) == ("Ann B.", "Ben")


def test_an_image_that_is_sent_as_text_is_refused(ann: Api) -> None:
    before = _user(ann)
    data = {"name": "Ann B.", "image": PNG.decode("latin-1")}
    response = ann.call("POST", PROFILE, data=data, content_type="multipart/form-data")
    assert fields_of(response) == [["image"]]
    assert _user(ann) == before


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (json.dumps({"name": "Ann B."}), "application/json"),
        ("name=Ann+B.", "application/x-www-form-urlencoded"),
        ("Ann B.", "text/plain"),
        (PNG, "image/png"),
        ("", None),
        ("no parts at all", "multipart/form-data; boundary=edge"),
        ("no boundary", "multipart/form-data"),
    ],
)
def test_only_a_multipart_form_is_read(ann: Api, body: str | bytes, content_type: str | None) -> None:
    before = _user(ann)
    response = ann.call("POST", PROFILE, data=body, content_type=content_type)
    assert response.status_code == 400
    assert _user(ann) == before


def test_unknown_parts_of_the_form_are_ignored(ann: Api) -> None:
    before = _user(ann)
    data = {"name": "Ann B.", "email": "else@example.com", "cover": (BytesIO(GIF), "cover.gif")}
    assert ann.call("POST", PROFILE, data=data, content_type="multipart/form-data").status_code == 201
    assert _user(ann) == {**before, "name": "Ann B."}


def test_a_form_over_the_limit_for_json_is_read(ann: Api) -> None:
    assert _upload(ann, PNG.ljust(200_000, b"\0")).status_code == 201


@pytest.mark.parametrize("path", ["/avatars/nothing", "/avatars/c000000000000000000000000_abcdefg"])
def test_an_unknown_avatar_is_a_404_in_json(ann: Api, path: str) -> None:
    response = ann.call("GET", path)
    assert response.status_code == 404
    assert set(response.json) == {"message", "msg"}


def test_a_name_that_is_far_too_long_is_told_as_such(ann: Api) -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="name"\r\n\r\n' + b"x" * 600_000 + b"\r\n--b--\r\n"
    reply = ann.call("POST", "/api/v1/user/profile", data=body, content_type="multipart/form-data; boundary=b")
    assert fields_of(reply) == [["name"]]


def test_a_form_of_too_many_parts_is_refused(ann: Api) -> None:
    part = b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n\r\n'
    reply = ann.call(
        "POST",
        "/api/v1/user/profile",
        data=part * 2000 + b"--b--\r\n",
        content_type="multipart/form-data; boundary=b",
    )
    assert reply.status_code == 400
    assert "too many parts" in reply.json["message"]
