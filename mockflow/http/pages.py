"""The pages for people: root page, console, demo, API page, handbook. All that they load comes from here."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from os.path import isfile
from pathlib import Path
from types import MappingProxyType
from typing import Any

from flask import Blueprint, Response
from jinja2 import Environment, FileSystemLoader, Template
from werkzeug.security import safe_join

from mockflow import __version__
from mockflow.errors import NoSuchRoute
from mockflow.http.answers import answer
from mockflow.http.exchange import CONTROL, Exchange
from mockflow.operations import OPERATIONS

_PAGES = Path(__file__).parent.parent / "pages"
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".txt": "text/plain; charset=utf-8",
}
_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
_SPLIT = "demo/split.html"
"""The page that shows two others side by side, each in a frame."""
_EXCEPTIONS: Mapping[str, Mapping[str, str]] = {
    _SPLIT: {"frame-src": "'self'"},
    "demo/index.html": {"frame-ancestors": "'self'"},
    "ui/index.html": {"frame-ancestors": "'self'"},
}
"""By file, what the policy says of it instead."""
_HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def pages_blueprint() -> Blueprint:
    """`/`, and what is under `/_mockflow/ui/`, `/_mockflow/demo/`, `/_mockflow/docs` and `/_mockflow/guide/`."""
    pages = Blueprint("pages", __name__)
    for path, view in (
        ("/", root),
        (f"{CONTROL}/ui/", console),
        (f"{CONTROL}/ui/<path:name>", console),
        (f"{CONTROL}/demo/", demo),
        (f"{CONTROL}/demo/<path:name>", demo),
        (f"{CONTROL}/docs", api_page),
        (f"{CONTROL}/docs/<path:name>", api_page),
        (f"{CONTROL}/guide/", handbook),
        (f"{CONTROL}/guide/<path:name>", handbook),
    ):
        pages.add_url_rule(path, view.__name__, view, methods=["GET"], provide_automatic_options=False)
    return pages


def is_file(exchange: Exchange) -> bool:
    """Whether a request is for a page, or for what one loads, that is the same for everybody."""
    return exchange.endpoint in ("pages.console", "pages.demo", "pages.api_page", "pages.handbook")


def is_root(exchange: Exchange) -> bool:
    """Whether it is for the page that tells of a sandbox."""
    return exchange.endpoint == "pages.root"


def root(exchange: Exchange) -> Response:
    """What this is: a page for a browser, JSON for whoever does not ask for HTML."""
    best = exchange.request.accept_mimetypes.best_match(
        ("application/json", "text/html"), default="application/json"
    )
    about = _about(exchange)
    response = (
        answer(200, about) if best == "application/json" else _html("root.html", **_for_root(exchange, about))
    )
    response.headers["Vary"] = "Accept"
    return response


def _for_root(exchange: Exchange, about: dict[str, Any]) -> dict[str, Any]:
    return {
        "about": about,
        "prefix": f"{exchange.root}{CONTROL}",
        "operations": len(OPERATIONS),
        "guarded": exchange.sandbox.settings.control_token is not None,
        "first": _first_request(about),
    }


def _first_request(about: dict[str, Any]) -> str:
    """A command to begin with: signing in, where an account has a password."""
    account = next((found for found in about["accounts"] if found["password"]), None)
    if account is None:
        return f"curl {about['url']}/api/v1/auth-check"
    body = json.dumps({name: account[name] for name in ("email", "password")}, ensure_ascii=False)
    return f"curl -H 'Content-Type: application/json' -d {shlex.quote(body)} {about['url']}/api/v1/user/signin"


def _about(exchange: Exchange) -> dict[str, Any]:
    """Accounts are left out where the control API would ask for a token."""
    url = exchange.address
    chosen = exchange.sandbox
    return {
        "name": "mockflow",
        "version": __version__,
        "description": "A mock server and developer sandbox for the Flowtask REST API.",
        "sandbox": chosen.name,
        "url": url,
        "console": f"{url}{CONTROL}/ui/",
        "demo": f"{url}{CONTROL}/demo/",
        "docs": f"{url}{CONTROL}/docs",
        "guide": f"{url}{CONTROL}/guide/",
        "openapi": f"{url}{CONTROL}/openapi.json",
        "control": f"{url}{CONTROL}/",
        "accounts": [] if chosen.settings.control_token is not None else chosen.meta["personas"],
    }


def console(exchange: Exchange, name: str = "index.html") -> Response:
    """The console's files."""
    if exchange.path == f"{CONTROL}/ui":
        return _elsewhere("ui/")
    return _file(exchange, _PAGES / "ui", name)


def demo(exchange: Exchange, name: str = "index.html") -> Response:
    """The demo client's files."""
    if exchange.path == f"{CONTROL}/demo":
        return _elsewhere("demo/")
    return _file(exchange, _PAGES / "demo", name)


def api_page(exchange: Exchange, name: str | None = None) -> Response:
    """The API page and its files, ours and Swagger UI's."""
    if exchange.path == f"{CONTROL}/docs/":
        return _elsewhere("../docs")
    if name is None:
        return _file(exchange, _PAGES / "docs", "index.html")
    own = _found(_PAGES / "docs", name) is not None
    return _file(exchange, _PAGES / "docs" if own else _swagger_ui(), name)


def handbook(exchange: Exchange, name: str = "index.html") -> Response:
    """The handbook, as the build of the package has made it; `handbook/build.py` makes it in a clone."""
    if exchange.path == f"{CONTROL}/guide":
        return _elsewhere("guide/")
    guide = _PAGES / "guide"
    if not guide.is_dir():
        raise NoSuchRoute("The handbook is not built here. In a clone, `python handbook/build.py` builds it.")
    return _file(exchange, guide, name)


def _swagger_ui() -> Path:
    """Where the package keeps the files of Swagger UI; only they are used, nothing is imported."""
    spec = find_spec("flask_swagger_ui")
    assert spec is not None and spec.origin is not None  # noqa: S101, PT018 - it is installed with us
    return Path(spec.origin).parent / "dist"


def _elsewhere(place: str) -> Response:
    response = Response(status=308)
    response.headers["Location"] = place
    return response


def _file(exchange: Exchange, folder: Path, name: str) -> Response:
    found = _found(folder, name)
    kind = _TYPES.get(Path(name).suffix)
    if found is None or kind is None:
        raise NoSuchRoute(f"There is no {exchange.method} {exchange.path}.")
    response = Response(Path(found).read_bytes(), content_type=kind)
    return _sealed(response, _EXCEPTIONS.get(f"{folder.name}/{name}", {}))


def _found(folder: Path, name: str) -> str | None:
    path = safe_join(str(folder), name)
    # Unlike that of a Path, this one takes names that no file can have.
    return path if path is not None and isfile(path) else None  # noqa: PTH113


def _html(template: str, **values: Any) -> Response:
    return _sealed(Response(_template(template).render(**values), content_type=_TYPES[".html"]))


@cache
def _template(name: str) -> Template:
    return Environment(loader=FileSystemLoader(_PAGES), autoescape=True).get_template(name)


def _sealed(response: Response, exceptions: Mapping[str, str] = MappingProxyType({})) -> Response:
    """With headers that let a page load and call nothing but this server, and nobody put it into a frame."""
    policy = "; ".join(f"{what} {whence}" for what, whence in {**_POLICY, **exceptions}.items())
    response.headers.update({**_HEADERS, "Content-Security-Policy": policy})
    return response
