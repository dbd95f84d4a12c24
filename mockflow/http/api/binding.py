"""From the page of operations to routes: what a view takes, gives and may raise is said once, on the view."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast, get_args, get_type_hints

from flask import Blueprint, Response, request

from mockflow.domain.world import World
from mockflow.errors import MockflowError, NotSignedIn
from mockflow.http import parsing
from mockflow.http.exchange import current
from mockflow.operations import BY_NAME, Operation
from mockflow.store import Record

if TYPE_CHECKING:
    from pydantic import BaseModel

    from mockflow.models.base import FormBody

_PARSED = frozenset({"query", "body", "form"})

View = Callable[..., Response]
Finder = Callable[..., Record]
"""Finds what the path names: `finder(world, user, **path_ids)`; raises `NotFound` and `NotYours`."""


@dataclass(frozen=True)
class Call:
    """One call of an operation: the world it acts on, who calls, and under which address."""

    world: World
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
        if not request.host:  # what the client sent is no host
            server = request.environ
            return f"{request.scheme}://{server['SERVER_NAME']}:{server['SERVER_PORT']}{request.root_path}"
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
    def takes(self) -> dict[str, type[BaseModel]]:
        """The shapes of its query and its body or form, where it has them. Looked up with its first call, as
        pydantic is slow to start."""
        if not _PARSED & set(self.view.__annotations__):
            return {}
        hints = get_type_hints(self.view)
        if "form" in hints:  # a `Form` of the shape
            (hints["form"],) = get_args(hints["form"])
        return {part: hints[part] for part in _PARSED if part in hints}

    def respond(self, **path_ids: str) -> Response:
        """Carry the operation out in one transaction."""
        exchange = current()
        world = exchange.sandbox.world
        with world.store.transaction():
            call = Call(world, exchange.token, exchange.identified())
            arguments: list[Any] = [call]
            if self.operation.session:
                _ = call.user  # or an error
            if self.finder is not None:
                arguments.append(self.finder(world, call.user, **path_ids))
            return self.view(*arguments, **self._parsed())

    def _parsed(self) -> dict[str, Any]:
        parsed: dict[str, Any] = {}
        if "query" in self.takes:
            parsed["query"] = parsing.query(self.takes["query"])
        if "body" in self.takes:
            parsed["body"] = parsing.json_body(self.takes["body"])
        if "form" in self.takes:
            form = cast("type[FormBody]", self.takes["form"])
            parsed["form"] = parsing.multipart(form, form.file)
        return parsed


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
                view_func=bound.respond,
                methods=[bound.operation.method],
                provide_automatic_options=False,
            )
            return view

        return register
