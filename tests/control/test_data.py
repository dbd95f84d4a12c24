"""`data`: what goes out comes back, and nothing is taken that the API could never have stored."""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Callable
from datetime import UTC
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockflow.app import create_app, sandboxes_of
from mockflow.domain import documents
from mockflow.errors import InvalidInput
from mockflow.http import encoding
from mockflow.sandbox import Sandbox
from mockflow.settings import Settings
from tests.conftest import NOW, PEOPLE
from tests.support import Api

DATA = "/_mockflow/data"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)
JPEG = b"\xff\xd8\xff" + bytes(20)
Document = dict[str, dict[str, dict[str, Any]]]


def put(api: Api, raw: bytes) -> Any:
    return api.call("PUT", DATA, data=raw, headers={"Content-Type": "application/json"})


def upload(api: Api, image: bytes) -> None:
    from io import BytesIO

    form = {"name": "Ann", "image": (BytesIO(image), "a.png")}
    assert api.call("POST", "/api/v1/user/profile", data=form).status_code == 201


@pytest.fixture
def full(ann: Api, workspaces: dict[str, str]) -> Api:
    """Something in every table."""
    upload(ann, PNG)
    tag, project = ann.tag("urgent"), ann.project("Launch")
    ann.project("Ours", workspaceId=workspaces["Shared"])
    section = ann.section(project["id"], "Doing")
    parent = ann.task("parent", dueDate="2026-03-11", tags=[tag["id"]])
    ann.task("child", parentId=parent["id"], projectId=project["id"], projectSectionId=section["id"])
    ann.task("often", recurrenceRule={"pattern": "montly"}, dueDate="2026-03-11")
    done = ann.task("done")
    assert ann.patch(f"/api/v2/todo/{done['id']}", completed=True).status_code == 200
    for email in ("new@example.com", "other@example.com"):
        assert ann.post("/api/v1/user/signup/send-otp", email=email).status_code == 200
    ann.post("/api/v1/user/signup/verify", email="new@example.com", code="000000x", password="yourpassword")
    return ann


def test_what_goes_out_comes_back(full: Api) -> None:
    out = full.get(DATA)
    assert all(out.json[name] for name in out.json)
    put_back = put(full, out.content)
    assert (put_back.status_code, put_back.json) == (200, {"loaded": sum(map(len, out.json.values()))})
    assert full.get(DATA).content == out.content


@pytest.mark.parametrize("seeds", ["demo", "edge", "minimal", "empty"])
def test_so_do_the_seeds(nobody: Api, seeds: str) -> None:
    assert nobody.post("/_mockflow/reset", seeds=seeds).status_code == 200
    out = nobody.get(DATA)
    assert put(nobody, out.content).status_code == 200
    assert nobody.get(DATA).content == out.content


def test_a_document_may_be_larger_than_any_other_body(ann: Api) -> None:
    for number in range(90):
        ann.task(f"task {number}", description="ü" + "x" * 94_999)
    out = ann.get(DATA)
    assert len(out.content) > 8.5e6
    assert put(ann, out.content).status_code == 200
    assert ann.get(DATA).content == out.content


def test_a_document_may_be_packed(ann: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    ann.task(description="d" * 90_000)
    packed = gzip.compress(ann.get(DATA).content)
    options = {"content_type": "application/json", "headers": {"Content-Encoding": "gzip"}}
    assert ann.call("PUT", DATA, data=packed, **options).status_code == 200
    monkeypatch.setattr(encoding, "ROOM", 1000)
    bomb = gzip.compress(b" " * 1_000_000)
    assert ann.call("PUT", DATA, data=bomb, **options).status_code == 413


def test_spaces_and_escapes_do_not_matter(full: Api) -> None:
    document = full.get(DATA).json
    raw = json.dumps(document, indent=3, ensure_ascii=True).encode()
    assert put(full, raw).status_code == 200
    assert full.get(DATA).json == document


# -- refused


def change(table: str, field: str, value: Any, *rest: str) -> tuple[list[str], Callable[[Document], None]]:
    """Another value for a field of a table's first record, and the path of what is wrong then."""

    def apply(document: Document) -> None:
        record = next(iter(document[table].values()))
        record[field] = value(record[field]) if callable(value) else value

    return [table, "1", field, *rest], apply


IMAGE = base64.b64encode(PNG).decode()
ODD = [
    change("avatars", "type", "text/html"),
    change("avatars", "type", "image/png\r\nX-Odd: 1"),
    change("avatars", "type", "image/jpeg"),
    change("avatars", "base64", base64.b64encode(b"<html>").decode()),
    change("avatars", "base64", "not base64"),
    change("avatars", "base64", IMAGE[:-1]),
    change("avatars", "base64", IMAGE + "\n"),
    change("avatars", "id", lambda key: key[:-1]),
    change("avatars", "id", lambda key: f"c{'0' * 24}{key[25:]}"),
    change("passcodes", "failures", ["x"], "0"),
    change("passcodes", "failures", [7], "0"),
    change("passcodes", "requests", ["2026-03-10T12:00:00.000Z"] * 6),
    change("passcodes", "code", "12345"),
    change("passcodes", "id", "New@example.com"),
    change("outbox", "to", "nobody"),
    change("outbox", "code", "x"),
    change("tasks", "title", "x" * 501),
    change("tasks", "title", " "),
    change("tasks", "title", "\0"),
    change("tasks", "color", "red"),
    change("tasks", "sortKey", "a0" + "V" * 199),
    change("tasks", "sortKey", "0"),
    change("tasks", "sortKey", "a00"),
    change("tasks", "priority", "urgent"),
    change("tasks", "dueDate", "2026-02-30"),
    change("tasks", "dueTime", "2026-03-10T12:00:00.000Z"),
    change("tasks", "completedAt", "2026-03-10T12:00:00.000Z"),
    change("tasks", "createdAt", "2026-03-10T12:00:00Z"),
    change("tasks", "tags", lambda tags: tags * 2),
    change("tasks", "tags", ["tag_" + "0" * 26]),
    change("tasks", "parentId", "c" + "0" * 24),
    change("tasks", "recurrenceRule", {"pattern": "montly", "interval": 1}),
    change("tasks", "recurrenceRule", {"pattern": "weekly", "interval": 1, "odd": 1}),
    change("tasks", "recurrenceRule", {"pattern": "weekly", "interval": 366}, "interval"),
    change("tasks", "odd", 1),
    change("tasks", "reminder", 1),
    change("users", "name", ""),
    change("users", "email", "ANN@example.com"),
    change("users", "email", "ben@example.com"),
    change("users", "avatar", None),
    change("users", "passwordHash", "Passw0rd!"),
    change("users", "isOAuthLinked", True),
    change("users", "preferences", lambda found: {**found, "reminderBefore": -1}, "reminderBefore"),
    change("users", "preferences", lambda found: {**found, "reminderBefore": 30.0}),
    change("users", "preferences", lambda found: {**found, "odd": 1}, "odd"),
    change("projects", "slug", "No Slug"),
    change("projects", "name", "Not Inbox"),
    change("projects", "personal", True),
    change("projects", "isDefault", False),
    change("sections", "name", "x" * 256),
    change("tags", "name", " urgent"),
    change("tags", "name", "x" * 51),
    change("tags", "color", "black"),
    change("sessions", "id", "short"),
    change("sessions", "expiresAt", "soon"),
    change("sessions", "userId", "c" + "0" * 24),
    change("workspaces", "memberIds", lambda found: found * 2),
    change("meta", "draws", -1),
    change("meta", "seed", 2**63),
    change("meta", "id", "beta"),
    change("meta", "personas", [{"email": "x"}], "0", "email"),
]


@pytest.mark.parametrize(("path", "apply"), ODD, ids=[".".join(path) for path, _ in ODD])
def test_what_the_api_could_not_have_stored_is_refused(
    full: Api, path: list[str], apply: Callable[[Document], None]
) -> None:
    before = full.get(DATA)
    document = before.json
    apply(document)
    refused = put(full, json.dumps(document).encode())
    assert refused.status_code == 400
    found = [error["path"] for error in refused.json["errors"]]
    both = {"users": "avatars", "avatars": "users"}  # what does not go together can be told of in either place
    near = [[path[0]], path[:2], [both.get(path[0]), "1"], ["users", "2"]]
    assert path in found or any(one[:2] in near for one in found), refused.json
    assert ".".join(found[0][:3]) in refused.json["message"]
    assert full.get(DATA).content == before.content


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ("projectId", "not open to the task's owner"),
        ("tags", "belongs to somebody else"),
        ("parentId", "belongs to somebody else"),
        ("projectSectionId", "not in the task's project"),
    ],
)
def test_so_is_what_belongs_to_others(full: Api, ben: Api, field: str, message: str) -> None:
    project = ben.project("Of Ben")
    theirs = {
        "projectId": project["id"],
        "tags": [ben.tag("his")["id"]],
        "parentId": ben.task("his")["id"],
        "projectSectionId": ben.section(project["id"])["id"],
    }
    document = full.get(DATA).json
    document["tasks"]["1"][field] = theirs[field]
    refused = put(full, json.dumps(document).encode())
    assert refused.json["errors"][0]["path"] == ["tasks", "1", field]
    assert message in refused.json["message"]


def test_a_subtask_of_a_subtask_is_refused(full: Api) -> None:
    document = full.get(DATA).json
    document["tasks"]["3"]["parentId"] = document["tasks"]["2"]["id"]
    assert put(full, json.dumps(document).encode()).json["errors"][0]["path"] == ["tasks", "3", "parentId"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"{",
        b"\xff",
        b'{"meta":{}} x',
        b'{"meta":[]}',
        b'{"meta":{"1":[]}}',
        b'{"meta":{"1":7}}',
        b'{"meta":{"\\ud800":{}}}',
        b'{"\\ud800":{}}',
        b'{"meta":{"1":{"id":"\\ud800"}}}',
        b'{"meta":{"1":{"id":"meta","draws":NaN}}}',
        b'{"meta":{"1":{"id":"meta","draws":1' + b"0" * 5000 + b"}}}",
        b'{"meta":{"1":{"personas":[18446744073709551616]}}}',
        b'{"meta":{"1":{"personas":[{"a":-9223372036854775809}]}}}',
        b'{"meta":{"1":{"personas":[1e999]}}}',
        b'{"meta":{"1":{"id":"meta",}}}',
        b'{"meta" {}}',
        b'{"meta":{"1":' + b"[" * 100_000,
        b'{"meta":{"1":{"personas":' + b"[" * 100_000,
        b'{"meta":{"1":{"personas":[' + b"[]," * 2_500_000 + b"[]]}}}",
        b"[" + b"[]," * 2_500_000 + b"[]]",
        b'{"' + b"x" * 1_000_000 + b'":{}}',
        b'{"meta":{"1":{"id":"' + b"x" * 1_000_000,
    ],
    ids=range(24),
)
def test_what_is_no_document_is_refused_in_few_words(nobody: Api, raw: bytes) -> None:
    before = nobody.get(DATA).content
    refused = put(nobody, raw)
    assert refused.status_code == 400
    assert len(refused.content) < 2000
    assert nobody.get(DATA).content == before


def test_another_content_type_is_refused(nobody: Api) -> None:
    assert nobody.call("PUT", DATA, data=nobody.get(DATA).content).status_code in (400, 403)


def test_reading_a_document_touches_nothing(full: Api, sandbox: Sandbox) -> None:
    before = full.get(DATA).content
    assert documents.read(before) == sandbox.store.snapshot()
    with pytest.raises(InvalidInput):
        documents.read(before.replace(b'"parent"', b'""'))
    assert full.get(DATA).content == before


def test_pieces_show_one_moment(full: Api, sandbox: Sandbox) -> None:
    before = full.get(DATA).content
    pieces = sandbox.store.document_pieces()
    first = next(pieces)
    full.task("later")
    assert first + b"".join(pieces) == before


def test_avatars_are_never_served_as_a_page(full: Api, sandbox: Sandbox) -> None:
    with sandbox.store.transaction():
        avatar = sandbox.store.avatars.records()[0]
        sandbox.store.avatars.change(avatar, type="text/html")
    shown = full.get(f"/avatars/{avatar['id']}")
    assert shown.headers["Content-Type"] == "application/octet-stream"
    assert shown.headers["X-Content-Type-Options"] == "nosniff"


# -- any state that calls can reach

TEXT = st.text(min_size=1, max_size=20)
CALLS = st.one_of(
    st.tuples(st.just("task"), TEXT, st.sampled_from([None, "2026-03-11"]), st.booleans()),
    st.tuples(st.just("tag"), TEXT),
    st.tuples(st.just("project"), TEXT, st.booleans()),
    st.tuples(st.just("section"), TEXT),
    st.tuples(st.just("change"), TEXT, st.sampled_from(["daily", "yearly", None]), st.booleans()),
    st.tuples(st.just("move"), st.sampled_from(["a0", "a0V", "Zz", "b00"])),
    st.tuples(st.just("name"), TEXT),
    st.tuples(st.just("image"), st.sampled_from([PNG, JPEG])),
    st.tuples(st.just("sign_up"), st.sampled_from(["x@example.com", "Y@Example.com"])),
    st.tuples(st.just("drop"), st.sampled_from(["todo", "projects", "tag/bulk"])),
    st.tuples(st.just("prefer"), st.integers(0, 90)),
)


class Client:
    """Makes calls about whatever is there; some are refused."""

    def __init__(self, api: Api, workspace: str) -> None:
        self.api, self.workspace = api, workspace

    def last(self, what: str) -> Any:
        found = self.api.get(f"/api/v2/{what}").json
        listed = next(iter(found.values()))
        return listed[-1]["id"] if listed else "none"

    def task(self, title: str, day: str | None, child: bool) -> None:
        more = {"parentId": self.last("todo")} if child else {"tags": [self.last("tag")]}
        project = self.last("projects")
        self.api.post("/api/v2/todo", title=title, dueDate=day, projectId=project, **more)

    def tag(self, name: str) -> None:
        self.api.post("/api/v2/tag", name=name)

    def project(self, name: str, shared: bool) -> None:
        kind: dict[str, Any] = {"workspaceId": self.workspace} if shared else {"personal": True}
        self.api.post("/api/v2/projects", name=name, **kind)

    def section(self, name: str) -> None:
        project = self.last("projects")
        made = self.api.post(f"/api/v2/projects/{project}/sections", name=name)
        if made.status_code == 200:
            self.api.patch(
                f"/api/v2/todo/{self.last('todo')}", projectId=project, projectSectionId=made.json["section"]["id"]
            )

    def change(self, title: str, pattern: str | None, completed: bool) -> None:
        rule = None if pattern is None else {"pattern": pattern}
        path = f"/api/v2/todo/{self.last('todo')}"
        self.api.patch(path, description=title, recurrenceRule=rule, completed=completed, isAllDay=False)
        self.api.patch(path, dueTime="2026-03-11T09:30+02:00", color="#0Af", reminder=True)

    def move(self, key: str) -> None:
        self.api.patch(f"/api/v2/todo/{self.last('todo')}", sortKey=key)

    def name(self, name: str) -> None:
        self.api.put("/api/v1/user/name", name=name)

    def image(self, image: bytes) -> None:
        upload(self.api, image)

    def sign_up(self, email: str) -> None:
        self.api.post("/api/v1/user/signup/send-otp", email=email)
        messages = self.api.get("/_mockflow/outbox").json["messages"]
        code = messages[-1]["code"] if messages else "000000"
        for tried in ("000000", code):
            Api(self.api.app).post("/api/v1/user/signup/verify", email=email, code=tried, password="yourpassword")

    def drop(self, what: str) -> None:
        if what == "tag/bulk":
            self.api.delete("/api/v2/tag/bulk", tagIds=self.last("tag"))
        else:
            self.api.delete(f"/api/v2/{what}/{self.last(what)}")

    def prefer(self, minutes: int) -> None:
        self.api.put("/api/v1/user/user-preferences", reminderBefore=minutes, digestTime="07:30")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(CALLS, min_size=3, max_size=25))
def test_any_state_that_calls_reach_comes_back(calls: list[tuple[Any, ...]]) -> None:
    app = create_app(Settings(seeds=PEOPLE, clock=NOW.astimezone(UTC)))
    try:
        api = Api(app).sign_in("ann@example.com")
        spaces = {found["name"]: found["id"] for found in sandboxes_of(app).default.store.workspaces.records()}
        client = Client(api, spaces["Shared"])
        for name, *arguments in calls:
            getattr(client, name)(*arguments)
        out = api.get(DATA)
        put_back = put(api, out.content)
        assert put_back.status_code == 200, put_back.text
        assert api.get(DATA).content == out.content
    finally:
        sandboxes_of(app).close()


@pytest.mark.parametrize("number", ["18446744073709551616", "-9223372036854775809", "1e999", "-1e999"])
@pytest.mark.parametrize("place", ['"draws":', '"reminderBefore":', '"personas":[{"a":'])
def test_a_number_that_could_not_be_written_again_is_refused(full: Api, place: str, number: str) -> None:
    before = full.get(DATA).content
    opening, brace, _ = place.partition("[{")
    document = re.sub(
        f"{opening}(\\[[^]]*\\]|[0-9]+)", f"{place}{number}{'}]' if brace else ''}", before.decode(), count=1
    )
    refused = put(full, document.encode())
    assert (refused.status_code, "The body is not valid JSON" in refused.json["message"]) == (400, True), (
        refused.text
    )
    assert full.get(DATA).content == before
