"""The control API's route for the OpenAPI document (`docs/openapi.md`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, request

from mockflow.http.answers import answer
from mockflow.http.exchange import address, sandbox
from mockflow.late import Late
from mockflow.sandboxes import DEFAULT

if TYPE_CHECKING:
    from mockflow.http import openapi
else:
    openapi = Late("mockflow.http.openapi")


def show_openapi() -> Response:
    """The document, with the address under which this sandbox is called."""
    return answer(200, openapi.document_at(_base_url()))


def _base_url() -> str:
    """Also for a sandbox that was chosen by header: who reads the document need not send it."""
    url, name = address(), sandbox().name
    inside = request.root_path.endswith(f"/s/{name}")
    return url if inside or name == DEFAULT else f"{url}/s/{name}"


ROUTES = (("/openapi.json", "GET", show_openapi),)
