"""The control API: how a developer drives a sandbox (`/_mockflow/…`)."""

from mockflow.http.control.routes import control_blueprint

__all__ = ["control_blueprint"]
