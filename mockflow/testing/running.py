"""Where a sandbox comes from without the pytest plugin: the server that MOCKFLOW_URL names, or one of its own."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from mockflow.client import ControlClient
from mockflow.errors import SettingsInvalid
from mockflow.process import running_server
from mockflow.testing.handle import Mockflow


@contextmanager
def sandbox(**settings: Any) -> Iterator[Mockflow]:
    """A sandbox for a while, of the server that `server` gives: `with sandbox() as mockflow:`."""
    with server(**settings) as running, running.sandbox() as one:
        yield one


@contextmanager
def server(**settings: Any) -> Iterator[Mockflow]:
    """A server for a while: its `default` sandbox, whose `.sandbox()` gives one for each test.

    It is the one that MOCKFLOW_URL names (as under `mockflow exec`), else one of its own on a free port, its data
    in memory. `settings` are then the options of `mockflow serve`, with `_` for `-`; a list gives an option
    several times: `server(seeds="minimal", fault=["401"], rate_limit="60/60")`. Raises `SettingsInvalid` for
    those that cannot be.
    """
    running = os.environ.get("MOCKFLOW_URL")
    token = settings.get("control_token") or os.environ.get("MOCKFLOW_CONTROL_TOKEN")
    if not running:
        with _started(settings) as url:
            yield Mockflow(ControlClient(url, token=token))
        return
    late = own_settings(settings)
    if late:
        raise SettingsInvalid(
            f"The settings {', '.join(late)} come too late: the server that MOCKFLOW_URL names runs already. "
            "Unset MOCKFLOW_URL, or start that server with these options."
        )
    control = ControlClient(running, token=token)
    control.ready()
    yield Mockflow(control)


@contextmanager
def _started(settings: Mapping[str, Any]) -> Iterator[str]:
    """A server's base URL; what it says of an option is told by the setting's name."""
    with ExitStack() as running:
        try:
            url = running.enter_context(running_server(options(settings)))
        except SettingsInvalid as error:
            raise SettingsInvalid(re.sub(r"--[a-z][a-z-]*", _as_setting, error.message)) from None
        yield url


def _as_setting(option: re.Match[str]) -> str:
    return option[0].removeprefix("--").replace("-", "_")


def own_settings(settings: Mapping[str, Any]) -> list[str]:
    """The names of settings that only a server of its own can have."""
    return sorted(set(settings) - {"control_token"})


def options(settings: Mapping[str, Any]) -> list[str]:
    """The words of a command line that settings stand for."""
    words = []
    for name, value in settings.items():
        flag = f"--{name.replace('_', '-')}"
        for one in value if isinstance(value, list | tuple) else [value]:
            if isinstance(one, bool):
                words += [flag] if one else []
            elif one is not None:
                words += [flag, str(one)]
    return words
