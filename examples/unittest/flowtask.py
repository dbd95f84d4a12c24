"""A small client of Flowtask, with nothing but Python's own library."""

from __future__ import annotations

import json
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener


class Refused(Exception):
    """Flowtask said no, and why."""


class Flowtask:
    """One user's session. `url` is the base URL without `/api`, `cookie` the value of the header `Cookie`."""

    def __init__(self, url: str, cookie: str) -> None:
        self._url, self._cookie = url, cookie
        self._opener = build_opener(ProxyHandler({}))

    def titles(self) -> list[str]:
        """The titles of all tasks."""
        return [task["title"] for task in self._call("GET", "/api/v2/todo")["todos"]]

    def add(self, title: str) -> None:
        """Create a task."""
        self._call("POST", "/api/v2/todo", {"title": title})

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        headers = {"Content-Type": "application/json", "Cookie": self._cookie}
        content = None if body is None else json.dumps(body).encode()
        request = Request(self._url + path, content, headers, method=method)
        try:
            with self._opener.open(request, timeout=5) as answer:
                return json.load(answer)
        except HTTPError as error:
            with error:
                raise Refused(json.load(error)["message"]) from None
