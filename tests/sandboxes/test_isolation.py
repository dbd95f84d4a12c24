"""Many sandboxes in one server: picked by path or header, made at first sight, and sharing nothing."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest

from mockflow.app import sandboxes_of
from tests.conftest import MakeApp
from tests.support import Api, fields_of

CONTROL = "/_mockflow"


class Box(Api):
    """A client whose base URL has a sandbox in it."""

    def __init__(self, api: Api, name: str) -> None:
        super().__init__(api.app)
        self.prefix = f"/s/{name}"

    def call(self, method: str, path: str, **options: Any) -> Any:
        return super().call(method, f"{self.prefix}{path}", **options)


@pytest.fixture
def red(nobody: Api) -> Box:
    """One sandbox, signed in."""
    box = Box(nobody, "red")
    box.sign_in("ann@example.com")
    return box


@pytest.fixture
def blue(nobody: Api) -> Box:
    """Another sandbox, signed in."""
    box = Box(nobody, "blue")
    box.sign_in("ann@example.com")
    return box


def names(api: Api) -> list[str]:
    return [found["name"] for found in api.get(f"{CONTROL}/sandboxes").json["sandboxes"]]


def test_a_client_only_changes_its_base_url(red: Box) -> None:
    task = red.task("in red")
    assert [found["title"] for found in red.tasks()] == ["in red"]
    assert red.delete(f"/api/v2/todo/{task['id']}").status_code == 200
    assert red.get(f"{CONTROL}/info").json["sandbox"] == "red"


def test_the_cookie_is_for_the_path_of_its_sandbox(red: Box) -> None:
    reply = red.post("/api/v1/user/signin", email="ann@example.com", password="Passw0rd!")
    assert "Path=/s/red/;" in reply.headers["Set-Cookie"]


def test_links_lead_into_the_sandbox(red: Box) -> None:
    data = {"name": "Ann", "image": (BytesIO(b"\x89PNG\r\n\x1a\n...."), "a.png")}
    assert red.call("POST", "/api/v1/user/profile", data=data).status_code == 201
    image = red.get("/api/v1/user/profile").json["user"]["image"]
    assert image.startswith("http://localhost/s/red/avatars/")
    assert red.client.get(image).get_data().startswith(b"\x89PNG")
    assert red.client.get(image.replace("/s/red", "")).status_code == 404


def test_nothing_of_one_is_seen_in_another(red: Box, blue: Box, ann: Api) -> None:
    red.task("red")
    blue.put("/api/v1/user/name", name="Blue")
    blue.post("/api/v1/user/signup/send-otp", email="new@example.com")
    blue.put(f"{CONTROL}/clock", advance=60)
    blue.post(f"{CONTROL}/faults", match={"operation": "listTags"}, effect={"status": 500})
    for other in (red, ann):
        assert other.get("/api/v1/user/profile").json["user"]["name"] == "Ann"
        assert other.get(f"{CONTROL}/outbox").json["messages"] == []
        assert other.get(f"{CONTROL}/clock").json["now"] == "2026-03-10T12:00:00.000Z"
        assert other.get("/api/v2/tag").status_code == 200
    assert blue.client.get("/s/blue/api/v2/tag").status_code == 500
    assert [len(api.tasks()) for api in (red, blue, ann)] == [1, 0, 0]


def test_a_session_of_one_is_none_in_another(red: Box, blue: Box) -> None:
    cookie = red.post(f"{CONTROL}/sessions", email="ann@example.com").json["cookie"]
    fresh = blue.app.test_client(use_cookies=False)
    assert fresh.get("/s/blue/api/v2/todo", headers={"Cookie": cookie}).status_code == 401
    assert fresh.get("/s/red/api/v2/todo", headers={"Cookie": cookie}).status_code == 200


def test_resetting_one_leaves_the_others(red: Box, blue: Box, ann: Api) -> None:
    for api in (red, blue, ann):
        api.task()
    assert red.post(f"{CONTROL}/reset").status_code == 200
    assert red.get("/api/v2/todo").status_code == 401
    assert [len(api.tasks()) for api in (blue, ann)] == [1, 1]


def test_the_same_requests_get_the_same_bytes_in_each(red: Box, blue: Box) -> None:
    for _ in range(3):
        assert red.post("/api/v2/todo", title="x").content == blue.post("/api/v2/todo", title="x").content
    assert red.get("/api/v2/todo").content == blue.get("/api/v2/todo").content


def test_a_header_picks_one_too(nobody: Api, red: Box) -> None:
    red.task("in red")
    reply = nobody.call("GET", f"{CONTROL}/info", headers={"X-Mockflow-Sandbox": "red"})
    assert (reply.json["sandbox"], reply.json["counts"]["todos"]) == ("red", 1)


def test_the_path_wins_over_the_header(red: Box) -> None:
    reply = red.call("GET", f"{CONTROL}/info", headers={"X-Mockflow-Sandbox": "blue"})
    assert reply.json["sandbox"] == "red"


@pytest.mark.parametrize("name", ["Red", "a_b", "a" * 41, "ä", "a.b", "%2e%2e", " ", ""])
def test_a_name_that_is_none_is_refused_and_makes_nothing(nobody: Api, name: str) -> None:
    reply = nobody.call("GET", f"/s/{name}/api/v1/auth-check")
    assert fields_of(reply) == [["name"]]
    assert names(nobody) == ["default"]


@pytest.mark.parametrize("path", ["/s/red/nothing", "/s/red/api", "/s/red/s/red/"])
def test_other_paths_in_a_sandbox_are_404(nobody: Api, path: str) -> None:
    assert nobody.call("GET", path).status_code == 404


def test_default_is_there_under_its_name_too(ann: Api) -> None:
    ann.task()
    assert ann.get(f"/s/default{CONTROL}/info").json["counts"]["todos"] == 1


def test_past_the_limit_comes_507_and_those_there_go_on(make_app: MakeApp) -> None:
    api = Api(make_app())
    for number in range(255):
        assert api.get(f"/s/box{number}/api/v1/auth-check").status_code == 200
    reply = api.get("/s/one-more/api/v1/auth-check")
    assert reply.status_code == 507
    assert "256 sandboxes" in reply.json["message"]
    assert api.get("/s/box7/api/v1/auth-check").status_code == 200
    api.call("DELETE", f"{CONTROL}/sandboxes/box7", json={})
    assert api.get("/s/one-more/api/v1/auth-check").status_code == 200


def test_sandboxes_beside_default_leave_the_data_file_alone(make_app: MakeApp, tmp_path: Any) -> None:
    path = tmp_path / "data.json"
    api = Api(make_app(data=path))
    before = path.read_bytes()
    Box(api, "red").sign_in("ann@example.com").task()
    assert path.read_bytes() == before
    assert api.get(f"/s/red{CONTROL}/info").json["data"] == "memory"


def test_a_sandbox_begins_with_the_faults_clock_and_quota_of_the_server(make_app: MakeApp) -> None:
    api = Api(make_app(faults=("status=500; operation=checkAuth; times=1",), rate_limit=(2, 60)))
    for name in ("red", "blue"):
        statuses = [api.client.get(f"/s/{name}/api/v1/auth-check").status_code for _ in range(3)]
        assert statuses == [500, 200, 429]
        assert sandboxes_of(api.app).named(name).world.clock.mode == "frozen"


FOREIGN = [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}]


@pytest.mark.parametrize("headers", FOREIGN)
@pytest.mark.parametrize("path", ["/api/v1/auth-check", "/", f"{CONTROL}/ui/"])
def test_a_page_of_another_origin_makes_no_sandbox(nobody: Api, headers: dict[str, str], path: str) -> None:
    reply = nobody.call("GET", f"/s/red{path}", headers=headers)
    assert reply.status_code == (200 if path.endswith("/ui/") else 403)
    assert nobody.call("GET", path, headers={**headers, "X-Mockflow-Sandbox": "red"}).status_code in (200, 403)
    assert names(nobody) == ["default"]


@pytest.mark.parametrize(
    "headers", [*FOREIGN, {"Origin": "http://localhost:5173", "Sec-Fetch-Site": "cross-site"}]
)
def test_a_sandbox_that_is_there_is_served_to_all_pages(nobody: Api, headers: dict[str, str]) -> None:
    nobody.post(f"{CONTROL}/sandboxes", name="red")
    assert nobody.call("GET", "/s/red/api/v1/auth-check", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://127.0.0.1:5173", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://app.example.com", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_a_client_under_test_makes_its_sandbox(make_app: MakeApp, headers: dict[str, str]) -> None:
    api = Api(make_app(cors_origins=("https://app.example.com",)))
    assert api.call("GET", "/s/red/api/v1/auth-check", headers=headers).status_code == 200
    assert names(api) == ["default", "red"]
