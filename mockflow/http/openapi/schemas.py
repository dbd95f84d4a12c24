"""From shapes to JSON Schema: components for bodies and answers, plain schemas for parameters."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue, models_json_schema

from mockflow.http.api.binding import BoundOperation
from mockflow.http.openapi import prose
from mockflow.models.base import ERRORS, Error, FormBody

Schema = dict[str, Any]
_PREFIX = "#/components/schemas/"


class _Plain(GenerateJsonSchema):
    """Without titles that only repeat names, and without defaults that stand for "left out"."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - pydantic's signature
        return False

    def default_schema(self, schema: Any) -> JsonSchemaValue:
        made = super().default_schema(schema)
        if made.get("default") in (None, []):
            made.pop("default", None)
        return made

    def sort(self, value: JsonSchemaValue, parent_key: str | None = None) -> JsonSchemaValue:  # noqa: ARG002
        """As it was declared, examples included."""
        return value


class Schemas:
    """All components, and what an operation refers to of them."""

    def __init__(self, bound: Iterable[BoundOperation]) -> None:
        shapes = dict.fromkeys(shape for one in bound for shape in _shapes_of(one))
        shapes.update(
            dict.fromkeys([(Error, "serialization"), *((kind, "serialization") for kind in ERRORS.values())])
        )
        self._references, made = models_json_schema(
            list(shapes), schema_generator=_Plain, ref_template=f"{_PREFIX}{{model}}"
        )
        self.components: dict[str, Schema] = {}
        for name, schema in sorted(made["$defs"].items()):
            self.components[name] = {key: value for key, value in schema.items() if key != "title"}
        for shape, _ in shapes:
            if issubclass(shape, FormBody):
                self.named(self.incoming(shape))["properties"][shape.file] = prose.IMAGE

    def incoming(self, shape: type[BaseModel]) -> Schema:
        """The reference to a body's shape."""
        return self._references[shape, "validation"]

    def outgoing(self, shape: type[BaseModel]) -> Schema:
        """The reference to an answer's shape."""
        return self._references[shape, "serialization"]

    def named(self, reference: Schema) -> Schema:
        """What a reference refers to."""
        return self.components[reference["$ref"].removeprefix(_PREFIX)]

    def example(self, schema: Schema) -> Any:
        """An example of a schema: its own, or one put together from its parts'."""
        if "$ref" in schema:
            return self.example(self.named(schema))
        if "examples" in schema:
            return schema["examples"][0]
        if "anyOf" in schema:
            return self.example(schema["anyOf"][0])
        if schema["type"] == "object":
            return {name: self.example(part) for name, part in schema["properties"].items()}
        if schema["type"] == "array":
            return [self.example(schema["items"])]
        return schema.get("const", prose.ANY_TEXT)


def _shapes_of(bound: BoundOperation) -> Iterable[tuple[type[BaseModel], JsonSchemaMode]]:
    yield from ((shape, "validation") for part, shape in bound.takes.items() if part != "query")
    yield from ((shape, "serialization") for shape in bound.gives.values())


def properties_of(query: type[BaseModel]) -> tuple[dict[str, Schema], frozenset[str]]:
    """The schemas of a query's parameters, and the names of those that it needs."""
    schema = query.model_json_schema(schema_generator=_Plain)
    return schema["properties"], frozenset(schema.get("required", ()))
