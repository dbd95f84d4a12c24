"""What operations cost as the data grows: `python -m benchmarks.growth [--sizes 100 1000 …]`.

In process, on a data file: one account with all the tasks, another with 50 of its own in a project with sections.
Figures are medians in microseconds and their ratio to the smallest size.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from fractional_indexing import generate_n_keys_between

from benchmarks.layers import BODY, task
from mockflow.app import create_app, sandboxes_of
from mockflow.domain import accounts
from mockflow.settings import Settings

TURNS = 60


class Bench:
    """An app with so many tasks, and clients of its two accounts."""

    def __init__(self, size: int, folder: Path, *, one_day: bool) -> None:
        settings = Settings(seeds="minimal", data=folder / f"{size}.json")
        app = create_app(settings)
        world = sandboxes_of(app).default.world
        with world.store.transaction():
            owner = accounts.account_of(world, "demo@flowtask.test")
            assert owner is not None
            inbox = world.store.projects.having("user", owner["id"])[0]
            keys = generate_n_keys_between(None, None, size)
            for number, key in enumerate(keys):
                world.store.tasks.add(_task(number, key, owner["id"], inbox["id"], one_day))
            other = accounts.create_account(world, "other@flowtask.test", password="Passw0rd!")
        world.store.close()
        begin = time.perf_counter()
        self.app = create_app(settings)
        self.load_seconds = time.perf_counter() - begin
        self.many, self.few = self._client(owner["email"]), self._client(other["email"])
        self.tag = self._call(self.few, "POST", "/api/v2/tag", name="home")["tag"]["id"]
        self.project = self._call(self.few, "POST", "/api/v2/projects", name="House", personal=True)["project"][
            "id"
        ]
        path = f"/api/v2/projects/{self.project}/sections"
        section = self._call(self.few, "POST", path, name="Kitchen")["section"]["id"]
        for _ in range(50):
            place = {"projectId": self.project, "projectSectionId": section, "tags": [self.tag]}
            self._call(self.few, "POST", "/api/v2/todo", **BODY, **place)
        self.tasks = [self._call(self.many, "POST", "/api/v2/todo", **BODY)["todo"]["id"] for _ in range(50)]

    def _client(self, email: str) -> Any:
        client = self.app.test_client()
        client.post("/_mockflow/sessions", json={"email": email})
        return client

    def _call(self, client: Any, method: str, path: str, **body: Any) -> Any:
        answer = client.open(path, method=method, json=body)
        assert answer.status_code < 300, answer.text
        return answer.json

    def operations(self) -> dict[str, Callable[[int], Any]]:
        """What is measured, by name; each gets the number of the turn."""
        many, few, call = self.many, self.few, self._call
        made: list[str] = []

        def create(_: int) -> None:
            made.append(call(many, "POST", "/api/v2/todo", **BODY)["todo"]["id"])

        signin = {"email": "other@flowtask.test", "password": "Passw0rd!"}
        bulk = f"/api/v2/todo/bulk?todoIds={','.join(self.tasks)}"
        return {
            "create": create,
            "update": lambda turn: call(many, "PATCH", f"/api/v2/todo/{self.tasks[0]}", title=f"turn {turn}"),
            "move to the end": lambda _: call(many, "PATCH", f"/api/v2/todo/{self.tasks[0]}", nextIndex=None),
            "delete": lambda _: many.delete(f"/api/v2/todo/{made.pop()}"),
            "bulk of 50": lambda turn: call(many, "PATCH", bulk, reminder=turn % 2 == 0),
            "sign in": lambda _: call(few, "POST", "/api/v1/user/signin", **signin),
            "list of 50": lambda _: few.get("/api/v2/todo"),
            "tags": lambda _: few.get("/api/v2/tag"),
            "sections": lambda _: few.get(f"/api/v2/projects/{self.project}/sections"),
        }

    def close(self) -> None:
        """Let go of the file."""
        sandboxes_of(self.app).close()


def _task(number: int, key: str, user_id: str, project_id: str, one_day: bool) -> dict[str, Any]:
    day = "2026-03-10" if one_day else f"20{20 + number % 50}-{number % 12 + 1:02}-10"
    return {**task(number, key, user_id, project_id), "dueDate": day}


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", nargs="*", type=int, default=[100, 1_000, 10_000, 100_000])
    parser.add_argument("--spread", action="store_true", help="spread the tasks over many days")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        benches = {size: Bench(size, Path(folder), one_day=not wanted.spread) for size in wanted.sizes}
        names = list(benches[wanted.sizes[0]].operations())
        operations = {size: bench.operations() for size, bench in benches.items()}
        taken: dict[tuple[str, int], list[float]] = {(name, size): [] for name in names for size in wanted.sizes}
        for turn in range(TURNS):
            for name in names:
                for size in wanted.sizes:
                    begin = time.perf_counter()
                    operations[size][name](turn)
                    taken[name, size].append((time.perf_counter() - begin) * 1e6)
        print(
            f"|  | {' | '.join(f'{size:,} tasks' for size in wanted.sizes)} |\n|---|{'---|' * len(wanted.sizes)}"
        )
        for name in names:
            base = median(taken[name, wanted.sizes[0]])
            cells = [f"{median(taken[name, s]):.0f} µs, {median(taken[name, s]) / base:.2f}" for s in wanted.sizes]
            print(f"| {name} | {' | '.join(cells)} |")
        print(f"| load | {' | '.join(f'{benches[s].load_seconds * 1000:.0f} ms' for s in wanted.sizes)} |")
        for bench in benches.values():
            bench.close()


if __name__ == "__main__":
    main()
