"""A to-do list, kept in Flowtask: todo.py add TITLE | list | done ID."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

URL = os.environ.get("FLOWTASK_URL", "http://localhost:4747")
EMAIL = os.environ.get("FLOWTASK_EMAIL", "demo@flowtask.test")
PASSWORD = os.environ.get("FLOWTASK_PASSWORD", "Passw0rd!")
TIMEOUT = 2.0  # seconds; somebody sits there and waits

Task = dict[str, Any]


class Patience(Retry):
    """Repeats whatever was refused with a 429; after other failures, only what may be done twice."""

    def is_retry(self, method: str, status_code: int, has_retry_after: bool = False) -> bool:
        """Say whether a request that was answered so is sent again."""
        return status_code == 429 or super().is_retry(method, status_code, has_retry_after)


PATIENCE = Patience(
    total=3,
    backoff_factor=0.2,
    status_forcelist=[500, 502, 503, 504],
    allowed_methods=["GET", "PATCH"],  # a task that is done twice is done
    raise_on_status=False,
)


class Flowtask:
    """The tasks of one account. The session is kept in a file, so that one sign-in is for many commands."""

    def __init__(self, url: str, kept: Path) -> None:
        self.url, self.kept = url, kept
        self.http = requests.Session()
        self.http.mount(url, HTTPAdapter(max_retries=PATIENCE))
        if kept.exists():
            self.http.cookies.update(json.loads(kept.read_text()))
        else:
            self.sign_in()

    def sign_in(self) -> None:
        """Start a session, in place of any other."""
        self.http.cookies.clear()
        self.send("POST", "/api/v1/user/signin", {"email": EMAIL, "password": PASSWORD}).raise_for_status()
        self.kept.touch(mode=0o600)  # anybody with this cookie is signed in
        self.kept.write_text(json.dumps(self.http.cookies.get_dict()))

    def tasks(self) -> list[Task]:
        """The tasks that are not done."""
        tasks: list[Task] = self.call("GET", "/api/v2/todo?completed=false")["todos"]
        return tasks

    def add(self, title: str) -> Task:
        """Make a task. Where nobody knows whether that worked, look before trying once more."""
        known = {task["id"] for task in self.tasks()}
        try:
            return self.create(title)
        except requests.RequestException as error:
            if not may_have_worked(error):
                raise
            wait_as_told(error)
        made = [task for task in self.tasks() if task["title"] == title and task["id"] not in known]
        return made[0] if made else self.create(title)

    def create(self, title: str) -> Task:
        """Make a task, and another one each time."""
        task: Task = self.call("POST", "/api/v2/todo", {"title": title})["todo"]
        return task

    def done(self, task_id: str) -> Task:
        """Tick a task off."""
        task: Task = self.call("PATCH", f"/api/v2/todo/{task_id}", {"completed": True})["todo"]
        return task

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """What is answered. Raises `requests.RequestException` where it is not a success."""
        answer = self.send(method, path, body)
        if answer.status_code == 401:
            self.sign_in()
            answer = self.send(method, path, body)
        answer.raise_for_status()
        return answer.json()

    def send(self, method: str, path: str, body: dict[str, Any] | None) -> requests.Response:
        """One request, as it is."""
        return self.http.request(method, self.url + path, json=body, timeout=TIMEOUT)


def may_have_worked(error: requests.RequestException) -> bool:
    """No answer, half of one, or one of a server in trouble. A 4xx is a clear no."""
    return error.response is None or error.response.status_code >= 500


def wait_as_told(error: requests.RequestException) -> None:
    """Stay away for as long as the server said, if it said so."""
    if error.response is not None:
        time.sleep(float(error.response.headers.get("Retry-After", 0)))


def main(words: list[str]) -> None:
    """Do what the command line says."""
    flowtask = Flowtask(URL, Path(".todo-session"))
    match words:
        case ["add", title]:
            print("added:", flowtask.add(title)["title"])
        case ["list"]:
            for task in flowtask.tasks():
                print(task["id"], task["title"])
        case ["done", task_id]:
            print("done:", flowtask.done(task_id)["title"])
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except requests.RequestException as error:
        sys.exit(f"todo.py: {error}")
