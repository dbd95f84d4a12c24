"""Certificates for `serve`: one made up for the occasion, or one's own."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import ssl
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mockflow.errors import SettingsInvalid
from mockflow.settings import Settings

_FLIGHTS = 4
"""Turns of client and server that a handshake takes at most."""
_WRONG_DAYS = (9, 10)
"""OpenSSL's numbers for a certificate that is not valid yet, and for one that has expired."""
_PEM = b"-----BEGIN CERTIFICATE-----"
_LABEL = r"(?!-)[0-9A-Za-z-]{1,63}(?<!-)"
_DNS_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})*")


@contextmanager
def certificate(settings: Settings) -> Iterator[tuple[ssl.SSLContext | None, Path | None]]:
    """What a server speaks TLS with, and the file of the authority that a client has to trust for it.

    Both are None without TLS; one's own certificate has no such file. A file that was made for the occasion is
    removed at the end, unless it was asked for by name. Raises `SettingsInvalid`.
    """
    if settings.tls_cert is not None:
        yield _own(settings.tls_cert, settings.tls_key), None
    elif settings.tls:
        with _thrown_away(settings) as made:
            yield made
    else:
        yield None, None


def _own(cert: Path, key: Path | None) -> ssl.SSLContext:
    context = _context()
    try:
        context.load_cert_chain(cert, key, password=lambda: "")
    except ssl.SSLError as error:
        held = f"{cert} and {key}" if key is not None else str(cert)
        reason = error.reason or "they are not a PEM certificate and its unencrypted key"
        raise SettingsInvalid(f"{held} cannot be used as certificate and key: {reason}.") from None
    except OSError as error:
        raise SettingsInvalid(f"{error.filename or cert} cannot be read: {error.strerror or error}.") from None
    _check_days(context, cert)
    return context


def _check_days(context: ssl.SSLContext, cert: Path) -> None:
    """Raise `SettingsInvalid` for a certificate that is valid no more, or not yet: no client would take it.

    The library tells that of a handshake alone, so one is made here, from memory to memory, with a client that
    trusts this certificate whoever has signed it.
    """
    client_side = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client_side.check_hostname = False
    client_side.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    client_side.load_verify_locations(cert)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_side.wrap_bio(to_client, to_server)
    server = context.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(_FLIGHTS):
        for side in (client, server):
            try:
                side.do_handshake()
            except ssl.SSLCertVerificationError as error:
                if error.verify_code in _WRONG_DAYS:
                    raise SettingsInvalid(f"{cert} cannot be used: {error.verify_message}.") from None
                return
            except ssl.SSLError:
                continue  # it waits for the other side


@contextmanager
def _thrown_away(settings: Settings) -> Iterator[tuple[ssl.SSLContext, Path]]:
    try:
        import trustme  # late: it takes as long as the rest of a start, and is an extra
    except ImportError:
        raise SettingsInvalid("--tls needs the package trustme: pip install trustme.") from None
    authority = trustme.CA(organization_name="mockflow", organization_unit_name="thrown away after use")
    context = _context()
    try:
        authority.issue_cert(*_names(settings)).configure_cert(context)
    except ValueError as error:
        raise SettingsInvalid(f"No certificate can be made for such a --host or --allow-host: {error}.") from None
    with _kept(authority.cert_pem.bytes(), settings.tls_ca) as path:
        yield context, path


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])
    return context


def _names(settings: Settings) -> Iterable[str]:
    """What clients may call the server: on this machine, and in a network of containers."""
    names = [
        "localhost",
        "127.0.0.1",
        "::1",
        "mockflow",
        *_own_name(),
        settings.host,
        *settings.allow_hosts,
    ]
    return dict.fromkeys(name for name in names if name not in ("0.0.0.0", "::"))  # noqa: S104 - not bound to


def _own_name() -> list[str]:
    """This machine's name, unless it is one that no certificate can have; nobody asked for it."""
    name = socket.gethostname()
    return [name] if _DNS_NAME.fullmatch(name) else []


@contextmanager
def _kept(content: bytes, wanted: Path | None) -> Iterator[Path]:
    path = _temporary() if wanted is None else wanted
    try:
        if wanted is not None and wanted.is_file() and not wanted.read_bytes().startswith(_PEM):
            raise SettingsInvalid(f"{wanted} is there and is no certificate; it was left as it is.")
        path.write_bytes(content)
    except OSError as error:
        raise SettingsInvalid(f"{path} cannot be written: {error.strerror or error}.") from None
    try:
        yield path
    finally:
        if wanted is None:
            with contextlib.suppress(OSError):
                path.unlink()


def _temporary() -> Path:
    try:
        descriptor, name = tempfile.mkstemp(".pem", "mockflow-ca-")
    except OSError as error:
        raise SettingsInvalid(
            f"No temporary file can be made for the authority ({error.strerror or error}): name one with --tls-ca."
        ) from None
    os.close(descriptor)
    return Path(name)
