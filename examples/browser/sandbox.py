"""Drives a mockflow server from a test: copy this file into your client's tests."""

from __future__ import annotations

import json
import os
from typing import Any, Self
from urllib.error import HTTPError
from urllib.parse import quote, urljoin
from urllib.request import Request, urlopen


class Sandbox:
    """A fake Flowtask of one's own, with its own data, clock, faults and outbox."""

    def __init__(self, name: str, url: str) -> None:
        self.url = url
        self._name = name

    @classmethod
    def open(cls) -> Self:
        """A new one, in the state the server started with."""
        server = os.environ.get("MOCKFLOW_URL")
        if server is None:
            raise RuntimeError("MOCKFLOW_URL is not set. Run the tests with: mockflow exec -- pytest")
        # A test run that is killed closes nothing; the time to live does it then.
        made = _control(server, "POST", "sandboxes", {"ttlSeconds": 600})
        return cls(made["name"], urljoin(server, made["path"]).rstrip("/"))

    def close(self) -> None:
        """Its data and sessions are gone."""
        self._control("DELETE", f"sandboxes/{self._name}")

    def fault(self, **rule: Any) -> None:
        """Puts a fault rule into force: `match`, `effect`, `times`, …"""
        self._control("POST", "faults", rule)

    def advance(self, seconds: float) -> None:
        """Moves the clock forward."""
        self._control("PUT", "clock", {"advance": seconds})

    def code_for(self, email: str) -> str:
        """The latest one-time code that was "mailed" to this address."""
        found = self._control("GET", f"outbox?kind=sign-up-code&to={quote(email)}")
        return str(found["messages"][-1]["code"])

    def _control(self, method: str, path: str, body: Any = None) -> Any:
        return _control(self.url, method, path, body)


def _control(url: str, method: str, path: str, body: Any = None) -> Any:
    content = None if body is None else json.dumps(body).encode()
    request = Request(f"{url}/_mockflow/{path}", content, {"Content-Type": "application/json"}, method=method)
    try:
        with urlopen(request, timeout=10) as response:
            return json.load(response)
    except HTTPError as error:
        with error:
            raise RuntimeError(f"mockflow: {method} {path}: {error.read().decode()}") from None
