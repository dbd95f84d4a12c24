"""The farm as it runs: real instances, a real HAProxy, clients that only know the proxy's address."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
from running import JSON, NAMES, Client, Farm, seen, until

SANDBOXES = 300
ROOM = 255  # of an instance, beside its own `default`


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    running = Farm(tmp_path_factory.mktemp("farm"), MOCKFLOW_SEEDS="minimal", FARM_QUIET="1")
    yield running
    running.run("down")


@pytest.fixture(scope="module")
def clients(farm: Farm) -> list[Client]:
    """Each in a sandbox of its own, with a task that is named like it."""

    def begin(number: int) -> Client:
        client = Client(farm, f"ci-{number}")
        assert client.sign_in().headers["Set-Cookie"].count(f"Path=/s/{client.name}/") == 1
        assert client.call("POST", "api/v2/todo", {"title": client.name}).status_code == 201
        return client

    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(begin, range(SANDBOXES)))


def test_300_sandboxes_are_spread_and_each_is_on_one_instance(farm: Farm, clients: list[Client]) -> None:
    assert all(client.titles() == [client.name] for client in clients)
    held = [{box for box in farm.held_by(name) if box.startswith("ci-")} for name in NAMES]
    assert sum(map(len, held)) == SANDBOXES
    assert set.union(*held) == {client.name for client in clients}
    assert all(SANDBOXES / 3 * 0.6 < len(boxes) < SANDBOXES / 3 * 1.4 < ROOM for boxes in held), held


def test_without_a_prefix_the_header_decides_else_it_is_always_the_same_instance(farm: Farm) -> None:
    for box in ("header-1", "header-2", "header-3", "header-4"):
        answer = requests.get(f"{farm.url}/api/v1/auth-check", headers={"X-Mockflow-Sandbox": box}, timeout=10)
        assert answer.headers["X-Mockflow-Instance"] == farm.instance_of(box)
    paths = ("/", "/api/v1/auth-check", "/_mockflow/info", "/s/default/_mockflow/info")
    answers = [requests.get(f"{farm.url}{path}", timeout=10) for path in paths]
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.headers["X-Mockflow-Instance"] for answer in answers} == {farm.instance_of("default")}


def test_a_fork_is_where_its_source_is_and_can_be_deleted_by_name(farm: Farm) -> None:
    source = Client(farm, "source")
    source.sign_in()
    source.call("POST", "api/v2/todo", {"title": "in the source"})
    for number in range(5):
        made = source.call("POST", "_mockflow/sandboxes", {"name": f"fork-{number}", "from": "source"})
        assert made.status_code == 201
        assert farm.instance_of(f"fork-{number}") == farm.instance_of("source")
        fork = Client(farm, f"fork-{number}")
        fork.sign_in()
        assert fork.titles() == ["in the source"]
        gone = requests.delete(f"{farm.url}/_mockflow/sandboxes/fork-{number}", headers=JSON, timeout=10)
        assert gone.json() == {"deleted": 1}


def test_sandboxes_without_a_name_are_found_again(farm: Farm) -> None:
    for _ in range(5):
        made = requests.post(f"{farm.url}/_mockflow/sandboxes", json={}, timeout=10)
        assert made.headers["X-Mockflow-Instance"] == farm.instance_of(made.json()["name"])
    refused = requests.post(f"{farm.url}/s/gw0/_mockflow/sandboxes", json={"from": "gw0"}, timeout=10)
    assert refused.status_code == 400


def test_the_control_api_keeps_its_rules_of_host_and_origin(farm: Farm) -> None:
    def status(**headers: str) -> int:
        return requests.get(f"{farm.url}/s/guarded/_mockflow/info", headers=headers, timeout=10).status_code

    assert status() == 200
    assert status(Origin=farm.url) == 200
    assert status(Origin=farm.instances["mock1"]) == 403
    assert status(Host="rebound.example.com") == 403


def test_a_token_and_an_allowed_host_work_through_the_proxy(tmp_path: Path) -> None:
    guarded = Farm(tmp_path, MOCKFLOW_CONTROL_TOKEN="s3cret", MOCKFLOW_ALLOW_HOST="flowtask-mock.example.com")
    try:
        info = f"{guarded.url}/s/guarded/_mockflow/info"
        host = {"Host": "flowtask-mock.example.com"}
        assert requests.get(info, headers=host, timeout=10).status_code == 401
        allowed = {**host, "Authorization": "Bearer s3cret"}
        assert requests.get(info, headers=allowed, timeout=10).status_code == 200
        assert [guarded.state(name) for name in NAMES] == ["UP"] * 3
    finally:
        guarded.run("down")


def test_a_farm_that_others_can_reach_needs_a_token(tmp_path: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError) as failure:
        Farm(tmp_path, FARM_BIND="0.0.0.0", MOCKFLOW_CONTROL_TOKEN="")
    assert failure.value.returncode == 2


# What a client sees without the proxy, and with it.
FAULTS = [
    ("503", "503", "503"),
    ("disconnect=reset", "reset", "closed"),
    ("disconnect=empty", "closed", "closed"),
    ("disconnect=truncate", "cut off", "cut off"),
    ("disconnect=garbage", "not HTTP", "closed"),
    ("hang=0.3", "closed", "closed"),
    ("hang=30", "timed out", "timed out"),
    ("malformed=true", "200", "200"),
]


@pytest.mark.parametrize(("fault", "direct", "proxied"), FAULTS, ids=[fault for fault, _, _ in FAULTS])
def test_a_fault_comes_through_as_documented(farm: Farm, fault: str, direct: str, proxied: str) -> None:
    instance = farm.instance_of("broken")
    assert seen(f"{farm.instances[instance]}/s/broken", fault) == direct
    assert seen(f"{farm.url}/s/broken", fault) == proxied
    assert farm.state(instance).startswith("UP"), "a fault must not count against the instance"


@pytest.mark.parametrize("disconnect", ["reset", "empty", "garbage"])
def test_a_request_that_meets_a_fault_reaches_the_instance_once(farm: Farm, disconnect: str) -> None:
    seen(f"{farm.url}/s/once-{disconnect}", f"disconnect={disconnect}")
    journal = requests.get(f"{farm.url}/s/once-{disconnect}/_mockflow/requests", timeout=10).json()
    assert len(journal["requests"]) == 1


def test_an_instance_learns_that_a_client_has_left(farm: Farm) -> None:
    assert seen(f"{farm.url}/s/leaver", "latency=30000") == "timed out"
    journal = f"{farm.url}/s/leaver/_mockflow/requests"

    def noticed() -> bool:
        (entry,) = requests.get(journal, timeout=10).json()["requests"]
        return bool(entry["error"] == "The client left before its answer was complete.")

    until(noticed, "the journal says so")


def test_a_slow_body_comes_as_slowly_through_the_proxy(farm: Farm) -> None:
    begun = time.monotonic()
    headers = {"X-Mockflow-Fault": "bytes-per-second=25"}
    with requests.get(f"{farm.url}/s/slow/api/v1/auth-check", headers=headers, stream=True, timeout=10) as answer:
        pieces = [(time.monotonic() - begun, piece) for piece in answer.iter_content(1)]
    assert json.loads(b"".join(piece for _, piece in pieces)) == {"isAuthenticated": False}
    assert pieces[-1][0] - pieces[0][0] > 0.4


def test_events_come_promptly_and_the_stream_stays_open(farm: Farm) -> None:
    client = Client(farm, "listened")
    with requests.get(f"{farm.url}/s/listened/_mockflow/events", stream=True, timeout=30) as stream:
        lines = stream.iter_lines(chunk_size=1, decode_unicode=True)
        assert next(lines) == ": listening"
        pause = threading.Event()
        for second in range(1, 4):
            pause.wait(1)  # a stream that is silent for a while is what is tested
            begun = time.monotonic()
            client.call("GET", f"api/v1/auth-check?second={second}")
            data = next(line for line in lines if line.startswith("data:"))
            assert time.monotonic() - begun < 0.5
            assert json.loads(data.removeprefix("data:"))["query"] == f"second={second}"


class Working:
    """Clients that go on listing their tasks from another thread; `failures` is what did not go well."""

    def __init__(self, clients: list[Client]) -> None:
        self.failures: list[str] = []
        self.rounds = 0
        self._clients = clients
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work)

    def _work(self) -> None:
        while not self._stop.is_set():
            for client in self._clients:
                try:
                    if client.titles() != [client.name]:
                        self.failures.append(f"{client.name}: other data")
                except requests.RequestException as error:
                    self.failures.append(f"{client.name}: {error}")
            self.rounds += 1

    def __enter__(self) -> Working:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


def test_a_killed_instance_is_noticed_by_its_own_sandboxes_only(farm: Farm, clients: list[Client]) -> None:
    lost_boxes = farm.held_by("mock2")
    lost = [client for client in clients if client.name in lost_boxes]
    others = [client for client in clients if client.name not in lost_boxes]
    with Working(others[:20]) as working:
        farm.kill("mock2")
        until(lambda: farm.state("mock2") == "DOWN", "the proxy sees it")
        begun = working.rounds
        until(lambda: working.rounds > begun + 2, "the others go on")
        assert "is down" in lost[0].call("GET", "api/v2/todo").json()["message"]
        assert {client.call("GET", "api/v2/todo").status_code for client in lost} == {503}
        assert {farm.instance_of(f"meanwhile-{n}") for n in range(20)} == {"mock1", "mock3"}
        farm.run("start", "mock2")
        until(lambda: farm.state("mock2") == "UP", "the proxy sees it again")
    assert working.failures == []
    assert all(client.titles() == [client.name] for client in others)
    answers = [client.call("GET", "api/v2/todo") for client in lost]
    assert {answer.headers["X-Mockflow-Instance"] for answer in answers} == {"mock2"}, "hashing returns to it"
    assert {answer.status_code for answer in answers} == {401}, "no session, rather than no data"
    assert {farm.instance_of(f"afterwards-{n}") for n in range(20)} == set(NAMES)


def test_a_request_whose_instance_dies_ends_without_an_answer(farm: Farm) -> None:
    box = farm.sandbox_on("mock1", "interrupted")
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(seen, f"{farm.url}/s/{box}", "latency=30000", patience=20)
        until(lambda: "mock1 UP requests=1" in farm.run("status"), "it is being answered")
        farm.kill("mock1")
        assert asked.result(timeout=10) == "closed"
    farm.run("start", "mock1")
    assert farm.instance_of(box) == "mock1"


def test_a_drained_instance_keeps_its_sandboxes_until_they_are_quiet(farm: Farm) -> None:
    client = Client(farm, farm.sandbox_on("mock3", "staying"))
    client.sign_in()
    client.call("POST", "api/v2/todo", {"title": client.name})
    with ThreadPoolExecutor(1) as pool:
        with Working([client]) as working:
            drained = pool.submit(farm.run, "drain", "mock3", "30")
            until(lambda: farm.state("mock3") == "DRAIN", "it is drained")
            assert {farm.instance_of(f"newcomer-{n}") for n in range(20)} == {"mock1", "mock2"}
            begun = working.rounds
            until(lambda: working.rounds > begun + 10, "its sandbox is still used")
            assert not drained.done()
        assert working.failures == []
        drained.result(timeout=15)
    assert client.call("GET", "api/v2/todo").status_code == 503
    farm.run("release", "mock3")
    assert farm.instance_of(client.name) in ("mock1", "mock2")
    farm.run("start", "mock3")
    until(lambda: farm.state("mock3") == "UP", "it is back")
    assert "mock3" in {farm.instance_of(f"next-{n}") for n in range(20)}


def test_a_drain_ends_after_the_time_it_was_given(farm: Farm) -> None:
    box = farm.sandbox_on("mock1", "listener")
    with requests.get(f"{farm.url}/s/{box}/_mockflow/events", stream=True, timeout=30) as stream:
        lines = stream.iter_lines(chunk_size=1)
        assert next(lines) == b": listening"
        begun = time.monotonic()
        farm.run("drain", "mock1", "2")
        assert 2 <= time.monotonic() - begun < 10
    farm.run("start", "mock1")
