"""Moments in the words of whoever reads them."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_NEAR = {-1: "yesterday", 0: "today", 1: "tomorrow"}


def zone_named(name: str) -> ZoneInfo:
    """UTC where this machine does not know the name, so that no page fails over it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def in_words(moment: datetime, zone: ZoneInfo, now: datetime) -> str:
    """ "today 14:05", "21 Nov 14:05", and the year where it is another one."""
    there, here = moment.astimezone(zone), now.astimezone(zone)
    days = (there.date() - here.date()).days
    if days in _NEAR:
        return f"{_NEAR[days]} {there:%H:%M}"
    return f"{there:%-d %b %H:%M}" if there.year == here.year else f"{there:%-d %b %Y, %H:%M}"


def ago(moment: datetime, now: datetime) -> str:
    """ "now", "5 min", "3 h", "2 d" since then; "" for a moment to come."""
    seconds = (now - moment).total_seconds()
    if seconds < 0:
        return ""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return "now"


def span(length: timedelta) -> str:
    """ "42 s", "4 min", "3 h 5 min", "2 d 4 h".  length: ≥ 0."""
    seconds = int(length.total_seconds())
    for size, unit, part, smaller in ((86400, "d", 3600, "h"), (3600, "h", 60, "min")):
        if seconds >= size:
            rest = seconds % size // part
            return f"{seconds // size} {unit}" + (f" {rest} {smaller}" if rest else "")
    return f"{seconds // 60} min" if seconds >= 60 else f"{seconds} s"
