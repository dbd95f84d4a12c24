"""From a bound operation to what its path says of it: parameters, body, responses."""

from __future__ import annotations

import inspect
import re
from typing import Any, cast

from pydantic import TypeAdapter

from mockflow.http.api.binding import BoundOperation
from mockflow.http.openapi import prose
from mockflow.http.openapi.responses import SharedResponses, responses_of
from mockflow.http.openapi.schemas import Schemas, properties_of
from mockflow.models.base import EMPTY, Query, RecordId, TagId
from mockflow.operations import Operation

_NAMES = re.compile(r"<(\w+)>")


def path_of(operation: Operation) -> str:
    """`/api/v2/todo/{task_id}`."""
    return _NAMES.sub(r"{\1}", operation.path)


def operation_object(bound: BoundOperation, schemas: Schemas, shared: SharedResponses) -> dict[str, Any]:
    """An operation as OpenAPI has it; what its responses share with others goes to `shared`."""
    operation = bound.operation
    made: dict[str, Any] = {
        "tags": [operation.group],
        "summary": operation.summary,
        "description": _description(bound),
        "operationId": operation.name,
    }
    if not operation.session:
        made["security"] = []
    parameters = [*_path_parameters(operation), *_query_parameters(bound)]
    if parameters:
        made["parameters"] = parameters
    body = _body(bound, schemas)
    if body:
        made["requestBody"] = body
    made["responses"] = responses_of(bound, schemas, shared)
    return made


def _description(bound: BoundOperation) -> str:
    parts = (inspect.getdoc(bound.view), prose.NOTES.get(bound.operation.name))
    return "\n\n".join(part for part in parts if part)


def _path_parameters(operation: Operation) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": prose.PATH_IDS[name],
            "schema": TypeAdapter(TagId if name == "tag_id" else RecordId).json_schema(),
        }
        for name in _NAMES.findall(operation.path)
    ]


def _query_parameters(bound: BoundOperation) -> list[dict[str, Any]]:
    if "query" not in bound.takes:
        return []
    query = cast("type[Query]", bound.takes["query"])
    properties, required = properties_of(query)
    return [_query_parameter(query, name, schema, name in required) for name, schema in properties.items()]


def _query_parameter(query: type[Query], name: str, schema: dict[str, Any], required: bool) -> dict[str, Any]:
    made = {"name": name, "in": "query", "required": required}
    if "description" in schema:
        made["description"] = schema["description"]
    if schema.get("type") == "array":  # one text with commas, unless it may be repeated
        made.update(style="form", explode=name in query.repeatable)
    if schema.get(EMPTY):  # said of the parameter, not of its value
        made[EMPTY] = True
    return {**made, "schema": {key: value for key, value in schema.items() if key not in ("description", EMPTY)}}


def _body(bound: BoundOperation, schemas: Schemas) -> dict[str, Any] | None:
    for part, kind in (("body", "application/json"), ("form", "multipart/form-data")):
        if part in bound.takes:
            reference = schemas.incoming(bound.takes[part])
            content: dict[str, Any] = {"schema": reference}
            if part == "form":
                content["encoding"] = prose.IMAGE_ENCODING
            content["example"] = schemas.example(reference)
            # No body counts as an empty one.
            return {"required": "required" in schemas.named(reference), "content": {kind: content}}
    return None
