"""The feed: what is new in the outbox is known without going through it; listeners share what they are told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mockflow.app import sandboxes_of
from mockflow.errors import NotPossible
from mockflow.journal import feed as feeds
from mockflow.journal.feed import Event, Feed
from mockflow.sandbox import Sandbox
from tests.journal.reading import CHECK, CONTROL
from tests.support import Api

SEND_CODE = "/api/v1/user/signup/send-otp"


@pytest.fixture
def sandbox(api: Api) -> Sandbox:
    return sandboxes_of(api.app).default


@pytest.fixture
def heard(sandbox: Sandbox) -> Any:
    """What a listener is told."""
    events: list[tuple[str, Event]] = []
    sandbox.world.outbox.news()
    leave = sandbox.feed.listen(lambda kind, event: events.append((kind, event)))
    yield events
    leave()


def told(heard: Any) -> list[str]:
    """Who was sent a message, of those that were told."""
    found = [event["to"] for kind, event in heard if kind == "message"]
    heard.clear()
    return found


def test_each_message_is_told_once(api: Api, heard: Any) -> None:
    for number in range(3):
        api.post(SEND_CODE, email=f"new{number}@example.com")
        api.get(CHECK)
    assert told(heard) == [f"new{number}@example.com" for number in range(3)]


def test_after_a_reset_a_clearing_and_a_restored_snapshot_what_is_new_is_told(api: Api, heard: Any) -> None:
    api.post(SEND_CODE, email="one@example.com")
    api.call("PUT", f"{CONTROL}/snapshots/one", json={})
    api.post(SEND_CODE, email="two@example.com")
    assert told(heard) == ["one@example.com", "two@example.com"]
    for path, method in (("outbox", "DELETE"), ("snapshots/one/restore", "POST"), ("reset", "POST")):
        assert api.call(method, f"{CONTROL}/{path}", json={}).status_code == 200
        api.get(CHECK)
        assert told(heard) == []
        api.post(SEND_CODE, email="three@example.com")
        assert told(heard) == ["three@example.com"]


def test_what_was_sent_and_taken_back_is_not_told(sandbox: Sandbox) -> None:
    def send(*, fail: bool) -> None:
        with sandbox.store.transaction():
            sandbox.world.outbox.send(to="a@b.test", kind="x", subject="x", text="x")
            if fail:
                raise RuntimeError

    sandbox.world.outbox.news()
    with pytest.raises(RuntimeError):
        send(fail=True)
    assert sandbox.world.outbox.news() == []
    send(fail=False)
    assert len(sandbox.world.outbox.news()) == 1
    assert sandbox.world.outbox.news() == []


def test_an_outbox_that_is_full_costs_a_request_nothing(
    api: Api, sandbox: Sandbox, heard: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sandbox.store.transaction():
        for _ in range(2000):
            sandbox.world.outbox.send(to="a@b.test", kind="x", subject="x", text="x")
    api.get(CHECK)
    assert len(told(heard)) == 1000  # those that may wait; nothing sends as many with one request
    monkeypatch.setattr(type(sandbox.store.outbox), "records", lambda _: pytest.fail("gone through"))
    api.get(CHECK)
    api.post(SEND_CODE, email="new@example.com")
    assert told(heard) == ["new@example.com"]


def test_there_are_so_many_listeners_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "MOST_LISTENERS", 2)
    feed = Feed()
    leave = [feed.listen(lambda *_: None), feed.listen(lambda *_: None)][0]
    with pytest.raises(NotPossible, match="2 listeners"):
        feed.listen(lambda *_: None)
    leave()
    feed.listen(lambda *_: None)


def test_one_listener_too_many_is_answered_400(
    api: Api, sandbox: Sandbox, heard: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "MOST_LISTENERS", 1)
    reply = api.call("GET", f"{CONTROL}/events")
    assert (reply.status_code, "listeners" in reply.json["message"], bool(heard)) == (400, True, False)
    assert sandbox.feed


def test_listeners_share_the_text_of_an_event() -> None:
    feed, texts = Feed(), []
    for _ in range(3):
        feed.listen(lambda _, event: texts.append(event.text))
    feed.tell("request", {"path": "/\u00e9\ud800"})
    assert [json.loads(text) for text in texts] == [{"path": "/\u00e9?"}] * 3
    assert texts[0] is texts[1] is texts[2]
