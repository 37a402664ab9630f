"""Alerts as a table for other programs: one row each, times in UTC."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import datetime, timedelta
from io import StringIO

from agents.oncall.alert import Alert
from agents.oncall.report import to_acknowledge, to_resolve

COLUMNS = (
    *(
        "id",
        "kind",
        "severity",
        "state",
        "count",
        "drill",
        "first_at",
        "last_at",
        "acknowledged_at",
        "resolved_at",
    ),
    *("seconds_to_acknowledge", "seconds_to_resolve", "handled_by", "reopened", "subject", "what", "link"),
)
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes a cell for a formula by: what others wrote must not be run by whoever opens the file."""


def alerts_csv(alerts: Iterable[Alert]) -> str:
    """RFC 4180, a line of names first."""
    out = StringIO()
    table = csv.writer(out)
    table.writerow(COLUMNS)
    for alert in alerts:
        table.writerow(_safe(cell) for cell in _cells(alert))
    return out.getvalue()


def _cells(alert: Alert) -> Iterable[object]:
    yield from (alert.id, alert.kind.value, alert.severity.value, alert.state.value, alert.count)
    yield from ("yes" if alert.drill else "no", _time(alert.first_at), _time(alert.last_at))
    yield from (_time(alert.acknowledged_at), _time(alert.resolved_at))
    yield from (_seconds(to_acknowledge(alert)), _seconds(to_resolve(alert)))
    yield from (alert.handled_by, alert.reopened, alert.subject, alert.what, alert.link)


def _time(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if moment else ""


def _seconds(span: timedelta | None) -> str:
    return f"{span.total_seconds():.0f}" if span is not None else ""


def _safe(cell: object) -> str:
    text = str(cell)
    return f"'{text}" if text.startswith(FORMULA) else text
