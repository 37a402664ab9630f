"""Moments as HTML, in the reader's own zone."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from markupsafe import Markup

from bot.times import in_words


def time_html(moment: datetime, zone: ZoneInfo, now: datetime) -> Markup:
    """A <time>: short words in it, everything in its title."""
    there = moment.astimezone(zone)
    full = f"{there:%A %-d %B %Y, %H:%M:%S %Z}, {moment.astimezone(UTC):%H:%M} UTC"
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        moment.astimezone(UTC).isoformat(), full, in_words(moment, zone, now)
    )
