"""Which sandbox a request is for: `/s/<name>` in front of its path, or the header `X-Mockflow-Sandbox`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from mockflow.sandboxes import DEFAULT

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_NAME = "mockflow.sandbox"


class SandboxPrefix:
    """A WSGI app around ours, which takes the prefix off the path, so that routes, links and cookies follow."""

    def __init__(self, app: WsgiApp) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        take_prefix(environ)
        return self._app(environ, start_response)


def take_prefix(environ: dict[str, Any]) -> None:
    """Move a path prefix into `SCRIPT_NAME`."""
    path: str = environ["PATH_INFO"]
    if path.startswith("/s/"):
        name, _, rest = path[3:].partition("/")
        environ[_NAME] = name
        environ["SCRIPT_NAME"] = f"{environ.get('SCRIPT_NAME', '')}/s/{name}"
        environ["PATH_INFO"] = f"/{rest}"


def sandbox_name(environ: dict[str, Any]) -> str:
    """The name that a request gives: by its path first, then by the header."""
    return str(environ.get(_NAME) or environ.get("HTTP_X_MOCKFLOW_SANDBOX") or DEFAULT)
