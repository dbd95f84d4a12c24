"""What a view takes of a request beyond its path: its parameters' annotations say it and check it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from types import UnionType
from typing import TYPE_CHECKING, Any, cast, get_args, get_origin, get_type_hints

from mockflow.errors import MalformedBody
from mockflow.http import parsing
from mockflow.http.encoding import Packed
from mockflow.http.exchange import Exchange

if TYPE_CHECKING:
    from pydantic import BaseModel

    from mockflow.models.base import FormBody

_PARTS = frozenset({"query", "body", "form"})


class Taking:
    """The parameters `query`, `body` and `form` of one view.

    A `body` is a shape; `dict`, `list` or `dict | str` for JSON that is checked further in; or `Packed` for JSON
    of any size. A `form` is a `parsing.Form` of its shape.
    """

    def __init__(self, view: Callable[..., Any]) -> None:
        self._view = view

    @cached_property
    def shapes(self) -> dict[str, type[BaseModel]]:
        """By parameter. Looked up with the first call of the view, as pydantic is slow to start."""
        if not _PARTS & set(self._view.__annotations__):
            return {}
        hints = get_type_hints(self._view)
        if "form" in hints:  # a `Form` of the shape
            (hints["form"],) = get_args(hints["form"])
        return {part: hints[part] for part in _PARTS if part in hints}

    def parsed(self, exchange: Exchange) -> dict[str, Any]:
        """What a request has for them. Raises `InvalidInput` and `BodyTooLarge`."""
        parsed: dict[str, Any] = {}
        shapes = self.shapes
        if "query" in shapes:
            parsed["query"] = parsing.query(exchange, shapes["query"])
        if "body" in shapes:
            parsed["body"] = _body(exchange, shapes["body"])
        if "form" in shapes:
            form = cast("type[FormBody]", shapes["form"])
            parsed["form"] = parsing.multipart(exchange, form, form.file)
        return parsed


def _body(exchange: Exchange, shape: type[Any]) -> Any:
    shape = get_origin(shape) or shape
    if shape is dict:
        return parsing.json_content(exchange, "a JSON object", (dict,)) or {}
    if shape is list:
        return _present(parsing.json_content(exchange, "a JSON array", (list,)), "array")
    if shape is UnionType:  # of an object and a text
        return _present(parsing.json_content(exchange, "a JSON object or a text", (dict, str)), "object or text")
    if shape is Packed:
        return _present(parsing.packed_json(exchange), "value")
    return parsing.json_body(exchange, shape)


def _present(content: Any, what: str) -> Any:
    if content is None:
        raise MalformedBody(f"Expected a JSON {what} as the body, got none.")
    return content
