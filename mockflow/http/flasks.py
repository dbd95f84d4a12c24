"""The Flask app that holds routes and views. Overridden is only what Flask and Werkzeug document for that."""

from __future__ import annotations

from io import BytesIO
from typing import IO

from flask import Flask, Request
from werkzeug.routing import MapAdapter

from mockflow.http.arrival import as_text
from mockflow.http.parsing import BODY_LIMIT

_NOWHERE = "/\0"
"""What no route begins with."""


class PlainRequest(Request):
    """A request whose uploads stay in memory: their size is limited, and the file system may be read-only."""

    def _get_file_stream(self, *_args: object, **_kwargs: object) -> IO[bytes]:
        return BytesIO()


class PlainFlask(Flask):
    """A Flask app with one host and one map of routes; its `Service` calls the views."""

    request_class = PlainRequest

    def __init__(self) -> None:
        super().__init__("mockflow", static_folder=None, template_folder="pages")
        self.config["MAX_CONTENT_LENGTH"] = self.config["MAX_FORM_MEMORY_SIZE"] = BODY_LIMIT
        self.url_map.strict_slashes = False
        self.url_map.merge_slashes = False

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Routes by the path as it was sent, whatever the `Host`; Werkzeug would take `//api` for `/api`."""
        if request is None:
            return None
        environ = request.environ
        return MapAdapter(
            self.url_map,
            "localhost",
            environ["SCRIPT_NAME"] or "/",
            "",
            environ["wsgi.url_scheme"],
            _as_sent(as_text(environ["PATH_INFO"])),
            environ["REQUEST_METHOD"],
            environ["QUERY_STRING"],
        )


def _as_sent(path: str) -> str:
    """A path whose slashes all count: Werkzeug would drop all but one at the beginning."""
    return f"{_NOWHERE}{path}" if path.startswith("//") else path
