"""What is noted of each call, and the page made of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from clients import Client, Outcome

LATE = 0.29
"""Seconds from which a success is called late; without a fault each takes a small part of that."""

ONCE = "the task exists once"
TWICE = "**the task exists twice**"

_KINDS = (
    (r"exit 28\b|[Tt]ime-?d? ?out|TimeoutError|ETIMEDOUT", "time-out"),
    (r"JSON|SyntaxError", "parse error"),
    (
        r"exit 18\b|IncompleteRead|without sending complete|CONTENT_LENGTH_MISMATCH|INCOMPLETE|terminated",
        "cut short",
    ),
    (r"stream has been aborted|\baborted$", "cut short"),
    (r"exit 52\b|RemoteDisconnected|Server disconnected|hang up|other side closed|EMPTY_RESPONSE", "no answer"),
    (r"exit 1:|BadStatusLine|illegal status line|HPE_|HTTPParserError|INVALID_HTTP|Parse Error", "not HTTP"),
    (r"exit 56\b|ECONNRESET|ConnectionReset|reset by peer|CONNECTION_RESET|ReadError", "reset"),
)


_PLAIN = re.compile(r"\d{3}(, Retry-After: \d+)?(; \d+ requests)?(; [\d.]+ s)?")
"""Words that say no more than the kind."""


@dataclass(frozen=True)
class Noted:
    """One cell: the kind, and the client's own words."""

    kind: str
    words: str


def note(outcome: Outcome, attempts: int, made: int | None) -> Noted:
    """What a client reported, how many requests the server got, and how many tasks came of it."""
    words = [_own_words(outcome)]
    if attempts > 1:
        words.append(f"{attempts} requests")
    if outcome.seconds >= LATE:
        words.append(f"{outcome.seconds:.1f} s")
    if made is not None:
        words.append({1: ONCE, 2: TWICE}.get(made, f"the task exists {made} times"))
    return Noted(_kind(outcome, attempts), "; ".join(words))


def _own_words(outcome: Outcome) -> str:
    if outcome.status is None:
        return f"`{_short(outcome.error)}`"
    unparsed = ", the body is not JSON" if outcome.unparsed else ""
    return f"{outcome.status}{unparsed}" + (f", Retry-After: {outcome.retry_after}" if outcome.retry_after else "")


def _kind(outcome: Outcome, attempts: int) -> str:
    """A word or two by which two runs are compared."""
    if outcome.status is None:
        found = (kind for pattern, kind in _KINDS if re.search(pattern, outcome.error))
        return next(found, "other error")
    if outcome.status >= 400:
        return f"status {outcome.status}"
    if outcome.unparsed:
        return "ok, unnoticed"
    if attempts > 1:
        return "ok after retry"
    return "ok, late" if outcome.seconds >= LATE else "ok"


def _short(text: str) -> str:
    """Without what differs from run to run, and not long."""
    text = re.sub(r"[^\x20-\x7e]+", " ", text)
    text = re.sub(r"(port=|localhost:|127\.0\.0\.1:)\d+", r"\g<1>…", text)
    text = re.sub(r"<[\w.]+ object at 0x[0-9a-f]+>(: )?", "", text)
    text = re.sub(r"\b\d+ (milliseconds|ms)\b", r"… \1", text)
    return (text if len(text) <= 150 else text[:149] + "…").replace("|", "\\|").replace("`", "'")


def render(effects: list[str], clients: list[Client], table: dict[tuple[str, str], Noted], version: str) -> str:
    """The whole page."""
    names = [client.name for client in clients]
    lines = [_INTRODUCTION, _row(["effect", *names]), _row(["---"] * (len(names) + 1))]
    lines += [_row([f"`{effect}`", *(table[effect, name].kind for name in names)]) for effect in effects]
    lines += ["", _WORDS, _row(["effect", "client", "what it reports"]), _row(["---"] * 3)]
    for effect in effects:
        shown = f"`{effect}`"
        for words, who in _by_words({name: table[effect, name].words for name in names}).items():
            lines.append(_row([shown, "; ".join(who), words]))
            shown = ""
    lines += ["", "## The clients", "", f"mockflow {version}, and:", ""]
    lines += [f"- {client.name}: {client.version}" for client in clients]
    return "\n".join([*lines, "", _AGAIN])


def _by_words(told: dict[str, str]) -> dict[str, list[str]]:
    """Who says the same, without those whose words say no more than the kind."""
    found: dict[str, list[str]] = {}
    for name, words in told.items():
        if not _PLAIN.fullmatch(words):
            found.setdefault(words, []).append(name)
    return found


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def kinds(page: str) -> dict[tuple[str, str], str]:
    """The kinds of a page's first table, by effect and client."""
    rows = [_cells(line) for line in page.splitlines() if line.startswith("|")]
    end = next((n for n, row in enumerate(rows) if row[:2] == ["effect", "client"]), len(rows))
    if end < 3:
        return {}
    names = rows[0][1:]
    return {
        (row[0].strip("`"), name): kind for row in rows[2:end] for name, kind in zip(names, row[1:], strict=True)
    }


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split(" | ")]


_INTRODUCTION = """\
# What real clients see of each fault

This page shows each [fault](faults.md) as common HTTP clients see it. A script made it by running them.

- Every cell is one call on a new connection, under a rule that fires once (`times=1`), so that a client that
  tries again gets through. The call is `GET /api/v2/todo`, or `POST` where the effect names `createTask`.
- Each client gives up after 5 seconds; under `hang`, after half a second.
- *requests + Retry* has urllib3's `Retry(total=3, respect_retry_after_header=True,
  status_forcelist=[429, 500, 503], backoff_factor=0.05)`. *axios-retry* tries again up to three times, and waits
  as long as `Retry-After` says.
- Chromium's page is on another port of `localhost`, and calls with `credentials: 'include'`. In the last column it
  has made another call before, whose connection is still open. When such a connection is closed or reset without
  an answer, Chromium itself sends the request again, even a POST, and the page learns nothing of it.

## The kinds
"""

_WORDS = """\
- *reset*, *no answer*, *cut short*, *not HTTP*, *time-out*, *parse error*: how the call failed, for the client.
- *ok, late*: a success after 0.3 seconds or more. *ok after retry*: the client asked again by itself, and got
  through.
- *ok, unnoticed*: the client takes half a JSON document for a success. curl does not look at bodies; axios hands
  it over as a string.
- After *createTask* the task exists even where the client saw a failure. A client that tries a POST again by
  itself makes a second one.

## In their own words

Of those that say more than the kind. Beside each client's words: how many requests the server got, if more than
one, and how long it took, from 0.3 seconds.
"""

_AGAIN = """\
## Make it again

Needs Python, curl, Node and Chromium (`/usr/bin/chromium`, or where `CHROMIUM` says). Clients that are missing are
named and left out.

```sh
python3 -m venv .venv && .venv/bin/pip install -q . -r examples/fault_clients/requirements.txt
(cd examples/fault_clients && npm install --no-package-lock)
.venv/bin/python examples/fault_clients/run.py --write
```

Without `--write` the page is printed; `--check` compares what each client reports, in kind, with this page.
"""
