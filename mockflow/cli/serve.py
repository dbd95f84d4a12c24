"""`mockflow serve`."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import re
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mockflow import __version__
from mockflow.cli.helping import examples
from mockflow.cli.logging import Log, write_line
from mockflow.cli.options import (
    DEFAULT_SESSION_TTL,
    FILE,
    Milliseconds,
    RuleType,
    Seconds,
    checked,
    data_option,
    option,
    origins,
    rate_limit,
    seed_options,
    token_option,
)
from mockflow.cli.words import Command, Word
from mockflow.errors import SettingsInvalid
from mockflow.origins import is_loopback
from mockflow.settings import Settings

if TYPE_CHECKING:
    from mockflow.sandbox import Sandbox

_READY_FILE = re.compile(rb"(https?://\S+\n)?")
_LONGEST_URL = 400

DEFAULT_DATA = Path("mockflow.json")
_WARM_UP_SECONDS = 0.1
_SWITCH_SECONDS = 0.0005
"""How soon the thread that flushes the data file gets its turn; Python's 5 ms would keep creates waiting."""


@click.command(
    cls=Command,
    epilog=examples(
        "mockflow serve",
        "mockflow serve --memory --seeds minimal --clock 2030-01-31T09:00:00Z",
        "mockflow serve --fault 'status=500; operation=createTask; times=2'",
    ),
)
@option("--host", default="127.0.0.1", help="The address to listen on.")
@option("--port", type=click.IntRange(0, 65535), default=4747, help="The port; 0 takes a free one and prints it.")
@data_option
@option("--memory", is_flag=True, help="Keep the data in memory instead of a file.")
@option("--reset", is_flag=True, help="Start from the seeds even if the data file exists.")
@seed_options
@option(
    "--session-ttl",
    type=Seconds(1, whole=True),
    default=DEFAULT_SESSION_TTL,
    metavar="SECONDS",
    help="How long a session lives: seconds, or 90s, 5m, 24h, 1d.",
)
@option(
    "--cors-origin",
    "cors_origins",
    callback=origins,
    multiple=True,
    help="An origin whose pages may call the API, beside loopback origins.  [repeatable]",
    show_default=False,
)
@option(
    "--allow-host",
    "allow_hosts",
    multiple=True,
    metavar="NAME",
    help="A host name under which the control API may be called.  [repeatable]",
    show_default=False,
)
@token_option
@option("--open-control", is_flag=True, help="Serve the control API without a token beyond this machine.")
@option(
    "--fault",
    "faults",
    multiple=True,
    type=RuleType(),
    show_default=False,
    help="A fault rule, e.g. 'status=500; operation=createTask; times=2', or just 401.  [repeatable]",
)
@option(
    "--latency",
    "latency_ms",
    type=Milliseconds(0, 600_000),
    default=0.0,
    metavar="MS",
    help="How late every answer comes: milliseconds, or 2s.",
)
@option(
    "--rate-limit",
    callback=rate_limit,
    metavar="N/SECONDS",
    help="How many requests a session may send, e.g. 60/1m; past that it gets 429.",
    show_default=False,
)
@option("--proxy", is_flag=True, help="Believe the X-Forwarded-… headers of a proxy on this machine or network.")
@option("--tls", is_flag=True, help="Serve https, with a certificate made up at the start (needs trustme).")
@option("--tls-ca", type=FILE, metavar="FILE", help="Where --tls puts the certificate that clients have to trust.")
@option(
    "--tls-cert", type=FILE, metavar="FILE", help="Serve https with this certificate (PEM), its chain included."
)
@option("--tls-key", type=FILE, metavar="FILE", help="The key of --tls-cert, if that file has none.")
@option(
    "--ready-file", type=FILE, metavar="FILE", help="A file that holds the base URL while the server is ready."
)
@option(
    "--log-format",
    type=Word.of("text", "json"),
    default="text",
    metavar="text|json",
    help="The form of the log, one line for each request.",
)
@option("--watchdog", type=FILE, hidden=True, help="Note what holds the event loop; see CONTRIBUTING.md.")
def serve(host: str, data: Path | None, memory: bool, open_control: bool, **rest: Any) -> None:
    """Run the server until SIGINT or SIGTERM.

    Data is kept in ./mockflow.json unless --data or --memory says otherwise. A data file that exists is used as it
    is; only --reset overwrites it with the seeds.
    """
    _refuse_contradictions(host, data, memory, open_control, rest)
    kept = None if memory else data or DEFAULT_DATA
    _serve(checked(Settings(host=host, data=kept, **rest)))


def _refuse_contradictions(
    host: str, data: Path | None, memory: bool, open_control: bool, rest: Mapping[str, Any]
) -> None:
    if rest["tls"] and rest["tls_cert"]:
        raise click.UsageError("Give one of --tls and --tls-cert, not both.")
    for name, needed in (("tls_ca", "tls"), ("tls_key", "tls_cert")):
        if rest[name] and not rest[needed]:
            raise click.UsageError(f"--{name.replace('_', '-')} needs --{needed.replace('_', '-')}.")
    token = rest["control_token"]
    if token == "":
        raise click.UsageError("The token of --control-token must not be empty.")
    if token is not None and not re.fullmatch(r"[!-~]([ -~]*[!-~])?", token):
        raise click.UsageError("The token of --control-token is for a header: printable ASCII, no spaces around.")
    if memory and data is not None:
        raise click.UsageError("Give one of --data and --memory, not both.")
    if not (is_loopback(host) or rest["control_token"] or open_control):
        raise click.UsageError(
            f"On {host} others could drive the control API: give --control-token TOKEN, or --open-control."
        )


def _serve(settings: Settings) -> None:
    sys.setswitchinterval(_SWITCH_SECONDS)
    gc.disable()  # what a start makes stays: looking for garbage in it costs a fifth of the time
    from mockflow.app import create_app, service_of  # late: `--help` needs none of this
    from mockflow.serving import listening, tls
    from mockflow.serving.run import run, stop_signals

    for number in stop_signals():
        signal.signal(number, lambda *_: sys.exit(0))  # until the server has handlers of its own
    with ExitStack() as held:
        sockets = listening.listen(settings.host, settings.port)  # before the data file is touched
        for bound in sockets:
            held.enter_context(closing(bound))
        context, authority = held.enter_context(tls.certificate(settings))
        log = held.enter_context(closing(Log(sys.stderr)))
        service = service_of(create_app(settings, log=log, report=_reporting(settings, log)))
        sandboxes = held.enter_context(closing(service.sandboxes))
        url = listening.url_of(sockets, "http" if context is None else "https")
        if settings.log_format == "text":
            write_line(_banner(url, authority, sandboxes.default, settings), sys.stdout)
        announce = held.enter_context(_announced(url, settings))
        run(service, sockets, announce, context)


def _reporting(settings: Settings, log: Callable[[str], None]) -> Callable[[str], None]:
    """How to tell what went wrong: as text, or as one line of JSON."""
    if settings.log_format == "text":
        return log
    return lambda text: log(json.dumps({"event": "report", "message": text}))


@contextmanager
def _announced(url: str, settings: Settings) -> Iterator[Callable[[], None]]:
    """What is to be called when the server can be used: it tells those who wait for that."""
    place = settings.ready_file
    if place is not None:
        _check_ready_file(place, settings)
        _write(place, "")  # so that what cannot be written is told now, and nobody is led to a server of before

    def ready() -> None:
        asyncio.get_running_loop().call_later(_WARM_UP_SECONDS, warm_up)
        if place is not None:
            _write(place, f"{url}\n")
        _say_ready(url, settings)

    try:
        yield ready
    finally:
        if place is not None:
            with contextlib.suppress(OSError):
                place.unlink()


def _check_ready_file(place: Path, settings: Settings) -> None:
    """Raise `SettingsInvalid` for a file that is something else: it would be lost."""
    is_data = settings.data is not None and settings.data.resolve() == place.resolve()
    if is_data or (place.is_file() and not _READY_FILE.fullmatch(_beginning(place))):
        raise SettingsInvalid(f"{place} is something else than a ready file; it was left as it is.")


def _beginning(place: Path) -> bytes:
    try:
        with place.open("rb") as file:
            return file.read(_LONGEST_URL)
    except OSError as error:
        raise SettingsInvalid(f"{place} cannot be read: {error.strerror or error}.") from None


def _write(place: Path, content: str) -> None:
    try:
        place.write_text(content, encoding="utf-8")
    except OSError as error:
        raise SettingsInvalid(f"{place} cannot be written: {error.strerror or error}.") from None


def warm_up() -> None:
    """Import what the first requests with a body will need, or the first to the control API, so that they need not
    wait for it."""
    for name in ("accounts", "users", "tasks", "projects", "tags", "control"):
        import_module(f"mockflow.models.{name}")
    for name in ("state", "faults", "journal", "sandboxes"):
        import_module(f"mockflow.http.control.{name}")


def _say_ready(url: str, settings: Settings) -> None:
    """The one machine-readable line."""
    if settings.log_format == "json":
        ready = {"event": "ready", "url": url, "version": __version__}
        write_line(json.dumps(ready, separators=(",", ":")), sys.stdout)
    else:
        write_line(f"MOCKFLOW READY {url}", sys.stdout)


def _banner(url: str, authority: Path | None, sandbox: Sandbox, settings: Settings) -> str:
    meta = sandbox.meta
    lines = [
        f"mockflow {__version__}, a mock of the Flowtask API",
        f"  API       {url}/api",
        f"  Console   {url}/_mockflow/ui/",
        f"  Handbook  {url}/_mockflow/guide/",
        f"  Demo      {url}/_mockflow/demo/",
        *_account_line(meta["personas"]),
        f"  Seeds     {meta['seeds']} (seed {meta['seed']})",
        f"  Data      {sandbox.data}",
    ]
    if (meta["seeds"], meta["seed"]) != (settings.seeds, settings.seed):
        lines.append(
            f"            kept from before; --reset would start from {settings.seeds} (seed {settings.seed})"
        )
    if authority is not None:
        lines.append(f"  TLS       clients have to trust {authority} (curl --cacert)")
    lines += [f"  Fault     {text}" for text in settings.faults]
    if settings.latency_ms:
        lines.append(f"  Latency   {settings.latency_ms:g} ms")
    if settings.rate_limit is not None:
        lines.append("  Quota     {} requests in {} seconds".format(*settings.rate_limit))
    if settings.clock is not None:
        lines.append(f"  Clock     frozen at {settings.clock.isoformat()}")
    return "\n".join(lines)


def _account_line(personas: list[dict[str, Any]]) -> list[str]:
    first = next((persona for persona in personas if persona["password"]), None)
    return [f"  Account   {first['email']} / {first['password']}"] if first else []
