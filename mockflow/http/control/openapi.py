"""The control API's route for the OpenAPI document (`docs/openapi.md`)."""

from __future__ import annotations

from functools import partial

import orjson

from mockflow.http.answers import answer_with
from mockflow.http.exchange import Exchange
from mockflow.http.later import Later
from mockflow.sandboxes import DEFAULT


def show_openapi(exchange: Exchange) -> Later:
    """The document, with the address under which this sandbox is called."""
    url = _base_url(exchange)

    def made() -> bytes:
        from mockflow.http import openapi  # late: no other request needs it, nor all the shapes

        return orjson.dumps(openapi.document_at(url))

    return Later(partial(answer_with, 200), work=made)


def _base_url(exchange: Exchange) -> str:
    """Also for a sandbox that was chosen by header: who reads the document need not send it."""
    url, name = exchange.address, exchange.sandbox.name
    inside = exchange.prefix == f"/s/{name}"
    return url if inside or name == DEFAULT else f"{url}/s/{name}"
