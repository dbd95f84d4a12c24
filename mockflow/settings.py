"""What a server was told at its start: one frozen value, made from flags and environment."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import NamedTuple

DAY_SECONDS = 24 * 60 * 60
DEFAULT_URL = "http://localhost:4747"
"""Where a server is that was told nothing."""


class Settings(NamedTuple):
    """The choices of one server. The defaults are those of a test: in memory, on the loopback address."""

    host: str = "127.0.0.1"
    port: int = 4747
    data: Path | None = None
    """The data file; None keeps everything in memory."""
    reset: bool = False
    """Start from the seeds even where a data file exists."""
    seeds: str = "demo"
    """The name of a shipped seed set, or the path of a file."""
    seed: int = 42
    locale: str = "en_US"
    clock: datetime | None = None
    """The moment at which the clock is frozen; None lets it run."""
    session_ttl: int = DAY_SECONDS
    """Seconds a session lives."""
    cors_origins: tuple[str, ...] = ()
    """Origins allowed beside the loopback ones."""
    allow_hosts: tuple[str, ...] = ()
    control_token: str | None = None
    ready_file: Path | None = None
    """Where the base URL is put while the server can be used."""
    proxy: bool = False
    """Believe what a proxy on this machine, or in a private network, says of its client."""
    tls: bool = False
    """Serve with a certificate of an authority that is made up at the start."""
    tls_ca: Path | None = None
    """Where that authority's certificate is put; None for a temporary file."""
    tls_cert: Path | None = None
    tls_key: Path | None = None
    """The key of `tls_cert`; None where the same file has it."""
    log_format: str = "text"
    faults: tuple[str, ...] = ()
    """Fault rules in force from the start, in the flat grammar."""
    latency_ms: float = 0.0
    """How late every answer of the API comes, in milliseconds of real time."""
    rate_limit: tuple[int, int] | None = None
    """So many requests in so many seconds, for each session or address."""
    watchdog: Path | None = None
    """Where it is noted which requests hold the event loop; for those who work on mockflow."""
