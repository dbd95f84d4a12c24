"""The Flask app that holds routes and views. The service asks it for a route, and calls the view itself."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from flask import Flask
from werkzeug.routing import MapAdapter, Rule

_Match = tuple[Rule, dict[str, Any]]

_MOST_KNOWN = 1024
_LONGEST_KNOWN = 200
_NOWHERE = "/\0"
"""What no route begins with."""


class _Route(Rule):
    """A route whose builder of addresses (`url_for`) is compiled when it is used, which is a third of what a start
    with all routes costs; mockflow itself never asks for one.

    A Werkzeug that names it otherwise compiles it at the start, and nothing else changes.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compiled = super()._compile_builder

        def build(self: Rule, **values: Any) -> tuple[str, str]:
            return compiled(append_unknown)(self, **values)

        return build


class PlainFlask(Flask):
    """A Flask app with one host and one map of routes.

    Used of Flask is what it documents: its map of routes, its view functions by endpoint, and its requests and
    responses. Its contexts are not: a view is given what it needs.
    """

    url_rule_class = _Route

    def __init__(self) -> None:
        super().__init__("mockflow", static_folder=None)
        self.url_map.strict_slashes = False
        self.url_map.merge_slashes = False
        self._known_match = lru_cache(_MOST_KNOWN)(self._match)

    def route_of(self, method: str, path: str) -> _Match:
        """The route of a path and what it names. Raises Werkzeug's `HTTPException` where there is none."""
        return (self._known_match if len(path) <= _LONGEST_KNOWN else self._match)(method, path)

    def _match(self, method: str, path: str) -> _Match:
        """The route of a path as it was sent, whose slashes all count: Werkzeug would take `//api` for `/api`."""
        path = f"{_NOWHERE}{path}" if path.startswith("//") else path
        adapter = MapAdapter(self.url_map, "localhost", "/", "", "http", path, method)
        rule, arguments = adapter.match(return_rule=True)
        return rule, dict(arguments)
