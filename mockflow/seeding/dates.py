"""The dates of seed files, written relative to the sandbox's clock: `today`, `-3d`, `+1w 09:30`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from mockflow.clock import parse_moment

_RELATIVE = re.compile(r"(?:(today|now)|([+-])(\d{1,4})([dwhm]))(?: ([01]\d|2[0-3]):([0-5]\d))?", re.ASCII)
_UNITS = {"d": timedelta(days=1), "w": timedelta(weeks=1), "h": timedelta(hours=1), "m": timedelta(minutes=1)}
_EXPECTED = (
    'expected a date such as "today", "now", "-3d", "+1w 09:30", "-2h", "2028-02-29" '
    'or "2028-02-29T23:59:00+14:00"'
)


@dataclass(frozen=True)
class SeedMoment:
    """What a date of a seed file means: a day, and a moment where it names a time of day."""

    day: date
    moment: datetime | None

    @property
    def at(self) -> datetime:
        """The moment; the start of the day where it names none."""
        return self.moment or datetime.combine(self.day, time(), UTC)


def check(text: str) -> str:
    """Pass on a date that can be resolved. Raises `ValueError`."""
    resolve(text, datetime(2024, 2, 29, 12, tzinfo=UTC))
    return text


def resolve(text: str, now: datetime) -> SeedMoment:
    """What a date of a seed file means at a moment. Raises `ValueError`."""
    relative = _RELATIVE.fullmatch(text)
    if relative is None:
        return _absolute(text)
    word, sign, amount, unit, hour, minute = relative.groups()
    timed = hour is not None
    if word is None:
        distance = _UNITS[unit] * int(amount)
        now = now + distance if sign == "+" else now - distance
        timed = timed or unit in "hm"
    elif word == "now":
        timed = True
    if hour is not None:
        now = now.replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
    return SeedMoment(now.date(), now if timed else None)


def _absolute(text: str) -> SeedMoment:
    try:
        if "T" in text:
            moment = parse_moment(text)
            return SeedMoment(moment.date(), moment)
        return SeedMoment(date.fromisoformat(text), None)
    except ValueError:
        raise ValueError(_EXPECTED) from None
