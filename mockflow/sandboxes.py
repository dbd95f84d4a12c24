"""The set of sandboxes of one server."""

from __future__ import annotations

from mockflow.sandbox import Sandbox
from mockflow.settings import Settings

DEFAULT = "default"


class Sandboxes:
    """Holds `default`, which always exists."""

    def __init__(self, settings: Settings) -> None:
        """Opens `default`. Raises `SettingsInvalid`, `SeedInvalid`, `DataUnusable`."""
        self.settings = settings
        self.default = Sandbox(DEFAULT, settings)

    def close(self) -> None:
        """Close every sandbox."""
        self.default.close()
