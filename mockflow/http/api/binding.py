"""From the page of operations to routes: what a view takes, gives and may raise is said once, on the view."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from flask import Blueprint, Response

from mockflow.domain.world import World
from mockflow.errors import MockflowError, NotSignedIn
from mockflow.http.exchange import Exchange
from mockflow.http.later import Later
from mockflow.http.taking import Taking
from mockflow.operations import BY_NAME, Operation
from mockflow.store import Record

if TYPE_CHECKING:
    from pydantic import BaseModel

View = Callable[..., Response | Later]
Finder = Callable[..., Record]
"""Finds what the path names: `finder(world, user, **path_ids)`; raises `NotFound` and `NotYours`."""


class Call(NamedTuple):
    """One call of an operation: the world it acts on, and who calls."""

    world: World
    exchange: Exchange
    token: str | None
    caller: Record | None

    @property
    def user(self) -> Record:
        """Who calls an operation that needs a session."""
        if self.caller is None:
            raise NotSignedIn("Sign in first: there is no session, or it has expired.")
        return self.caller

    @property
    def base_url(self) -> str:
        """The address of this sandbox, as the client sees it."""
        request = self.exchange.request
        if not request.host:  # what the client sent is no host
            host, port = self.exchange.arrival.server
            return f"{request.scheme}://{host}:{port}{request.root_path}"
        return request.url_root.rstrip("/")


@dataclass(frozen=True)
class BoundOperation:
    """An operation and its view, with what the view declares. Order of checks: contract, section 1."""

    operation: Operation
    view: View
    finder: Finder | None
    raises: tuple[type[MockflowError], ...]
    given: Callable[[], dict[int, type[BaseModel]]]

    @cached_property
    def gives(self) -> dict[int, type[BaseModel]]:
        """The shape of its answer, by status."""
        return self.given()

    @cached_property
    def taking(self) -> Taking:
        """What it takes beyond its path."""
        return Taking(self.view)

    @property
    def takes(self) -> dict[str, type[BaseModel]]:
        """The shapes of its query and its body or form, where it has them."""
        return self.taking.shapes

    def respond(self, exchange: Exchange, **path_ids: str) -> Response | Later:
        """Carry the operation out in one transaction."""
        world = exchange.sandbox.world
        with world.store.transaction():
            call = Call(world, exchange, exchange.token, exchange.identified())
            arguments: list[Any] = [call]
            if self.operation.session:
                _ = call.user  # or an error
            if self.finder is not None:
                arguments.append(self.finder(world, call.user, **path_ids))
            return self.view(*arguments, **self.taking.parsed(exchange))


class Views:
    """The views of one group, on a blueprint of its name.

    A view takes a `Call`, then what its path names (where it has `finds`), then `query` and `body`, whose
    annotations are the shapes they are checked against, or a `form`, annotated with a `Form` of its shape.
    """

    def __init__(self, group: str) -> None:
        self.blueprint = Blueprint(group, __name__)
        self.bound: dict[str, BoundOperation] = {}

    def handles(
        self,
        name: str,
        *,
        gives: Callable[[], dict[int, type[BaseModel]]],
        finds: Finder | None = None,
        raises: tuple[type[MockflowError], ...] = (),
    ) -> Callable[[View], View]:
        """Make a function the view of an operation: what it answers with, by status, and which errors it raises
        beyond what its session, path, body and query bring along."""

        def register(view: View) -> View:
            bound = BoundOperation(BY_NAME[name], view, finds, raises, gives)
            self.bound[name] = bound
            self.blueprint.add_url_rule(
                bound.operation.path,
                endpoint=name,
                view_func=cast(Any, bound.respond),  # the service calls it, and takes what Flask would not
                methods=[bound.operation.method],
                provide_automatic_options=False,
            )
            return view

        return register
