"""Content encodings: a body as it was before the client packed it, and no more of it than there is room for."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import NamedTuple

from mockflow.errors import BodyNotUnderstood, BodyTooLarge, MalformedBody

_WINDOWS: Mapping[str, int] = {"gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS}
"""What zlib wants to hear for each encoding that is known."""


MOST_TIMES = 200
ROOM = 256 * 1024 * 1024
"""So many times as large as it was packed may a document be, or so many bytes; more only fills the memory."""


class Packed(NamedTuple):
    """A body of any size, still as it was sent: to unpack it takes its time."""

    content: bytes
    encodings: str

    def unpacked(self) -> bytes:
        """As it was before. Raises as the function does."""
        return unpacked(self.content, self.encodings, max(ROOM, MOST_TIMES * len(self.content)))


def unpacked(content: bytes, encodings: str, limit: int) -> bytes:
    """A body without its `Content-Encoding`, which may name one encoding, or `identity`.

    Never makes more than `limit` bytes. Raises `BodyNotUnderstood` for other encodings and for several,
    `BodyTooLarge` past the limit, and `MalformedBody` for what is not packed so, or goes on behind its end.
    """
    named = [
        name for name in (part.strip().lower() for part in encodings.split(",")) if name not in ("", "identity")
    ]
    if not named:
        return content
    if len(named) > 1 or named[0] not in _WINDOWS:
        known = ", ".join(_WINDOWS)
        raise BodyNotUnderstood(
            f"The content encoding {encodings[:60]!r} is not understood: send one of {known}, or none."
        )
    return _inflated(content, named[0], limit)


def _inflated(content: bytes, encoding: str, limit: int) -> bytes:
    unpacker = zlib.decompressobj(_WINDOWS[encoding])
    try:
        found = unpacker.decompress(content, limit + 1)
    except zlib.error as error:
        raise MalformedBody(f"The body is not valid {encoding}: {error}.") from None
    if len(found) > limit:
        raise BodyTooLarge(f"The body is larger than {limit // 1024} KiB once it is unpacked.")
    if not unpacker.eof or unpacker.unused_data:
        told = "goes on behind its end" if unpacker.eof else "breaks off"
        raise MalformedBody(f"The body is not valid {encoding}: it {told}.")
    return found
