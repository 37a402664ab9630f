"""What goes out when, and what went out: a month or a week in the reader's own zone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from agents.errors import NotFound
from agents.writing.length import clip
from agents.writing.post import WORDS, State, Variant
from bot.platforms import RULES
from bot.web.site import Page, View, page

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Slot:
    """One post on its day.  kind: planned, out or trouble, for its colour."""

    id: str
    at: str
    who: str
    what: str
    state: str
    kind: str


@dataclass(frozen=True, slots=True)
class Day:
    """outside: of the month that is shown."""

    date: date
    posts: Sequence[Slot]
    outside: bool
    is_today: bool


@page("/calendar")
def calendar(view: View) -> Page:
    today = view.work.now.astimezone(view.zone).date()
    span = "week" if view.asked("view") == "week" else "month"
    at = _date(view.asked("at"), today)
    first, after = _bounds(at, span)
    days = _days(view, first, after, at.month if span == "month" else 0, today)
    title = f"{at:%B %Y}" if span == "month" else f"{first:%-d %B} – {after - timedelta(days=1):%-d %B %Y}"
    body = view.render(
        "calendar.html",
        title=title,
        span=span,
        days=days,
        empty=not any(day.posts for day in days),
        earlier=_link(span, _step(at, span, -1)),
        later=_link(span, _step(at, span, 1)),
        today=_link(span, today),
        as_month=_link("month", at),
        as_week=_link("week", at),
    )
    return Page(f"Calendar, {title}", body)


def _date(text: str, otherwise: date) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return otherwise
    return (
        found if 1970 < found.year < 9000 else otherwise
    )  # beyond, the days around it leave Python's calendar


def _bounds(at: date, span: str) -> tuple[date, date]:
    """Whole weeks from Monday on: first day, and the day after the last."""
    if span == "week":
        monday = at - timedelta(days=at.weekday())
        return monday, monday + WEEK
    first = at.replace(day=1)
    last = _step(at, "month", 1) - timedelta(days=1)
    return first - timedelta(days=first.weekday()), last + timedelta(days=7 - last.weekday())


def _step(at: date, span: str, by: int) -> date:
    """The same span before or after: a week on, or the first day of the next month."""
    if span == "week":
        return at + by * WEEK
    months = at.year * 12 + at.month - 1 + by
    return date(months // 12, months % 12 + 1, 1)


def _link(span: str, at: date) -> str:
    return f"/calendar?view={span}&at={at.isoformat()}"


def _days(view: View, first: date, after: date, month: int, today: date) -> list[Day]:
    by_day: dict[date, list[Slot]] = {}
    for variant in view.work.posts.between(_midnight(first, view.zone), _midnight(after, view.zone)):
        moment = variant.published_at or variant.publish_at
        if moment is not None:
            there = moment.astimezone(view.zone)
            by_day.setdefault(there.date(), []).append(_slot(view, variant, there))
    return [
        Day(day, by_day.get(day, ()), bool(month) and day.month != month, day == today)
        for day in (first + timedelta(days=n) for n in range((after - first).days))
    ]


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def _slot(view: View, variant: Variant, there: datetime) -> Slot:
    try:
        who = view.work.personas.get(variant.persona_id).name
    except NotFound:
        who = "Somebody"
    brief = clip(" ".join(view.work.posts.post(variant.post_id).brief.split()), 60)
    rules = RULES.get(variant.platform)
    kinds = {
        State.PUBLISHED: "out",
        State.TAKEN_DOWN: "gone",
        State.SCHEDULED: "planned",
        State.APPROVED: "planned",
    }
    return Slot(
        variant.id,
        f"{there:%H:%M}",
        who,
        f"{brief} · {rules.name if rules else variant.platform}",
        WORDS[variant.state],
        kinds.get(variant.state, "trouble"),
    )
