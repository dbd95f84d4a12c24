"""Everything that can go wrong, named for what happened and carrying what a person needs to mend it.

No class here knows an HTTP status or an exit code: the HTTP floor and the command line each keep one
table for that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Self

_FEW = 12
"""So many words can be told in one line."""
_LIKENESS = 0.55
"""How much of two words has to be the same, from 0 to 1."""
_AS_LIKELY = 0.07


def nearest(word: str, words: Iterable[str]) -> str:
    """What to say to a wrong word: the right one that is most like it, or all where none is and they are few."""
    from difflib import SequenceMatcher  # late: only for a mistake

    known = list(words)
    likeness = {one: SequenceMatcher(None, one, word.lower()).ratio() for one in known}
    best = max(likeness.values(), default=0)
    if best >= _LIKENESS:
        likely = [one for one in known if likeness[one] > best - _AS_LIKELY]
        found = sorted(likely, key=lambda one: -likeness[one])
        return f" Did you mean {' or '.join(found)}?"
    return f" There are {', '.join(known)}." if 0 < len(known) <= _FEW else ""


class Offence(NamedTuple):
    """One field of a body or query that cannot be accepted: where it is, why, and a short code."""

    path: tuple[str | int, ...]
    message: str
    code: str = "custom"


class MockflowError(Exception):
    """The root of the tree.

    `message` is a sentence for a person. `keeps_changes` is true for the few errors whose trace has to stay
    in the store although the request failed (a wrong passcode has to be counted).
    """

    keeps_changes = False

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InvalidInput(MockflowError):
    """A body or query that cannot be accepted; `offences` has one entry for each field."""

    def __init__(self, message: str, offences: tuple[Offence, ...] = ()) -> None:
        super().__init__(message)
        self.offences = offences

    @classmethod
    def at(cls, *path: str | int, message: str, code: str = "custom") -> Self:
        """Make the error for a single offending field, whose message is also the sentence for a person."""
        return cls(message, (Offence(path, message, code),))


class MalformedBody(InvalidInput):
    """The body is not JSON, not a JSON object, or sent with another content type."""


class UnknownReference(InvalidInput):
    """The body refers to something that does not exist."""


class NotPossible(InvalidInput):
    """The request is well formed, but what is stored does not allow it."""


class CredentialsRefused(NotPossible):
    """No such account, or not its password."""


class WrongCode(NotPossible):
    """A one-time passcode that is wrong or used; the attempt has to be counted."""

    keeps_changes = True


class NotSignedIn(MockflowError):
    """There is no session, or it is unknown, or it has expired."""


class Forbidden(MockflowError):
    """Exists, but not for this caller."""


class ControlTokenMissing(NotSignedIn):
    """A call of the control API without the token it needs."""


class NotYours(Forbidden):
    """What is named belongs to somebody else."""


class NotAMember(Forbidden):
    """The caller is not a member of the workspace."""


class InboxIsFixed(Forbidden):
    """The Inbox can be neither renamed nor deleted."""


class ControlRefused(Forbidden):
    """A call of the control API that its protection keeps out."""


class NotFound(MockflowError):
    """The path names something that does not exist."""


class NoSuchRoute(NotFound):
    """No operation at this path, or none with this method; `allowed` are the methods there are."""

    def __init__(self, message: str, allowed: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.allowed = allowed


class RequestRefused(MockflowError):
    """What came on a connection cannot become a request: it is no HTTP, unless a subclass says more."""


class HeadTooLarge(RequestRefused):
    """The request's line and headers are over the limit."""


class RequestTooSlow(RequestRefused):
    """The headers or the body did not come in time."""


class BodyTooLarge(MockflowError):
    """The JSON body is over the limit."""


class BodyNotUnderstood(MockflowError):
    """The body's charset or content encoding is not understood."""


class TooManyRequests(MockflowError):
    """A limit is used up; `retry_after` is the number of whole seconds until there is room again."""

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class TooManySandboxes(MockflowError):
    """The server holds as many sandboxes as it can."""


class SettingsInvalid(MockflowError):
    """An option, a value or a seed set that cannot be used."""


class SeedInvalid(SettingsInvalid):
    """A seed file that breaks a rule; the message names file and line."""


class AddressUnusable(SettingsInvalid):
    """An address that this machine cannot listen on."""


class PortInUse(MockflowError):
    """Something else listens at the address already."""


class StorageFailed(MockflowError):
    """The data file could not be written; nothing has changed."""


class DataUnusable(MockflowError):
    """The data file cannot be opened: held by another process, or not readable as one of ours."""


class ServerUnreachable(MockflowError):
    """A client command found no server, or one that does not answer as mockflow does."""


class ServerRefused(MockflowError):
    """A server answered a client command with an error.

    `told` has the server's own words, `status` the answer's, `errors` what its body says of single fields: objects
    with `path`, `message` and `code`.
    """

    def __init__(
        self, message: str, *, told: str = "", status: int = 0, errors: Sequence[Mapping[str, Any]] = ()
    ) -> None:
        super().__init__(message)
        self.told = told or message
        self.status = status
        self.errors = tuple(errors)

    def reworded(self, message: str) -> ServerRefused:
        """The same with another message."""
        return ServerRefused(message, told=self.told, status=self.status, errors=self.errors)
