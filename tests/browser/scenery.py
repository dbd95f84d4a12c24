"""A sandbox in which something has happened, so that every panel has something to show."""

from __future__ import annotations

import requests

from mockflow.testing import Mockflow


def happen(sandbox: Mockflow, *, neighbour: str | None = None) -> None:
    """Requests that go well and badly, faults, a message, a snapshot, and maybe a sandbox beside it."""
    sandbox.clock.freeze("2026-11-24T09:30:00Z")
    call = sandbox.control.call
    with requests.Session() as client:
        _go_well(sandbox, client)
        call("POST", "faults", {"id": "slow-list", "match": {"operation": "listProjects"}, "latency": {"ms": 40}})
        call("POST", "faults/presets/rate-limited")
        for _ in range(2):
            client.get(f"{sandbox.url}/api/v2/todo", timeout=10)
        call("POST", "faults", {"match": {"operation": "searchTasks"}, "effect": {"status": 503}, "times": 1})
        for path in ("todo/search?q=milk", "todo/search?q=milk", "projects", "nowhere"):
            client.get(f"{sandbox.url}/api/v2/{path}", timeout=10)
    call("PUT", "snapshots/before-checkout")
    if neighbour is not None:
        call("POST", "sandboxes", {"name": neighbour, "ttlSeconds": 3600})


def _go_well(sandbox: Mockflow, client: requests.Session) -> None:
    user, tasks = f"{sandbox.url}/api/v1/user", f"{sandbox.url}/api/v2/todo"
    client.get(tasks, timeout=10)
    client.post(f"{user}/signin", json={"email": "demo@flowtask.test", "password": "Passw0rd!"}, timeout=10)
    client.get(f"{tasks}?completed=false&limit=20", timeout=10)
    made = client.post(tasks, json={"title": "Buy milk", "priority": "high"}, timeout=10).json()["todo"]["id"]
    client.patch(f"{tasks}/{made}", json={"completed": True}, timeout=10)
    client.post(tasks, json={"title": " "}, timeout=10)
    client.post(f"{user}/signup/send-otp", json={"email": "new@example.com"}, timeout=10)
