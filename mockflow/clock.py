"""Time: the one room that reads the wall clock.

Moments are aware `datetime`s in UTC, cut to milliseconds, as the contract (section 1) writes them.
"""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta

from mockflow.errors import InvalidInput

# Patterns are texts here: `re` compiles and keeps them when they are first needed, which is not at the start.
_MOMENT = (
    r"(?i)(?a:\d{4}-\d\d-\d\d)T(?a:(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)"
)
_DATE = r"(?a)\d{4}-\d\d-\d\d"
_NUMBER = r"\d{1,15}(?:\.\d{1,9})?"
_SECONDS = rf"(?a)(?P<s>{_NUMBER})"
_SHORT = (
    rf"(?a)(?=\d)(?:(?P<w>{_NUMBER})w)?(?:(?P<d>{_NUMBER})d)?(?:(?P<h>{_NUMBER})h)?(?:(?P<m>{_NUMBER})m)?"
    rf"(?:(?P<s>{_NUMBER})s)?(?:(?P<ms>{_NUMBER})ms)?"
)
# No months and years: how long they are depends on when they begin.
_ISO = (
    r"(?a)P(?:(?P<w>\d+)W|(?=[\dT])(?:(?P<d>\d+)D)?"
    rf"(?:T(?=\d)(?:(?P<h>\d+)H)?(?:(?P<m>\d+)M)?(?:(?P<s>{_NUMBER})S)?)?)"
)
_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes", "s": "seconds", "ms": "milliseconds"}


def wall() -> datetime:
    """Now, as this machine has it."""
    return to_milliseconds(datetime.now(UTC))


def to_milliseconds(moment: datetime) -> datetime:
    """The same moment without what is finer than a millisecond."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def iso(moment: datetime) -> str:
    """`2024-07-18T14:32:00.000Z`."""
    text = moment.isoformat(timespec="milliseconds")
    return f"{text[:23]}Z" if text.endswith("+00:00") else iso(moment.astimezone(UTC))


def parse_moment(text: str) -> datetime:
    """Read an ISO 8601 date-time; one without an offset is in UTC.

    Raises `ValueError` for anything else: a bare date, a day that does not exist, an offset that leaves the
    years 1 to 9999.
    """
    if not re.fullmatch(_MOMENT, text):
        raise ValueError("expected an ISO 8601 date-time, e.g. 2024-07-18T14:32:00.000Z")
    try:
        moment = datetime.fromisoformat(text.upper())
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"not a moment that exists: {error}") from None
    return to_milliseconds(moment)


def parse_clock_moment(text: str) -> datetime:
    """Read a moment that a clock can be set to: in the years 1000 to 9000, so that there is room around it.

    A date alone is its midnight in UTC. Raises `ValueError`.
    """
    moment = parse_moment(f"{text}T00:00Z" if re.fullmatch(_DATE, text) else text)
    if not _reachable(moment):
        raise ValueError("a clock can be set to the years 1000 to 9000")
    return moment


def parse_duration(text: str) -> timedelta:
    """Read a stretch of time as people write it: seconds (`90`, `1.5`), `90s`, `5m`, `1h30m`, `1d`, `2w`, `200ms`,
    or ISO 8601 (`PT5M`); a sign in front is taken.

    Raises `ValueError` for anything else, and for what is too long to count with.
    """
    unsigned = text[1:] if text[:1] in ("+", "-") else text
    found = re.fullmatch(_SECONDS, unsigned) or re.fullmatch(_SHORT, unsigned) or re.fullmatch(_ISO, unsigned)
    if found is None:
        raise ValueError("expected seconds, or a duration such as 90s, 5m, 24h, 1d or PT5M")
    given = {_UNITS[unit]: float(number) for unit, number in found.groupdict().items() if number is not None}
    try:
        length = timedelta(**given)
    except OverflowError:
        raise ValueError("a duration this long cannot be counted with") from None
    return -length if text.startswith("-") else length


def _reachable(moment: datetime) -> bool:
    return 1000 <= moment.year <= 9000


ClockState = tuple[datetime | None, timedelta]


class Clock:
    """The time of one sandbox: real, shifted by a fixed distance, or frozen.

    A frozen clock moves only by `advance` and `set`. Moving out of the years 1000 to 9000 raises
    `InvalidInput` and moves nothing.
    """

    def __init__(self, frozen_at: datetime | None = None) -> None:
        self._frozen_at = frozen_at
        self._shift = timedelta()

    def state(self) -> ClockState:
        """How it runs or stands, for another clock to do the same."""
        return self._frozen_at, self._shift

    def restore(self, state: ClockState) -> None:
        """Run or stand as another clock did."""
        self._frozen_at, self._shift = state

    @property
    def mode(self) -> str:
        """`frozen`, `shifted` or `real`."""
        if self._frozen_at is not None:
            return "frozen"
        return "shifted" if self._shift else "real"

    def now(self) -> datetime:
        """The moment this sandbox believes it is."""
        return wall() + self._shift if self._frozen_at is None else self._frozen_at

    def freeze(self, at: datetime) -> None:
        """Stop at a moment."""
        self._frozen_at = at
        self._shift = timedelta()

    def set(self, to: datetime) -> None:
        """Jump to a moment; a running clock runs on from there, a frozen one stays frozen."""
        if self._frozen_at is None:
            self._shift = to - wall()
        else:
            self._frozen_at = to

    def advance(self, by: timedelta) -> None:
        """Move on (or back, with a negative distance)."""
        try:
            moved = self.now() + by
            if not _reachable(moved):
                raise OverflowError
        except OverflowError:
            raise InvalidInput.at("advance", message="The clock would leave the years 1000 to 9000.") from None
        if self._frozen_at is None:
            self._shift += by
        else:
            self._frozen_at = moved

    def run(self) -> None:
        """Back to real time."""
        self._frozen_at = None
        self._shift = timedelta()


class Stopwatch:
    """Measures a stretch of real time that no clock of a sandbox can bend: uptimes and durations."""

    def __init__(self) -> None:
        self._started = time.perf_counter()

    @property
    def seconds(self) -> float:
        """Seconds since this object was made."""
        return time.perf_counter() - self._started
