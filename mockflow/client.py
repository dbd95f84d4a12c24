"""A client of a running server's control API: what the command line and test tools drive it with. No Flask."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException, HTTPResponse
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPSHandler, ProxyHandler, Request, build_opener

from mockflow.clock import Stopwatch
from mockflow.errors import ServerRefused, ServerUnreachable
from mockflow.origins import is_loopback
from mockflow.settings import DEFAULT_URL

_SILENCE_SECONDS = 40.0
"""A stream of events shows a sign of life every 15 seconds."""


class ControlClient:
    """Talks to `<url>/_mockflow/…`, or that of one sandbox. `url` is the base URL without `/api`."""

    def __init__(
        self,
        url: str = DEFAULT_URL,
        *,
        sandbox: str | None = None,
        token: str | None = None,
        timeout_seconds: float = 10.0,
    ) -> None:
        self.url = url.rstrip("/") if sandbox is None else f"{url.rstrip('/')}/s/{sandbox}"
        self.token = token
        self._timeout = timeout_seconds
        # A proxy from the environment has no business between a tool and its own machine.
        self._opener = build_opener(ProxyHandler({}), *_tls_of(self.url))

    def __repr__(self) -> str:
        return f"<ControlClient {self.url}>"

    def call(self, method: str, path: str, body: dict[str, Any] | list[Any] | None = None) -> Any:
        """The answer's JSON. Raises `ServerUnreachable`, or `ServerRefused` with the server's own words."""
        with self._answer(method, path, body, self._timeout) as answer:
            return json.load(answer)

    def events(self) -> Iterator[tuple[str, Any]]:
        """What happens in the sandbox, as it happens (`docs/journal.md`): kinds and what there is to say of each.

        The first is `("listening", None)`: from then on nothing is missed. Ends with the stream; raises as `call`
        does.
        """
        with self._answer("GET", "events", None, _SILENCE_SECONDS) as stream:
            yield "listening", None
            kind = ""
            for line in stream:
                name, _, value = line.rstrip(b"\r\n").partition(b": ")
                if name == b"event":
                    kind = value.decode()
                elif name == b"data":
                    yield kind, json.loads(value)

    @contextmanager
    def _answer(self, method: str, path: str, body: Any, timeout_seconds: float) -> Iterator[HTTPResponse]:
        """An answer that is not an error; what goes wrong while it is read is told in the same words."""
        headers = {"Content-Type": "application/json"}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        content = None if body is None else json.dumps(body).encode()
        address = f"{self.url}/_mockflow/{path.lstrip('/')}"
        try:
            request = Request(address, content, headers, method=method)  # noqa: S310 - the user's own address
            with self._opener.open(request, timeout=timeout_seconds) as response:
                yield response
        except HTTPError as error:
            with error:
                raise _refused(address, error.code, error.read()) from None
        except (URLError, OSError, HTTPException, ValueError) as error:
            raise ServerUnreachable(f"{address}: {_reason(error)}.") from None

    def ready(self) -> Any:
        """What `ready` answers: `{"status": "ok", …}`. Raises `ServerUnreachable`."""
        return self.call("GET", "ready")

    def wait(self, seconds: float, pause: Any) -> Any:
        """What `ready` answers once it does, within so many seconds; `pause()` is called between tries.

        Raises `ServerUnreachable` with the last reason; `ServerRefused` at once.
        """
        stopwatch = Stopwatch()
        while True:
            try:
                return self.ready()
            except ServerUnreachable:
                if stopwatch.seconds >= seconds:
                    raise
            pause()


def _tls_of(url: str) -> list[HTTPSHandler]:
    """On this machine, the certificate was most likely made up at the start; nobody is in between anyway."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not is_loopback(parts.hostname or ""):
        return []
    import ssl  # late: it is slow to import

    return [HTTPSHandler(context=ssl._create_unverified_context())]  # noqa: S323


def _reason(error: Exception) -> str:
    """What the system says, without its number."""
    reason = getattr(error, "reason", None) or error
    return str(getattr(reason, "strerror", None) or reason)


def _refused(address: str, status: int, content: bytes) -> ServerRefused:
    """The server's words where it answers in its own shape, else the beginning of what came."""
    try:
        body = json.loads(content)
        told, errors = str(body["message"]), body.get("errors", ())
    except (ValueError, KeyError, TypeError, AttributeError):
        told, errors = content[:200].decode(errors="replace"), ()
    return ServerRefused(f"{address}: {status} {told}", told=told, status=status, errors=errors)
