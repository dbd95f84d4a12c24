"""Rules: which requests they are for, when they fire, how they are kept and counted."""

from __future__ import annotations

from typing import Any

import pytest

from mockflow.http.api.groups import GROUPS
from tests.conftest import MakeApp
from tests.support import JSON, Api, Reply, fields_of

CONTROL = "/_mockflow"
FAULTS = f"{CONTROL}/faults"
CHECK = "/api/v1/auth-check"
TODO = "/api/v2/todo"
ERROR = {"status": 503}


def add(api: Api, **rule: Any) -> dict[str, Any]:
    reply = api.post(FAULTS, **{"effect": ERROR, **rule})
    assert reply.status_code == 201, reply.text
    return dict(reply.json)


def rules(api: Api) -> list[dict[str, Any]]:
    return list(api.get(FAULTS).json["faults"])


def counts(api: Api) -> list[tuple[int, int]]:
    """Of each rule, how often it matched and hit."""
    return [(rule["matched"], rule["hits"]) for rule in rules(api)]


def checks(api: Api, number: int) -> list[int]:
    """The statuses of so many requests."""
    return [api.get(CHECK).status_code for _ in range(number)]


def remove(api: Api, path: str) -> Reply:
    return api.call("DELETE", path, json={})


# -- matching


@pytest.mark.parametrize(
    ("match", "method", "path", "fires"),
    [
        ({}, "GET", CHECK, True),
        ({"operation": "createTask"}, "POST", TODO, True),
        ({"operation": "createTask"}, "GET", TODO, False),
        ({"operation": "createTask"}, "POST", f"{TODO}/", True),
        ({"operation": "updateTask"}, "PATCH", f"{TODO}/bulk", False),
        ({"operation": "updateTasks"}, "PATCH", f"{TODO}/bulk", True),
        ({"method": "POST"}, "POST", TODO, True),
        ({"method": "POST"}, "GET", TODO, False),
        ({"method": "GET"}, "HEAD", CHECK, False),
        ({"method": "HEAD"}, "HEAD", CHECK, True),
        ({"method": "HEAD"}, "GET", CHECK, False),
        ({"operation": "checkAuth"}, "HEAD", CHECK, True),
        ({"path": TODO}, "GET", TODO, True),
        ({"path": TODO}, "POST", TODO, True),
        ({"path": TODO}, "GET", f"{TODO}/", True),
        ({"path": f"{TODO}/"}, "GET", TODO, True),
        ({"path": TODO}, "GET", f"{TODO}/search", False),
        ({"path": TODO}, "GET", f"{TODO}?limit=1", True),
        ({"path": f"{TODO}/*"}, "PATCH", f"{TODO}/t-1", True),
        ({"path": f"{TODO}/*"}, "GET", f"{TODO}/search", True),
        ({"path": f"{TODO}/*"}, "GET", TODO, False),
        ({"path": f"{TODO}/**"}, "GET", TODO, True),
        ({"path": f"{TODO}/**"}, "PATCH", f"{TODO}/t-1", True),
        ({"path": f"{TODO}/**"}, "GET", "/api/v2/tag", False),
        ({"path": "/api/*/tag"}, "GET", "/api/v2/tag", True),
        ({"path": "/api/*/tag"}, "GET", "/api/v2/tag/count", False),
        ({"path": "/api/**"}, "GET", CHECK, True),
        ({"path": "/**"}, "GET", CHECK, True),
        ({"path": "/**/sections/**"}, "GET", "/api/v2/projects/p-1/sections", True),
        ({"path": "/**/sections/**"}, "PATCH", "/api/v2/projects/p-1/sections/s-1", True),
        ({"path": "/**/sections/**"}, "GET", "/api/v2/projects/p-1", False),
        ({"path": "/api/v2/projects/*/sections"}, "GET", "/api/v2/projects/p-1/sections", True),
        ({"path": "/api/v2/projects/p-1"}, "GET", "/api/v2/projects/p-1", True),
        ({"path": "/api/v2/projects/p-1"}, "GET", "/api/v2/projects/p-2", False),
        ({"path": "/api/v2/projects/p.1"}, "GET", "/api/v2/projects/px1", False),
        ({"path": "/api/v2/t*"}, "GET", "/api/v2/tag", True),
        ({"path": "/api/v2/t*"}, "GET", "/api/v2/projects", False),
        ({"path": f"{TODO}/**", "method": "PATCH"}, "PATCH", f"{TODO}/bulk", True),
        ({"path": f"{TODO}/**", "method": "PATCH"}, "GET", f"{TODO}/search", False),
    ],
)
def test_a_rule_is_for_the_requests_that_match(
    make_app: MakeApp, match: dict[str, str], method: str, path: str, fires: bool
) -> None:
    api = Api(make_app())
    add(api, match=match)
    response = api.client.open(path, method=method)
    assert (response.status_code == 503) == fires
    assert counts(api) == [(int(fires), int(fires))]


@pytest.mark.parametrize(
    ("user", "statuses"),
    [("ann@example.com", [503, 200, 200]), ("BEN@example.com", [200, 503, 200]), ("x@example.com", [200] * 3)],
)
def test_a_rule_can_be_for_one_user(ann: Api, ben: Api, nobody: Api, user: str, statuses: list[int]) -> None:
    add(ann, match={"user": user})
    assert [api.get(CHECK).status_code for api in (ann, ben, nobody)] == statuses


OPERATIONS = [bound.operation for views in GROUPS for bound in views.bound.values()]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_an_empty_match_is_for_every_operation(make_app: MakeApp, operation: Any) -> None:
    api = Api(make_app(faults=("503", f"500; operation={operation.name}")))
    path = operation.path.replace("<", "").replace(">", "")
    assert api.call(operation.method, path).status_code == 503
    remove(api, f"{FAULTS}/fault-1")
    assert api.call(operation.method, path).status_code == 500


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", f"{CONTROL}/info", 200),
        ("GET", FAULTS, 200),
        ("GET", f"{CONTROL}/nothing", 404),
        ("GET", "/api/v2/nothing", 404),
        ("GET", "/", 200),
        ("DELETE", CHECK, 404),
    ],
)
def test_what_is_no_operation_is_never_faulted(make_app: MakeApp, method: str, path: str, status: int) -> None:
    api = Api(make_app(faults=("503",)))
    for headers in ({}, {"X-Mockflow-Fault": "500"}, {"Prefer": "code=500"}):
        response = api.client.open(path, method=method, headers=headers)
        assert response.status_code == status or (status == 404 and response.status_code == 405)
        assert "X-Mockflow-Fault" not in response.headers
    assert counts(api) == [(0, 0)]


def test_a_preflight_is_never_faulted(make_app: MakeApp) -> None:
    api = Api(make_app(faults=("503",)))
    headers = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "POST"}
    assert api.client.open(TODO, method="OPTIONS", headers=headers).status_code == 204
    assert counts(api) == [(0, 0)]


# -- when it fires


@pytest.mark.parametrize(
    ("rule", "statuses", "counted"),
    [
        ({}, [503] * 4, (4, 4)),
        ({"skip": 0}, [503] * 4, (4, 4)),
        ({"skip": 1}, [200, 503, 503, 503], (4, 3)),
        ({"times": 2}, [503, 503, 200, 200], (2, 2)),
        ({"skip": 1, "times": 2}, [200, 503, 503, 200], (3, 2)),
        ({"skip": 9}, [200] * 4, (4, 0)),
        ({"probability": 1}, [503] * 4, (4, 4)),
    ],
)
def test_skip_lets_the_first_pass_and_times_limits_hits(
    nobody: Api, rule: dict[str, Any], statuses: list[int], counted: tuple[int, int]
) -> None:
    add(nobody, **rule)
    assert checks(nobody, 4) == statuses
    assert counts(nobody) == [counted]


def test_only_requests_that_match_are_skipped(ann: Api) -> None:
    add(ann, match={"operation": "listTasks"}, skip=1, times=1)
    assert checks(ann, 3) == [200] * 3
    assert [ann.get(TODO).status_code for _ in range(3)] == [200, 503, 200]


def test_the_first_that_fires_wins(nobody: Api) -> None:
    add(nobody, effect={"status": 500}, match={"operation": "createTask"})
    add(nobody, effect={"status": 501}, skip=2)
    add(nobody, effect={"status": 502}, times=1)
    add(nobody, effect={"status": 503})
    assert checks(nobody, 4) == [502, 503, 501, 501]
    assert counts(nobody) == [(0, 0), (4, 2), (1, 1), (1, 1)]


def test_a_rule_is_over_on_the_clock_of_the_sandbox(nobody: Api) -> None:
    add(nobody, expiresAfter=300)
    for seconds, status in ((0, 503), (299.999, 503), (0.001, 200), (1000, 200), (-1001, 503)):
        nobody.put(f"{CONTROL}/clock", advance=seconds)
        assert checks(nobody, 1) == [status]
    assert counts(nobody) == [(3, 3)]


# -- kept


def test_ids_are_given_and_not_twice(nobody: Api) -> None:
    names = [add(nobody)["id"], add(nobody, id="fault-3")["id"], add(nobody)["id"], add(nobody)["id"]]
    assert names == ["fault-1", "fault-3", "fault-2", "fault-4"]
    for name in ("fault-3", "fault-1"):
        assert fields_of(nobody.post(FAULTS, effect=ERROR, id=name)) == [["id"]]
    assert [rule["id"] for rule in rules(nobody)] == names


@pytest.mark.parametrize("name", ["a", "A.b_c-9", "x" * 64, "presets.x", "0"])
def test_a_rule_is_shown_and_removed_by_its_id(nobody: Api, name: str) -> None:
    made = add(nobody, id=name)
    add(nobody)
    assert nobody.get(f"{FAULTS}/{name}").json == made
    assert remove(nobody, f"{FAULTS}/{name}").json == {"deleted": 1}
    assert nobody.get(f"{FAULTS}/{name}").status_code == 404
    assert remove(nobody, f"{FAULTS}/{name}").status_code == 404
    assert len(rules(nobody)) == 1


def test_a_rule_named_like_the_presets_can_still_be_shown(nobody: Api) -> None:
    reply = nobody.post(FAULTS, effect=ERROR, id="presets")
    if reply.status_code == 201:
        assert nobody.get(f"{FAULTS}/presets").json == reply.json
    else:
        assert fields_of(reply) == [["id"]]


def test_a_rule_is_shown_as_it_was_given(nobody: Api) -> None:
    rule = {
        "id": "all-of-it",
        "match": {"operation": "createTask", "method": "POST", "path": f"{TODO}/**", "user": "ann@example.com"},
        "effect": {
            "status": 429,
            "message": "slow down",
            "retryAfter": 30,
            "headers": {"X-Shard": "7"},
            "body": {"a": 1},
        },
        "latency": {"ms": 200, "jitter": 50, "distribution": "lognormal", "bytesPerSecond": 1000},
        "skip": 1,
        "times": 2,
        "probability": 1.0,
        "phase": "before",
        "expiresAfter": 300,
    }
    shown = {**rule, "matched": 0, "hits": 0}
    assert add(nobody, **rule) == shown
    assert rules(nobody) == [shown]
    assert nobody.call("PUT", FAULTS, json=[rule]).json == {"faults": [shown]}


@pytest.mark.parametrize("number", [0, 1, 3])
def test_a_list_takes_the_place_of_all(nobody: Api, number: int) -> None:
    add(nobody, id="old")
    listed = nobody.call("PUT", FAULTS, json=[{"effect": ERROR, "id": f"new-{n}"} for n in range(number)])
    assert listed.status_code == 200
    assert [rule["id"] for rule in rules(nobody)] == [f"new-{n}" for n in range(number)]


def test_a_list_with_an_id_twice_changes_nothing(nobody: Api) -> None:
    add(nobody, id="old")
    twice = [{"effect": ERROR, "id": "new"}, {"effect": ERROR, "id": "new"}]
    assert ["id"] in fields_of(nobody.call("PUT", FAULTS, json=twice))
    assert [rule["id"] for rule in rules(nobody)] == ["old"]


def test_all_rules_are_cleared(nobody: Api) -> None:
    add(nobody)
    add(nobody)
    assert remove(nobody, FAULTS).json == {"deleted": 2}
    assert (rules(nobody), checks(nobody, 1)) == ([], [200])


def test_a_reset_brings_back_the_rules_of_the_start_uncounted(make_app: MakeApp) -> None:
    api = Api(make_app(faults=("id=start; 500; times=1; expires-after=60", "503; skip=1; times=1")))
    before = rules(api)
    story = checks(api, 4)
    add(api, id="later")
    remove(api, f"{FAULTS}/start")
    api.put(f"{CONTROL}/clock", advance=3600)
    assert api.post(f"{CONTROL}/reset").status_code == 200
    assert rules(api) == before
    assert checks(api, 4) == story == [500, 200, 503, 200]
    assert add(api)["id"] == "fault-2"


def test_a_rule_of_one_request_that_does_not_fire_lets_the_others_try(nobody: Api) -> None:
    nobody.post("/_mockflow/faults", effect={"status": 503})
    headers = {"X-Mockflow-Fault": "status=500; operation=createTask"}
    assert nobody.client.get("/api/v1/auth-check", headers=headers).status_code == 503


def test_the_probability_of_a_rule_of_one_request_is_drawn_each_time(nobody: Api) -> None:
    headers = {"X-Mockflow-Fault": "status=500; probability=0.5"}
    statuses = [nobody.client.get("/api/v1/auth-check", headers=headers).status_code for _ in range(40)]
    assert 10 < statuses.count(500) < 30
    nobody.post("/_mockflow/reset")
    assert [nobody.client.get("/api/v1/auth-check", headers=headers).status_code for _ in range(40)] == statuses


def test_an_id_of_null_is_given(nobody: Api) -> None:
    assert nobody.post("/_mockflow/faults", id=None, effect={"status": 500}).json["id"] == "fault-1"


def test_a_preset_that_has_run_out_can_be_used_again(nobody: Api) -> None:
    for _ in range(2):
        assert nobody.post("/_mockflow/faults/presets/rate-limited").status_code == 201
        statuses = [nobody.client.get("/api/v1/auth-check").status_code for _ in range(4)]
        assert statuses == [429, 429, 429, 200]
    assert len(nobody.get("/_mockflow/faults").json["faults"]) == 1


@pytest.mark.parametrize(
    ("match", "told"),
    [
        ({"operation": "deleteTask", "path": "/api/v2/todo/bulk"}, "together"),
        ({"operation": "getProject", "path": "/api/v2/projects/inbox"}, "together"),
        ({"operation": "updateTag", "method": "PATCH", "path": "/api/v2/tag/bulk"}, None),
    ],
)
def test_a_fixed_path_is_not_one_with_an_id(nobody: Api, match: JSON, told: str | None) -> None:
    reply = nobody.post("/_mockflow/faults", match=match, effect={"status": 500})
    assert reply.status_code == (201 if told is None else 400)
    assert told is None or told in reply.json["message"]
