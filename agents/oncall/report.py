"""How the weeks on call were: how many alerts, and how long they waited for somebody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from agents.oncall.alert import Alert
from agents.oncall.kinds import Severity


@dataclass(frozen=True, slots=True)
class Week:
    """begins: its Monday.  counts: of the alerts that began in it.  Medians, None where none was acknowledged or resolved."""

    begins: date
    counts: Mapping[Severity, int]
    to_acknowledge: timedelta | None
    to_resolve: timedelta | None

    @property
    def alerts(self) -> int:
        return sum(self.counts.values())


def to_acknowledge(alert: Alert) -> timedelta | None:
    """From its first failure until somebody had it; None while nobody has."""
    return alert.acknowledged_at - alert.first_at if alert.acknowledged_at else None


def to_resolve(alert: Alert) -> timedelta | None:
    return alert.resolved_at - alert.first_at if alert.resolved_at else None


def since(now: datetime, zone: tzinfo, weeks: int) -> datetime:
    """When the first of so many weeks began, the present one included: a Monday's midnight in `zone`."""
    first = _monday(now, zone) - timedelta(weeks=weeks - 1)
    return datetime(first.year, first.month, first.day, tzinfo=zone)


def by_week(alerts: Iterable[Alert], now: datetime, zone: tzinfo, weeks: int) -> list[Week]:
    """Oldest first, those without alerts too. Drills are left out: they tell how a team practises.

    weeks: > 0, the present one included.
    """
    real = [alert for alert in alerts if not alert.drill]
    mondays = [_monday(now, zone) - timedelta(weeks=n) for n in reversed(range(weeks))]
    return [_week(monday, [a for a in real if _monday(a.first_at, zone) == monday]) for monday in mondays]


def _week(begins: date, alerts: Sequence[Alert]) -> Week:
    counts = Counter(alert.severity for alert in alerts)
    return Week(
        begins,
        {severity: counts[severity] for severity in Severity},
        _median(map(to_acknowledge, alerts)),
        _median(map(to_resolve, alerts)),
    )


def _median(spans: Iterable[timedelta | None]) -> timedelta | None:
    known = [span.total_seconds() for span in spans if span is not None]
    from statistics import median  # a fifth of a MiB, for one command

    return timedelta(seconds=median(known)) if known else None


def _monday(moment: datetime, zone: tzinfo) -> date:
    there = moment.astimezone(zone).date()
    return there - timedelta(days=there.weekday())
