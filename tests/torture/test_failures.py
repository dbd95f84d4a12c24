"""What an exception is worth: told from its class, from where it was raised, and from what the test looks at."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from types import ModuleType

import pytest
import requests

from mockflow.errors import ServerRefused, ServerUnreachable
from mockflow.torture.failures import failure_of

CLIENT = """
    import json
    import requests

    class Refused(ValueError): ...

    def key(): return {}["todos"]
    def bare_json(): return json.loads("{")
    def wrapped_json():
        answer = requests.Response()
        answer._content = b"{"
        return answer.json()
    def own(): raise Refused("no")
    def raised(): raise KeyError("todos")
    def gone(): raise ConnectionResetError("gone")
    def asserts(): assert {}
"""
TEST = """
    import pytest
    import client

    def test_other_words():
        with pytest.raises(client.Refused, match="yes"):
            client.own()

    def test_looks_at_the_error():
        with pytest.raises(client.Refused) as caught:
            client.own()
        assert caught.value.status == 400

    def test_did_not_raise():
        with pytest.raises(client.Refused):
            pass

    def test_counts(mockflow):
        sent = mockflow.requests(operation="listTasks")
        assert len(sent) == 2

    def test_asserts(mockflow):
        tasks = []
        assert tasks
"""


class Journal:
    """As much of a sandbox as the tests above ask for."""

    def requests(self, **_: str) -> list[str]:
        return []


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return loaded(tmp_path / "client.py", CLIENT, monkeypatch)


@pytest.fixture
def tests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    loaded(tmp_path / "client.py", CLIENT, monkeypatch)
    return loaded(tmp_path / "test_client.py", TEST, monkeypatch)


def loaded(path: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    path.write_text(dedent(text))
    module = ModuleType(path.stem)
    monkeypatch.setitem(sys.modules, path.stem, module)
    exec(compile(path.read_text(), str(path), "exec"), vars(module))
    return module


def kind_of(call: Callable[[], object], file: str = "test_client.py", *, looked: bool = False) -> str:
    try:
        call()
    except BaseException as error:
        return failure_of(error, file, looked=looked).kind
    raise AssertionError("nothing was raised")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("key", "crash"),
        ("bare_json", "crash"),
        ("wrapped_json", "error"),
        ("own", "error"),
        ("raised", "error"),
        ("gone", "error"),
        ("asserts", "assertion"),
    ],
)
def test_what_a_client_lets_out(client: ModuleType, name: str, kind: str) -> None:
    assert kind_of(getattr(client, name)) == kind


@pytest.mark.parametrize(
    ("name", "looked", "kind"),
    [
        ("test_other_words", False, "error"),
        ("test_looks_at_the_error", False, "error"),
        ("test_did_not_raise", False, "assertion"),
        ("test_counts", True, "journal"),
        ("test_asserts", True, "assertion"),
    ],
)
def test_what_a_test_complains_about(tests: ModuleType, name: str, looked: bool, kind: str) -> None:
    test = getattr(tests, name)
    arguments = [Journal()] if test.__code__.co_argcount else []
    assert kind_of(lambda: test(*arguments), str(tests.test_counts.__code__.co_filename), looked=looked) == kind


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ServerUnreachable("gone"), "harness"),
        (ServerRefused("no account"), "assertion"),
        (requests.ConnectTimeout(), "error"),
        (json.JSONDecodeError("", "", 0), "error"),  # raised here, by a `raise`
        (SystemExit("todo.py: no"), "error"),
    ],
)
def test_what_others_raise(error: BaseException, kind: str) -> None:
    def call() -> None:
        raise error

    assert kind_of(call) == kind
