"""The wiring page: from settings to a service. Two services in one process share nothing."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from mockflow.http.api.groups import GROUPS
from mockflow.http.control import control_blueprint
from mockflow.http.flasks import PlainFlask
from mockflow.http.pages import pages_blueprint
from mockflow.http.scripts import scripts_blueprint
from mockflow.http.service import Service
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
    app = PlainFlask()
    for views in GROUPS:
        app.register_blueprint(views.blueprint)
    app.register_blueprint(control_blueprint())
    app.register_blueprint(pages_blueprint())
    app.register_blueprint(scripts_blueprint())
    sandboxes = Sandboxes(settings)
    keeper = sandboxes.default.store.keeper
    if keeper is not None and report is not None:
        keeper.report = report
        if keeper.storage.recovered:
            report(keeper.storage.recovered)
    service = Service(app, sandboxes, log, report)
    app.extensions["mockflow"] = service
    app.wsgi_app = service  # type: ignore[method-assign]
    return app


def service_of(app: Flask) -> Service:
    """What answers the requests of an app."""
    service: Service = app.extensions["mockflow"]
    return service


def sandboxes_of(app: Flask) -> Sandboxes:
    """The sandboxes behind an app."""
    return service_of(app).sandboxes
