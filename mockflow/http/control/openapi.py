"""The control API's route for the OpenAPI document (`docs/openapi.md`)."""

from __future__ import annotations

from flask import Response

from mockflow.http.answers import answer
from mockflow.http.exchange import Exchange
from mockflow.sandboxes import DEFAULT


def show_openapi(exchange: Exchange) -> Response:
    """The document, with the address under which this sandbox is called."""
    from mockflow.http import openapi  # late: no other request needs it, nor all the shapes

    return answer(200, openapi.document_at(_base_url(exchange)))


def _base_url(exchange: Exchange) -> str:
    """Also for a sandbox that was chosen by header: who reads the document need not send it."""
    url, name = exchange.address, exchange.sandbox.name
    inside = exchange.prefix == f"/s/{name}"
    return url if inside or name == DEFAULT else f"{url}/s/{name}"
