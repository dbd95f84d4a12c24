"""The wiring page: from settings to a Flask app. Two apps in one process share nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask

from mockflow.clock import Stopwatch
from mockflow.errors import MockflowError
from mockflow.http.api.groups import GROUPS
from mockflow.http.control import control_blueprint
from mockflow.http.exchange import CONTROL
from mockflow.http.failures import register_failures
from mockflow.http.journaling import record_unanswered
from mockflow.http.lean import LeanFlask
from mockflow.http.middleware import Surroundings
from mockflow.http.pages import pages_blueprint
from mockflow.http.parsing import BODY_LIMIT
from mockflow.http.sandboxing import sandbox_name, take_prefix
from mockflow.sandboxes import Sandboxes
from mockflow.settings import Settings


def create_app(
    settings: Settings,
    *,
    log: Callable[[str], None] | None = None,
    report: Callable[[str], None] | None = None,
) -> Flask:
    """A WSGI app with its own sandboxes, which `sandboxes_of(app).close()` closes.

    `log` gets one line for each request, `report` the text of failures that are ours; None keeps none.
    Raises `SettingsInvalid`, `SeedInvalid` and `DataUnusable`.
    """
    app = LeanFlask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = app.config["MAX_FORM_MEMORY_SIZE"] = BODY_LIMIT
    for views in GROUPS:
        app.register_blueprint(views.blueprint)
    app.register_blueprint(control_blueprint())
    app.register_blueprint(pages_blueprint())
    sandboxes = Sandboxes(settings)
    app.extensions["mockflow"] = sandboxes
    keeper = sandboxes.default.store.keeper
    if keeper is not None and report is not None:
        keeper.report = report
        if keeper.storage.recovered:
            report(keeper.storage.recovered)
    register_failures(app, report)
    app.wsgi_app = Surroundings(app, sandboxes, log)  # type: ignore[method-assign]
    return app


def tell_unanswered(app: Flask) -> Callable[[dict[str, Any], Stopwatch, int | None, str], None]:
    """A function that puts a request into its sandbox's journal which broke off before the app saw it."""

    def tell(environ: dict[str, Any], stopwatch: Stopwatch, status: int | None, error: str) -> None:
        take_prefix(environ)
        if environ["PATH_INFO"].startswith(CONTROL):
            return
        sandboxes = sandboxes_of(app)
        try:
            sandbox = sandboxes.named(sandbox_name(environ))
        except MockflowError:
            sandbox = sandboxes.default
        record_unanswered(sandbox, environ, stopwatch, status, error)

    return tell


def sandboxes_of(app: Flask) -> Sandboxes:
    """The sandboxes behind an app."""
    sandboxes: Sandboxes = app.extensions["mockflow"]
    return sandboxes
