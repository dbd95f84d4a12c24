"""How a call of the control API reaches its view, with a query and a body that its annotations have checked."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from importlib import import_module

from flask import Response

from mockflow import models
from mockflow.http import parsing
from mockflow.http.exchange import Exchange
from mockflow.http.later import Later
from mockflow.http.taking import Taking

View = Callable[..., Response | Later]
"""Takes the exchange, what its path names, then `query` and `body` where it has them."""


class Route:
    """One call of the control API.

    Its view is named by room and function, `state.info` being in `http/control/state.py`, and imported when it is
    first called: a start needs none of them.
    """

    def __init__(self, path: str, method: str, view: str | View) -> None:
        self.path = path
        self.method = method
        self._named = view

    @cached_property
    def view(self) -> View:
        """The function that answers."""
        if not isinstance(self._named, str):
            return self._named
        room, _, name = self._named.partition(".")
        view: View = getattr(import_module(f"mockflow.http.control.{room}"), name)
        return view

    @cached_property
    def _taking(self) -> Taking:
        return Taking(self.view)

    def respond(self, exchange: Exchange, **path_ids: str) -> Response | Later:
        """Answer it. A parameter or a body that the view does not take is refused: `DELETE outbox?to=…` would
        delete everybody's messages."""
        shapes = self._taking.shapes
        if "query" not in shapes and exchange.arrival.query:
            parsing.query(exchange, models.control.ControlQuery)
        if "body" not in shapes and self.method != "GET":
            parsing.json_body(exchange, models.control.NoBody)
        return self.view(exchange, **path_ids, **self._taking.parsed(exchange))
