"""The handle for JavaScript tests, `client.js`, and its types: files that pages and tools elsewhere may import."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Blueprint, Response

from mockflow.http.exchange import CONTROL, Exchange

FOLDER = Path(__file__).parent.parent / "pages"
FILES = {
    "client.js": "text/javascript; charset=utf-8",
    "client.d.ts": "application/typescript; charset=utf-8",
}
"""What there is, each with its type."""


def scripts_blueprint() -> Blueprint:
    """`/_mockflow/client.js` and `/_mockflow/client.d.ts`."""
    scripts = Blueprint("scripts", __name__)
    for name in FILES:
        view: Any = _view(name)  # the service calls it, and takes what Flask would not
        scripts.add_url_rule(
            f"{CONTROL}/{name}",
            name.replace(".", "_"),
            view,
            methods=["GET"],
            provide_automatic_options=False,
        )
    return scripts


def is_script(exchange: Exchange) -> bool:
    """Whether a request is for one of them: the same for everybody, and of use to pages of other origins."""
    return exchange.endpoint is not None and exchange.endpoint.startswith("scripts.")


def _view(name: str) -> Callable[[Exchange], Response]:
    def script(exchange: Exchange) -> Response:
        """The file; kept by whoever asks again each time whether it has changed."""
        response = Response((FOLDER / name).read_bytes(), content_type=FILES[name])
        response.headers["Cache-Control"] = "no-cache"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["X-TypeScript-Types"] = "./client.d.ts"  # Deno looks for it
        response.add_etag()
        response.make_conditional(exchange.request)
        del response.headers["Date"]  # the service has one, of the sandbox's clock
        if response.status_code == 304:
            response.set_data(b"")
            del response.headers["Content-Length"]
        return response

    return script
