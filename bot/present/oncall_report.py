"""How the weeks on call were, and what whoever comes on call should know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from agents.oncall.alert import Alert, AlertState
from agents.oncall.kinds import KINDS, Severity
from agents.oncall.report import Week, by_week, since
from agents.oncall.rota import shift_at
from agents.writing.length import clip
from bot.cards import Block, Button, Card, Chart, Field, Fields, Text, Tone
from bot.present.words import count
from bot.times import span, zone_named
from storage.unit_of_work import UnitOfWork

SHOWN = 8
"""Alerts of each list that are named; more are counted."""
JUST_BEGUN = timedelta(hours=1)
"""Within so long after a hand-over the shift to be told of is the one before."""
A_DAY = timedelta(days=1)


def report(weeks: int, zone: str, public_url: str, work: UnitOfWork) -> Card:
    """weeks: > 0, the present one included.  zone: IANA name, in which weeks begin."""
    there = zone_named(zone)
    alerts = work.alerts.between(since(work.now, there, weeks), work.now)
    return report_card(by_week(alerts, work.now, there, weeks), sum(a.drill for a in alerts), public_url)


def report_card(weeks: Sequence[Week], drills: int, public_url: str) -> Card:
    total = sum(week.alerts for week in weeks)
    title = f"On call: {'this week' if len(weeks) == 1 else f'the last {len(weeks)} weeks'}"
    table = Button("As a table", url=f"{public_url}/alerts.csv?weeks={len(weeks)}")
    blocks: list[Block] = [Text(_summary(total, drills))]
    if total:
        blocks += [_counts(weeks), Fields(tuple(_times(weeks)))]
    if any(week.to_acknowledge or week.to_resolve for week in weeks):
        blocks.insert(2, _waits(weeks))
    return Card(title, tuple(blocks), (table,), tone=Tone.NEUTRAL)


def _summary(total: int, drills: int) -> str:
    left_out = f" {count(drills, 'drill')} not counted." if drills else ""
    return f"{count(total, 'alert') if total else 'No alert'}.{left_out}"


def _counts(weeks: Sequence[Week]) -> Chart:
    there_were = [s for s in Severity if any(week.counts[s] for week in weeks)]
    series = tuple((s.value, tuple(float(week.counts[s]) for week in weeks)) for s in there_were)
    return Chart("Alerts by week", "bar", _labels(weeks), series)


def _waits(weeks: Sequence[Week]) -> Chart:
    acknowledged = ("until somebody had it", tuple(_minutes(week.to_acknowledge) for week in weeks))
    resolved = ("until it was resolved", tuple(_minutes(week.to_resolve) for week in weeks))
    return Chart("Minutes, the median", "line", _labels(weeks), (acknowledged, resolved))


def _times(weeks: Sequence[Week]) -> list[Field]:
    """The medians in words: in a chart none looks like zero."""
    return [
        Field(f"Week of {label}", f"{count(week.alerts, 'alert')}; {_words(week)}")
        for label, week in zip(_labels(weeks), weeks, strict=True)
        if week.alerts
    ][-SHOWN:]


def _words(week: Week) -> str:
    had = f"taken after {span(week.to_acknowledge)}" if week.to_acknowledge is not None else "none taken"
    over = f"resolved after {span(week.to_resolve)}" if week.to_resolve is not None else "none resolved"
    return f"{had}, {over}"


def _labels(weeks: Sequence[Week]) -> tuple[str, ...]:
    return tuple(f"{week.begins:%-d %b}" for week in weeks)


def _minutes(length: timedelta | None) -> float:
    return round(length.total_seconds() / 60, 1) if length is not None else 0.0


# --- the hand-over --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HandOver:
    """who: was on call since `begun`, "" where nobody had a shift.  happened: what began since then, oldest first."""

    who: str
    begun: datetime
    now: datetime
    unresolved: Sequence[Alert]
    happened: Sequence[Alert]


def look(work: UnitOfWork) -> HandOver:
    """The shift of the first layer that runs, or ended a moment ago; the last day where there is no rota."""
    who, begun = _shift(work)
    # A rota's very first shift has no beginning; nobody wants to hear of more than a month at once.
    begun = max(begun, work.now - 31 * A_DAY)
    return HandOver(who, begun, work.now, work.alerts.unresolved(), work.alerts.between(begun, work.now))


def hand_over(told: HandOver) -> Card:
    over = [alert for alert in told.happened if alert.state is AlertState.RESOLVED]
    facts = [
        Field("Since", told.begun),
        Field("Alerts", str(len(told.happened))),
        Field("Resolved", str(len(over))),
    ]
    if told.who:
        facts.insert(0, Field("On call", told.who))
    blocks: list[Block] = [Fields(tuple(facts)), Text("Open", "heading"), *_listed(told.unresolved, told.now)]
    if over:
        blocks += [Text("Resolved in this shift", "heading"), *_listed(over[::-1], told.now)]
    tone = Tone.BAD if any(alert.state is AlertState.OPEN for alert in told.unresolved) else Tone.GOOD
    return Card("Hand-over", tuple(blocks), tone=tone)


def _shift(work: UnitOfWork) -> tuple[str, datetime]:
    rota = min(work.rotas.all(), key=lambda rota: rota.layer, default=None)
    if rota is None:
        return "", work.now - A_DAY
    overrides = work.rotas.overrides(work.now - A_DAY, rota.id)
    shift = shift_at(rota, overrides, work.now)
    if work.now - shift.starts_at < JUST_BEGUN:
        shift = shift_at(rota, overrides, shift.starts_at - timedelta(microseconds=1))
    return work.people.get(shift.person_id).name, shift.starts_at


def _listed(alerts: Sequence[Alert], now: datetime) -> list[Block]:
    if not alerts:
        return [Text("Nothing.", "muted")]
    more = [f"And {count(len(alerts) - SHOWN, 'more alert')}."] if len(alerts) > SHOWN else []
    return [Text("\n".join([*(_line(alert, now) for alert in alerts[:SHOWN]), *more]))]


def _line(alert: Alert, now: datetime) -> str:
    drill = "Drill, " if alert.drill else ""
    times = f", {alert.count:,} times" if alert.count > 1 else ""
    return f"• {drill}{alert.severity.value}: {KINDS[alert.kind].title}{times}. {clip(alert.what, 120)} {_state(alert, now)}"


def _state(alert: Alert, now: datetime) -> str:
    if alert.resolved_at is not None:
        return f"({alert.handled_by or 'resolved'}, after {span(alert.resolved_at - alert.first_at)})"
    has = f"{alert.handled_by} has it" if alert.state is AlertState.ACKNOWLEDGED else "nobody has it"
    return f"({has}, for {span(now - alert.first_at)})"
