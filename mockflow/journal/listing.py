"""The journal as the control API shows it, in pieces, so that nobody has to wait for all of a full one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import orjson

from mockflow.journal.entry import Entry


def listing(entries: Iterable[Entry], evicted: int) -> Iterator[bytes]:
    """`{"requests": [...], "evicted": n}` as JSON: a piece for each request, which takes under a millisecond."""
    between = b'{"requests":['
    for entry in entries:
        yield between + orjson.dumps(entry.described())
        between = b","
    yield (b"" if between == b"," else between) + b'],"evicted":%d}' % evicted
