"""The timeline of an alert: who did what about it, and when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from agents.events import Event
from agents.oncall.alert import Alert
from agents.oncall.page import Page, PageState
from bot.cards import Block, Card, Field, Fields, Text, moment
from bot.present.alert import title
from bot.present.audit import KnownNames
from bot.present.words import count, listed
from storage.unit_of_work import UnitOfWork

QUIET = ("alert.counted",)
"""What would drown the rest; how often it failed is told in one line."""
STORY: Mapping[str, str] = {
    "alert.raised": "raised it",
    "alert.came_back": "raised it again, so soon after it was resolved",
    "alert.acknowledged": "acknowledged it",
    "alert.resolved": "resolved it",
    "alert.silenced": "silenced it",
    "alert.unsilenced": "ended its silence",
    "alert.assigned": "gave it to somebody",
    "alert.escalated": "called for more people",
    "alert.paged": "asked",
    "alert.reminded": "reminded",
    "alert.reopened": "opened it again: nothing had happened",
    "alert.reached": "reached",
    "alert.reach_failed": "could not reach",
}


def card(alert: Alert, work: UnitOfWork) -> Card:
    """Oldest first, for the one who asked."""
    names = KnownNames(work)
    trail = reversed(work.events.about(alert.about, but=QUIET))
    told = [Field(_line(recorded.event, names), recorded.at) for recorded in trail]
    blocks: list[Block] = [Text(alert.what), Fields(tuple(told))]
    if pages := work.pages.of(alert.id):
        blocks += [Text("Whose attention was sought", "heading"), Text("\n".join(_pages(pages, names)))]
    blocks.append(Fields(tuple(_figures(alert))))
    return Card(f"Details: {title(alert)}", tuple(blocks))


def _line(event: Event, names: KnownNames) -> str:
    """ "Alice (API key robot) silenced it until 2026-11-21 23:30 UTC"."""
    who = event.actor.name + (f" (API key {event.actor.via})" if event.actor.via else "")
    done = STORY.get(event.name) or event.name.partition(".")[2].replace("_", " ")
    more = _more(event.name, event.after, names)
    refused = f" — refused: {event.refused}" if event.refused else ""
    return f"{who} {done}{f' {more}' if more else ''}{refused}"


def _more(name: str, after: Mapping[str, Any], names: KnownNames) -> str:
    match name:
        case "alert.silenced":
            return f"until {moment(datetime.fromisoformat(after['until']))}"
        case "alert.assigned":
            return f"({names.words(after['to'])})"
        case "alert.paged" | "alert.reminded":
            return listed(after["asked"]) or "nobody: there is nobody to ask"
        case "alert.reached":
            return f"{after['who']} by {after['way']}"
        case "alert.reach_failed":
            return f"{after['who']} by {after['way']}: {after['why']}"
        case "alert.resolved" if "by" in after:
            return f"({after['by']})" if after["by"] != "Troupe" else ""
    return ""


def _pages(pages: list[Page], names: KnownNames) -> Iterator[str]:
    states = {PageState.HELD: "waits for the end of quiet hours", PageState.OWED: "on its way"}
    for page in pages:
        state = states.get(page.state, page.state.value)
        at = f" at {moment(page.sent_at)}" if page.sent_at else ""
        trouble = f": {page.trouble}" if page.trouble else ""
        yield f"{names.words(page.person_id)}, by {page.way}: {state}{at}{trouble}"


def _figures(alert: Alert) -> Iterator[Field]:
    yield Field("Failures", f"{alert.count:,}")
    yield Field("First", alert.first_at)
    yield Field("Last", alert.last_at)
    if alert.acknowledged_at:
        yield Field("Acknowledged after", _lasted(alert.acknowledged_at - alert.first_at))
    if alert.resolved_at:
        yield Field("Resolved after", _lasted(alert.resolved_at - alert.first_at))


def _lasted(gap: timedelta) -> str:
    seconds = max(int(gap.total_seconds()), 0)
    if seconds < 120:
        return count(seconds, "second")
    return count(seconds // 60, "minute") if seconds < 7200 else f"{seconds / 3600:.1f} hours"
