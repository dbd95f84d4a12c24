"""The API as an OpenAPI 3.1 document, made from what the views and their shapes declare."""

from __future__ import annotations

from functools import cache
from typing import Any

import orjson

from mockflow import __version__
from mockflow.http.api.groups import GROUPS
from mockflow.http.auth import COOKIE
from mockflow.http.openapi import prose
from mockflow.http.openapi.operations import operation_object, path_of
from mockflow.http.openapi.responses import HEADERS, SharedResponses
from mockflow.http.openapi.schemas import Schemas


@cache
def document() -> dict[str, Any]:
    """The document as it is printed and kept in `docs/openapi.json`. It is made once and never changed."""
    bound = [found for views in GROUPS for found in views.bound.values()]
    schemas, shared = Schemas(bound), SharedResponses()
    paths: dict[str, dict[str, Any]] = {}
    for one in bound:
        path = paths.setdefault(path_of(one.operation), {})
        path[one.operation.method.lower()] = operation_object(one, schemas, shared)
    return {
        "openapi": "3.1.0",
        "info": {**prose.INFO, "version": __version__},
        "servers": [prose.SERVER],
        "tags": [
            {"name": views.blueprint.name, "description": prose.GROUPS[views.blueprint.name]} for views in GROUPS
        ],
        "security": [{"session": []}],
        "paths": paths,
        "components": {
            "schemas": schemas.components,
            "responses": shared.components(schemas),
            "headers": HEADERS,
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": prose.SESSION}
            },
        },
    }


def document_at(url: str) -> dict[str, Any]:
    """The document of a server, or of one of its sandboxes, that is called under `url`."""
    return {**document(), "servers": [{**prose.SERVER, "url": url}]}


def text() -> str:
    """The document as JSON to read, ending with a line feed."""
    return orjson.dumps(document(), option=orjson.OPT_INDENT_2).decode() + "\n"
