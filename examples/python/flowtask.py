"""A small client of Flowtask, as somebody might write it: it survives rate limits, outages and lost sessions."""

from __future__ import annotations

from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

_PATIENCE = Retry(
    total=4,
    backoff_factor=0.05,
    status_forcelist=(429, 503),
    allowed_methods=None,  # creating is tried again only where the server said that it did nothing
    raise_on_status=False,
    read=0,  # after a lost answer nobody knows whether the task was made
)


class SignedOut(Exception):
    """There is no session, or it is over: sign in again."""


class AnswerLost(Exception):
    """The request may or may not have been carried out."""


class Flowtask:
    """One user's session. `url` is the base URL without `/api`."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session = requests.Session()
        self._session.mount("http://", HTTPAdapter(max_retries=_PATIENCE))

    def ask_for_code(self, email: str) -> None:
        """Have a one-time code sent to an address."""
        self._call("POST", "/api/v1/user/signup/send-otp", {"email": email})

    def sign_up(self, email: str, code: str, password: str) -> None:
        """Make an account with that code, and sign in."""
        self._call("POST", "/api/v1/user/signup/verify", {"email": email, "code": code, "password": password})

    def sign_in(self, email: str, password: str) -> None:
        """Start a session; the cookie stays in this client."""
        self._call("POST", "/api/v1/user/signin", {"email": email, "password": password})

    def titles(self) -> list[str]:
        """The titles of all tasks."""
        return [task["title"] for task in self._call("GET", "/api/v2/todo")["todos"]]

    def add(self, title: str) -> None:
        """Create a task; where its answer is lost, look whether it was made before trying again."""
        before = len(self.titles())
        try:
            self._call("POST", "/api/v2/todo", {"title": title})
        except AnswerLost:
            if len(self.titles()) == before:
                self._call("POST", "/api/v2/todo", {"title": title})

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        try:
            response = self._session.request(method, self._url + path, json=body, timeout=5)
        except requests.ConnectionError as error:
            raise AnswerLost(str(error)) from error
        if response.status_code == requests.codes.unauthorized:
            raise SignedOut(response.json()["message"])
        response.raise_for_status()
        return response.json()
