"""Sends inputs to a server, and looks at what comes back."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Sequence
from typing import Any

from mockflow.clock import Stopwatch
from tests.fuzz.inputs import Document, Sent
from tests.running import Running

_STATUS = re.compile(rb"HTTP/1\.1 ([1-5][0-9][0-9]) [A-Za-z -]*\r\n")
_FRESH = 400
"""Inputs after which the data begins anew, so that it stays small."""


class Driver:
    """A client of one server that sends whatever it is given, and fails for answers that nobody asked for."""

    def __init__(self, server: Running) -> None:
        self._server = server
        self.sent = 0
        self.statuses: dict[int, int] = {}
        self.longest = (0.0, "")
        """Seconds until an answer was complete, and to what."""
        self._begin()

    def __call__(self, inputs: Sequence[Sent | Document]) -> None:
        """Send some inputs, one after the other."""
        for one in inputs:
            sent = self._load(one) if isinstance(one, Document) else one
            answer = self._answer(sent)
            self.sent += 1
            self._check(sent, answer)
            if self.sent % _FRESH == 0:
                self._begin()

    def _begin(self) -> None:
        call = self._server.request
        call("DELETE", "/_mockflow/faults")
        assert call("POST", "/_mockflow/reset", {})[0] == 200
        for name in ("gw0", "gw1", "default"):
            for snapshot in call("GET", "/_mockflow/snapshots", X_Mockflow_Sandbox=name)[1]["snapshots"]:
                call("DELETE", f"/_mockflow/snapshots/{snapshot['name']}", X_Mockflow_Sandbox=name)
        for box in call("GET", "/_mockflow/sandboxes")[1]["sandboxes"][1:]:
            call("DELETE", f"/_mockflow/sandboxes/{box['name']}")
        self._cookie = str(call("POST", "/_mockflow/sessions", {"email": "ann@example.com"})[1]["cookie"])
        self._document: dict[str, Any] = call("GET", "/_mockflow/data")[1]
        call("POST", "/api/v2/todo", {"title": "one"}, Cookie=self._cookie)
        call("POST", "/api/v2/tag", {"name": "tag"}, Cookie=self._cookie)
        project = call("POST", "/api/v2/projects", {"name": "p", "personal": True}, Cookie=self._cookie)[1][
            "project"
        ]
        call("POST", f"/api/v2/projects/{project['id']}/sections", {"name": "s"}, Cookie=self._cookie)
        data = call("GET", "/_mockflow/data")[1]
        last = {name: list(data[name].values())[-1]["id"] for name in ("tasks", "sections", "tags", "workspaces")}
        inbox = call("GET", "/api/v2/projects/inbox", Cookie=self._cookie)[1]["inbox"]["id"]
        self._ids = {
            "task": last["tasks"],
            "section": last["sections"],
            "tag": last["tags"],
            "project": project["id"],
            "inbox": inbox,
            "workspace": last["workspaces"],
        }

    def _load(self, change: Document) -> Sent:
        document = json.loads(json.dumps(self._document))
        records = list(document[change.table].values())
        if records:
            record = records[change.record % len(records)]
            record[list(record)[change.field % len(record)]] = change.value
        headers = (("Content-Type", "application/json"),)
        return Sent("PUT", f"{change.sandbox}/_mockflow/data", headers, json.dumps(document).encode())

    def _bytes_of(self, sent: Sent) -> bytes:
        """What goes out for an input."""
        if sent.raw is not None:
            return sent.raw
        body = self._filled(sent.body)
        named = [name.lower() for name, _ in sent.headers]
        lines = [f"{sent.method} {sent.target} HTTP/1.1"]
        if "host" not in named:
            lines.append("Host: localhost")
        if sent.signed_in and "cookie" not in named:
            lines.append(f"Cookie: {self._cookie}")
        lines += [f"{name}: {value}" for name, value in sent.headers]
        if _is_complete(sent):
            lines.append("Connection: close")
        if "content-length" not in named and "transfer-encoding" not in named:
            lines.append(f"Content-Length: {len(body)}")
        head = "\r\n".join(lines) + "\r\n\r\n"
        return self._filled(head.encode("utf-8", "replace")) + body

    def _filled(self, text: bytes) -> bytes:
        for name, value in self._ids.items():
            text = text.replace(b"{%b}" % name.encode(), value.encode())
        return text

    def _answer(self, sent: Sent) -> bytes:
        content = self._bytes_of(sent)
        parts: list[bytes] = []
        stopwatch = Stopwatch()
        with self._server.socket() as client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            size = max(1, -(-len(content) // sent.pieces))
            try:
                for place in range(0, len(content), size):
                    client.sendall(content[place : place + size])
                if not _is_complete(
                    sent
                ):  # else it would count as a client that has left before its answer was made
                    client.shutdown(socket.SHUT_WR)
                while part := client.recv(1 << 20):
                    parts.append(part)
            except TimeoutError:
                raise AssertionError(f"no answer, and no end, for {sent}") from None
            except OSError:
                pass  # the server has closed it
        if stopwatch.seconds > self.longest[0]:
            self.longest = stopwatch.seconds, repr(sent)[:300]
        return b"".join(parts)

    def _check(self, sent: Sent, answer: bytes) -> None:
        assert self._server.process.poll() is None, f"the server is gone after {sent}"
        for found in _STATUS.finditer(answer):
            status = int(found[1])
            self.statuses[status] = self.statuses.get(status, 0) + 1
            if status < 500 or status == 507:  # as many sandboxes as there can be
                continue
            head = answer[found.start() :].partition(b"\r\n\r\n")[0].lower()
            assert b"\nx-mockflow-fault:" in head, f"{status} for {sent}: {answer[found.start() :][:600]!r}"


def _is_complete(sent: Sent) -> bool:
    """Whether a server can tell where an input ends, and need not wait for more."""
    odd = {"content-length", "transfer-encoding", "expect", "connection", "upgrade"}
    return (
        sent.raw is None and sent.method != "CONNECT" and odd.isdisjoint(name.lower() for name, _ in sent.headers)
    )
