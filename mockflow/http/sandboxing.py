"""Which sandbox a request is for: `/s/<name>` in front of its path, or the header `X-Mockflow-Sandbox`."""

from __future__ import annotations

from typing import Any

from mockflow.sandboxes import DEFAULT

_NAME = "mockflow.sandbox"


def take_prefix(environ: dict[str, Any]) -> None:
    """Take the prefix off the path into `SCRIPT_NAME`, so that routes, links and cookies follow."""
    path: str = environ["PATH_INFO"]
    if path.startswith("/s/"):
        name, _, rest = path[3:].partition("/")
        environ[_NAME] = name
        environ["SCRIPT_NAME"] = f"{environ.get('SCRIPT_NAME', '')}/s/{name}"
        environ["PATH_INFO"] = f"/{rest}"


def sandbox_name(environ: dict[str, Any]) -> str:
    """The name that a request gives: by its path first, then by the header.

    A prefix without a name gives an empty one, which is none: who lost a name must not meet `default`.
    """
    in_path: str | None = environ.get(_NAME)
    return str(environ.get("HTTP_X_MOCKFLOW_SANDBOX") or DEFAULT) if in_path is None else in_path
