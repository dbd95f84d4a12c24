"""When a recurring task comes back (contract, section 4)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any


def moved_on(day: date, rule: Mapping[str, Any]) -> date | None:
    """The same day one interval later; month ends clamp (Jan 31 → Feb 28). None past the year 9999."""
    pattern, interval = rule["pattern"], rule["interval"]
    try:
        if pattern in ("daily", "weekly"):
            return day + timedelta(days=interval * (7 if pattern == "weekly" else 1))
        months = day.year * 12 + day.month - 1 + interval * (12 if pattern == "yearly" else 1)
        year, month = months // 12, months % 12 + 1
        return day.replace(year=year, month=month, day=min(day.day, monthrange(year, month)[1]))
    except (OverflowError, ValueError):
        return None
