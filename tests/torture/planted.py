"""Clients with one defect each, and near misses, which look alike and have none.

Each is the careful client but for a few lines, with tests of its own where its suite would have others.
A verdict that is expected comes with the operations it is about; a near miss gets none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from textwrap import dedent

from tests.torture.careful import CLIENT, TESTS

FIXTURE = """
    import pytest
    from careful import FlowtaskError
    from client import Client


    @pytest.fixture
    def client(mockflow):
        client = Client(mockflow.url)
        client.sign_in("demo@flowtask.test", "Passw0rd!")
        return client
"""


@dataclass(frozen=True)
class Planted:
    """A client, its tests, and what is to be found: verdict and operation; `notes` may be there as well."""

    client: str
    found: frozenset[tuple[str, str]] = frozenset()
    tests: str = TESTS
    notes: frozenset[str] = frozenset()
    options: tuple[str, ...] = ()
    more: Mapping[str, str] = field(default_factory=dict)

    def files(self) -> dict[str, str]:
        """All files of the suite."""
        return {
            "careful.py": CLIENT,
            "client.py": _with_imports(self.client),
            "test_client.py": self.tests,
            **self.more,
        }


def _with_imports(text: str) -> str:
    imports = "import time\nimport requests\nfrom careful import Careful, FlowtaskError, NoAnswer, Refused\n\n\n"
    return imports + dedent(text)


def _tests(text: str) -> str:
    return f"{dedent(FIXTURE)}\n{dedent(text)}"


def _found(verdict: str, *operations: str) -> frozenset[tuple[str, str]]:
    return frozenset((verdict, operation) for operation in operations)


GAVE_UP = frozenset({"gave-up"})
ADDS = _tests("""
    def test_it_adds(client):
        client.add("Buy milk")
""")
ADDS_AND_LOOKS = _tests("""
    def test_it_adds(client):
        client.add("Buy milk")
        assert [task["title"] for task in client.tasks()].count("Buy milk") == 1
""")

PLANTED: Mapping[str, Planted] = {
    "careful": Planted("Client = Careful"),
    # -- duplicate
    "duplicate": Planted(
        """
        class Client(Careful):
            def add(self, title, **fields):
                return self.repeat("POST", "/v2/todo", {"title": title, **fields})["todo"]
        """,
        _found("duplicate", "createTask"),
        ADDS,
    ),
    "duplicate, and the test fails": Planted(
        """
        class Client(Careful):
            def add(self, title, **fields):
                return self.repeat("POST", "/v2/todo", {"title": title, **fields})["todo"]
        """,
        _found("duplicate", "createTask"),
        ADDS_AND_LOOKS,
    ),
    "not duplicate: repeats only what was refused": Planted(
        """
        class Client(Careful):
            def add(self, title, **fields):
                return self.when_let("POST", "/v2/todo", {"title": title, **fields})["todo"]
        """,
        tests=ADDS_AND_LOOKS,
        notes=GAVE_UP,
    ),
    "not duplicate: the test itself adds twice, and goes on": Planted(
        """
        class Client(Careful):
            def add(self, title, **fields):
                return self.when_let("POST", "/v2/todo", {"title": title, **fields})["todo"]
        """,
        tests=_tests("""
            def test_it_adds_twice(client):
                for _ in range(2):
                    client.add("Buy eggs")
                assert len(client.tasks()) > 2
        """),
        notes=GAVE_UP,
    ),
    # -- lost
    "lost": Planted(
        """
        class Client(Careful):
            def add(self, title, **fields):
                try:
                    self.when_let("POST", "/v2/todo", {"title": title, **fields})
                except FlowtaskError:
                    pass  # it will be there next time
        """,
        _found("lost", "createTask"),
        ADDS,
    ),
    "lost: what was to be deleted is still there": Planted(
        """
        class Client(Careful):
            def delete(self, task_id):
                self.send("DELETE", f"/v2/todo/{task_id}", None)
        """,
        _found("lost", "deleteTask"),
        _tests("""
            def test_it_deletes(client):
                client.delete(client.tasks()[0]["id"])
        """),
        GAVE_UP,
    ),
    "not lost: it says that it gave up": Planted(
        """
        class Client(Careful):
            def add(self, title, **fields):
                return self.when_let("POST", "/v2/todo", {"title": title, **fields})["todo"]
        """,
        tests=ADDS,
        notes=GAVE_UP,
    ),
    "not lost: the test expects an error, and gets one sooner": Planted(
        """
        class Client(Careful):
            tries = 1
        """,
        tests=_tests("""
            def test_a_bad_list_is_refused(client):
                with pytest.raises(FlowtaskError):
                    for title in ("Buy milk", "Buy eggs", " "):
                        client.add(title)
        """),
        notes=GAVE_UP,
    ),
    # -- wrong-data
    "wrong-data": Planted(
        """
        class Client(Careful):
            def change(self, task_id, **fields):
                try:
                    return super().change(task_id, **fields)
                except FlowtaskError:
                    return None

            def repeat(self, method, path, body=None, again=True):
                if method == "PATCH":
                    return self.when_let(method, path, body, again)
                return super().repeat(method, path, body, again)
        """,
        _found("wrong-data", "updateTask"),
        _tests("""
            def test_it_completes(client):
                client.change(client.tasks()[0]["id"], completed=True)
        """),
    ),
    "not wrong-data: what is random or now is so without a fault": Planted(
        "Client = Careful",
        tests=_tests("""
            import os
            from datetime import UTC, datetime

            def test_it_adds_something_new(client):
                now = datetime.now(UTC).isoformat()
                client.add(f"task {os.urandom(4).hex()}", dueTime=now, isAllDay=False, description=now)
        """),
    ),
    # -- hid-it
    "hid-it": Planted(
        """
        class Client(Careful):
            def tasks(self):
                try:
                    return self.when_let("GET", "/v2/todo")["todos"]
                except FlowtaskError:
                    return []
        """,
        _found("hid-it", "listTasks"),
        _tests("""
            def test_it_lists(client):
                assert len(client.tasks()) > 5
        """),
    ),
    "not hid-it: it says so": Planted(
        """
        class Client(Careful):
            def tasks(self):
                return self.when_let("GET", "/v2/todo")["todos"]
        """,
        tests=_tests("""
            def test_it_lists(client):
                assert len(client.tasks()) > 5
        """),
        notes=GAVE_UP,
    ),
    "not hid-it: the test counts requests": Planted(
        "Client = Careful",
        tests=_tests("""
            def test_it_lists_once(client, mockflow):
                client.tasks()
                mockflow.assert_called(operation="listTasks", count=1)

            def test_it_lists_twice(client, mockflow):
                client.tasks(), client.tasks()
                assert len(mockflow.requests(operation="listTasks")) == 2
        """),
    ),
    "not hid-it: the test looks at the error it expects": Planted(
        "Client = Careful",
        tests=_tests("""
            def test_a_blank_title_is_refused(client):
                with pytest.raises(FlowtaskError) as caught:
                    client.add(" ")
                assert caught.value.status == 400
        """),
    ),
    # -- crash
    "crash: a key that is not there": Planted(
        """
        class Client(Careful):
            def signed_in(self, method, path, body, again):
                return self.send(method, path, body)

            def read(self, answer):
                return answer.json()
        """,
        _found("crash", "listTasks", "signIn"),
        _tests("""
            def test_it_lists(client):
                client.tasks()
        """),
        GAVE_UP,
    ),
    "crash: a bare JSON error": Planted(
        """
        import json

        class Client(Careful):
            def read(self, answer):
                if answer.status_code >= 400:
                    raise Refused(answer.status_code, answer.reason)
                return json.loads(answer.text)
        """,
        _found("crash", "listTasks", "signIn"),
        _tests("""
            def test_it_lists(client):
                client.tasks()
        """),
        GAVE_UP,
    ),
    "not crash: a KeyError of its own": Planted(
        """
        class NotThere(KeyError):
            pass

        class Client(Careful):
            def read(self, answer):
                if answer.status_code >= 500:
                    raise NotThere(answer.reason)
                if answer.status_code == 400:
                    raise ValueError(answer.reason)
                return super().read(answer)
        """,
        tests=_tests("""
            def test_it_lists(client):
                client.tasks()
        """),
        notes=GAVE_UP,
    ),
    # -- no-timeout
    "no-timeout": Planted(
        """
        class Client(Careful):
            timeout = None
        """,
        _found("no-timeout", "signIn", "listTasks"),
        _tests("""
            def test_it_lists(client):
                client.tasks()
        """),
    ),
    "not no-timeout: it waits for long, but not for ever": Planted(
        """
        class Client(Careful):
            timeout = 2.5
        """,
        tests=_tests("""
            def test_it_lists(client):
                client.tasks()
        """),
    ),
    # -- impatient
    "impatient": Planted(
        """
        class Client(Careful):
            def wait(self, seconds):
                time.sleep(0.2)
        """,
        _found("impatient", "signIn", "listTasks"),
        _tests("""
            def test_it_lists(client):
                client.tasks()
        """),
    ),
    "not impatient: the test asks twice": Planted(
        """
        class Client(Careful):
            def repeat(self, method, path, body=None, again=True):
                return self.read(self.signed_in(method, path, body, again))

            def tasks(self):
                try:
                    return super().tasks()
                except FlowtaskError:
                    return None
        """,
        tests=_tests("""
            def test_it_lists_twice(client):
                client.tasks()
                client.tasks()
        """),
        notes=GAVE_UP,
    ),
    "not impatient: the sandbox's clock stands still": Planted(
        "Client = Careful",
        tests=_tests("""
            def test_it_lists(client, mockflow):
                mockflow.clock.freeze("2030-01-31T09:00:00Z")
                client.sign_in("demo@flowtask.test", "Passw0rd!")
                client.tasks()
        """),
    ),
    "not impatient: the suite does not really sleep": Planted(
        "Client = Careful",
        tests=_tests("""
            @pytest.fixture(autouse=True)
            def no_waiting(monkeypatch):
                monkeypatch.setattr("time.sleep", lambda _: None)

            def test_it_lists(client):
                client.tasks()
        """),
    ),
    # -- retry-storm, sign-in-loop
    "retry-storm": Planted(
        """
        class Client(Careful):
            def when_let(self, method, path, body=None, again=True):
                for _ in range(30):
                    answer = self.signed_in(method, path, body, again)
                    if answer.status_code != 503:
                        return self.read(answer)
                    time.sleep(float(answer.headers.get("Retry-After", "0.01")))
                raise Refused(503, "in vain")
        """,
        _found("retry-storm", "signIn", "listTasks"),
        _tests("""
            def test_it_lists(client):
                client.tasks()
        """),
        GAVE_UP,
    ),
    "retry-storm without an end": Planted(
        """
        class Client(Careful):
            def tasks(self):
                while True:
                    answer = self.send("GET", "/v2/todo", None)
                    if answer.status_code != 503 or "Retry-After" in answer.headers:
                        return self.read(answer)["todos"]
        """,
        _found("retry-storm", "listTasks"),
        _tests("""
            def test_it_lists(client):
                client.tasks()
        """),
        GAVE_UP,
    ),
    "not retry-storm: eight tries": Planted(
        """
        class Client(Careful):
            def when_let(self, method, path, body=None, again=True):
                for _ in range(8):
                    answer = self.signed_in(method, path, body, again)
                    if answer.status_code != 503:
                        return self.read(answer)
                    time.sleep(float(answer.headers.get("Retry-After", "0.01")))
                raise Refused(503, "in vain")
        """,
        tests=_tests("""
            def test_it_lists(client):
                client.tasks()
        """),
        notes=GAVE_UP,
    ),
    "sign-in-loop": Planted(
        """
        class Client(Careful):
            def signed_in(self, method, path, body, again):
                for _ in range(20):
                    answer = self.send(method, path, body)
                    if answer.status_code != 401 or path == "/v1/user/signin":
                        return answer
                    self.sign_in(*self.known)
                return answer
        """,
        _found("sign-in-loop", "listTasks"),
        _tests("""
            def test_it_lists(client):
                client.tasks()
        """),
    ),
    "not sign-in-loop: twice": Planted(
        """
        class Client(Careful):
            def signed_in(self, method, path, body, again):
                for _ in range(2):
                    answer = self.send(method, path, body)
                    if answer.status_code != 401 or path == "/v1/user/signin":
                        return answer
                    self.sign_in(*self.known)
                return self.send(method, path, body)
        """,
        tests=_tests("""
            def test_it_lists(client):
                client.tasks()
        """),
    ),
    # -- repeats-refusal
    "repeats-refusal": Planted(
        """
        class Client(Careful):
            def read(self, answer):
                if answer.status_code >= 400:
                    raise NoAnswer(answer.reason)  # try again, whatever it is
                return super().read(answer)
        """,
        _found("repeats-refusal", "listTasks", "signIn"),
        _tests("""
            def test_it_lists(client):
                client.tasks()
        """),
    ),
    "not repeats-refusal: the test asks again": Planted(
        """
        class Client(Careful):
            def tasks(self):
                try:
                    return super().tasks()
                except Refused:
                    return None
        """,
        tests=_tests("""
            def test_it_lists_three_times(client):
                for _ in range(3):
                    client.tasks()
        """),
    ),
    # -- trips-over-retry
    "trips-over-retry": Planted(
        """
        class Client(Careful):
            def delete(self, task_id):
                self.repeat("DELETE", f"/v2/todo/{task_id}")
        """,
        _found("trips-over-retry", "deleteTask"),
        _tests("""
            def test_it_deletes(client):
                client.delete(client.tasks()[0]["id"])
        """),
    ),
    "trips-over-retry: signs out twice": Planted(
        """
        class Client(Careful):
            def sign_out(self):
                self.repeat("POST", "/v1/user/logout", again=False)
        """,
        _found("trips-over-retry", "signOut"),
        _tests("""
            def test_it_signs_out(client):
                client.sign_out()
        """),
        GAVE_UP,
    ),
    "not trips-over-retry: it does not repeat": Planted(
        """
        class Client(Careful):
            def delete(self, task_id):
                self.when_let("DELETE", f"/v2/todo/{task_id}")
        """,
        tests=_tests("""
            def test_it_deletes(client):
                client.delete(client.tasks()[0]["id"])
        """),
        notes=GAVE_UP,
    ),
    # -- void
    "unsteady": Planted(
        """
        from pathlib import Path

        class Client(Careful):
            def read(self, answer):
                marker = Path(__file__).with_name("crashed-once")
                if answer.status_code >= 500 and not marker.exists():
                    marker.touch()
                    return {}["todos"]
                return super().read(answer)
        """,
        tests=_tests("""
            def test_it_lists(client):
                client.tasks()
        """),
        notes=frozenset({"unsteady"}),
        options=("--jobs", "1"),
    ),
    "not-reached": Planted(
        """
        from pathlib import Path

        class Client(Careful):
            def tasks(self):
                kept = Path(__file__).with_name("kept")
                if kept.exists() and len(kept.read_text()) >= 2:
                    return []  # it knows by now
                with kept.open("a") as file:
                    file.write("x")
                return super().tasks()
        """,
        tests=_tests("""
            def test_it_lists(client):
                client.tasks()
        """),
        notes=frozenset({"not-reached"}),
        options=("--operation", "listTasks"),
    ),
}
