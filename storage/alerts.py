"""Alerts: one for a cause, counted up while it is not resolved."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from agents.errors import NotFound
from agents.events import Subject
from agents.oncall.alert import SEVERITIES, Alert, AlertKind, AlertState, Severity
from storage.columns import new_id
from storage.rows import one, put_unless_there, swap
from storage.tables import AlertRow


class Alerts:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, id: str) -> Alert:
        return _alert(one(self._connection, _ALERTS.where(AlertRow.id == id), "There is no such alert."))

    def find(self, prefix: str) -> Alert:
        wanted = prefix.strip().lower()
        rows = self._connection.execute(
            _ALERTS.where(AlertRow.id.startswith(wanted, autoescape=True)).limit(2)
        ).all()
        if len(wanted) < 3 or len(rows) != 1:
            raise NotFound(
                f"There is no alert {prefix}.", remedy="/status shows what is open.", field="alert"
            )
        return _alert(rows[0])

    def open_about(self, subject: Subject) -> list[Alert]:
        query = _ALERTS.where(AlertRow.subject == str(subject), AlertRow.state != AlertState.RESOLVED.value)
        return [_alert(row) for row in self._connection.execute(query)]

    def unresolved(self, *, limit: int = 50) -> list[Alert]:
        """Newest first."""
        query = _ALERTS.where(AlertRow.state != AlertState.RESOLVED.value)
        return [
            _alert(row)
            for row in self._connection.execute(query.order_by(AlertRow.last_at.desc()).limit(limit))
        ]

    def open(
        self, kind: AlertKind, subject: Subject, what: str, now: datetime, *, kept: str, remedy: str
    ) -> tuple[Alert, bool]:
        """The alert, and whether it is new: the same cause is counted up; whoever acknowledged it has it still."""
        words = {"what": what, "kept": kept, "remedy": remedy}
        alert = Alert(
            new_id(),
            kind,
            SEVERITIES.get(kind, Severity.MEDIUM),
            subject,
            AlertState.OPEN,
            what,
            kept,
            remedy,
            1,
            now,
            now,
        )
        row = {f.name: getattr(alert, f.name) for f in fields(Alert)}
        row |= {
            "kind": kind.value,
            "severity": alert.severity.value,
            "subject": str(subject),
            "state": "open",
        }
        if put_unless_there(self._connection, AlertRow, **row):
            return alert, True
        return self._counted_up(kind, subject, last_at=now, **words), False

    def _counted_up(self, kind: AlertKind, subject: Subject, **changes: Any) -> Alert:
        """Whatever else changed about it meanwhile: who counts has nothing to compare. Raises Raced if it was resolved."""
        row = AlertRow
        same = (row.kind == kind.value, row.subject == str(subject), row.state != AlertState.RESOLVED.value)
        values = {**changes, "count": row.count + 1, "revision": row.revision + 1}
        swap(self._connection, row, *same, values=values, lost="The alert was resolved at the same moment.")
        return next(alert for alert in self.open_about(subject) if alert.kind is kind)

    def change(self, before: Alert, **changes: Any) -> Alert:
        """Compare-and-set; a change of `state` must be allowed. Raises Conflict."""
        to: AlertState | None = changes.get("state")
        if to is not None:
            before.must(to)
            changes["state"] = to.value
        swap(
            self._connection,
            AlertRow,
            AlertRow.id == before.id,
            AlertRow.revision == before.revision,
            values={**changes, "revision": before.revision + 1},
            lost="The alert was changed by somebody else just now.",
        )
        return self.get(before.id)


_FIELDS = tuple(f.name for f in fields(Alert))
_ALERTS = select(*(AlertRow.__table__.c[name] for name in _FIELDS))


def _alert(row: Any) -> Alert:
    values = {name: getattr(row, name) for name in _FIELDS}
    values |= {
        "kind": AlertKind(row.kind),
        "severity": Severity(row.severity),
        "subject": Subject.parse(row.subject),
        "state": AlertState(row.state),
    }
    return Alert(**values)
