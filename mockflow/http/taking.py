"""What a view takes of a request beyond its path: its parameters' annotations say it and check it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast, get_args, get_origin, get_type_hints

from mockflow.http import parsing

if TYPE_CHECKING:
    from pydantic import BaseModel

    from mockflow.models.base import FormBody

_PARTS = frozenset({"query", "body", "form"})


class Taking:
    """The parameters `query`, `body` and `form` of one view.

    A `body` is a shape; `dict` or `list` for JSON that is checked further in; or `bytes` for JSON of any size. A
    `form` is a `parsing.Form` of its shape.
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

    def parsed(self) -> dict[str, Any]:
        """What the current request has for them. Raises `InvalidInput` and `BodyTooLarge`."""
        parsed: dict[str, Any] = {}
        shapes = self.shapes
        if "query" in shapes:
            parsed["query"] = parsing.query(shapes["query"])
        if "body" in shapes:
            parsed["body"] = _body(shapes["body"])
        if "form" in shapes:
            form = cast("type[FormBody]", shapes["form"])
            parsed["form"] = parsing.multipart(form, form.file)
        return parsed


def _body(shape: type[Any]) -> Any:
    shape = get_origin(shape) or shape
    if shape is dict:
        return parsing.json_content("a JSON object", (dict,)) or {}
    if shape is list:
        return parsing.json_array()
    if shape is bytes:
        return parsing.raw_json(limit=parsing.BODY_LIMIT)
    return parsing.json_body(shape)
