"""Examples of what is told of the weeks on call. Nothing in here is real."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from agents.events import Subject
from agents.oncall.alert import Alert, AlertState
from agents.oncall.kinds import AlertKind, Severity
from agents.oncall.report import Week
from bot.cards import Card
from bot.present.oncall_report import HandOver, hand_over, report_card

NOW = datetime(2026, 11, 21, 14, 30, tzinfo=UTC)
HERE = "http://127.0.0.1:8420"


def examples() -> Mapping[str, tuple[Card, ...]]:
    """By what they show, in the order of a gallery."""
    day = timedelta(days=1)
    over, taken = _alert(AlertKind.PUBLISH_FAILED, 3, handled_by="Bob"), _alert(AlertKind.QUEUE_LATE, 1)
    return {
        "On call, afterwards": (
            report_card([_week(n) for n in range(4)], 1, HERE),
            report_card([_week(3, quiet=True)], 0, HERE),
            hand_over(HandOver("Bob", NOW - day, NOW, (taken,), (over, taken))),
            hand_over(HandOver("", NOW - day, NOW, (), ())),
        ),
    }


def _week(number: int, *, quiet: bool = False) -> Week:
    counts = dict.fromkeys(Severity, 0)
    if quiet:
        return Week(date(2026, 11, 16), counts, None, None)
    counts |= {Severity.CRITICAL: number % 2, Severity.HIGH: number + 1, Severity.LOW: 6 - number}
    waited = timedelta(minutes=9 - 2 * number)
    return Week(date(2026, 10, 26) + timedelta(weeks=number), counts, waited, 4 * waited)


def _alert(kind: AlertKind, hours: int, handled_by: str = "") -> Alert:
    at = NOW - timedelta(hours=hours)
    return Alert(
        id=f"k3mq9v7x{hours}",
        kind=kind,
        severity=Severity.HIGH,
        cause=kind.value,
        subject=Subject("persona", "ada"),
        state=AlertState.RESOLVED if handled_by else AlertState.OPEN,
        what="@ada has to wait.",
        kept="Nothing was lost.",
        remedy="Look at it.",
        count=hours,
        first_at=at,
        last_at=at,
        handled_by=handled_by,
        resolved_at=at + timedelta(minutes=20) if handled_by else None,
    )
