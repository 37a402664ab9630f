"""Alerts: one for a cause, counted up while it is not resolved, and about each thing that suffers from it."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, func, select, update

from agents.events import Subject
from agents.oncall.alert import FLAPS, About, Alert, AlertState
from agents.oncall.kinds import KINDS, AlertKind, Severity
from storage.columns import new_id
from storage.rows import attempt, by_prefix, one, put_unless_there, swap
from storage.tables import AlertRow, AlertSubjectRow

News = Literal["new", "again", "more"]
"""What a failure makes of an alert: a new one, one that was resolved a moment ago and is open again, or one with a higher
count."""


class Alerts:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, id: str) -> Alert:
        return _alert(one(self._connection, _ALERTS.where(AlertRow.id == id), "There is no such alert."))

    def hold(self, id: str) -> Alert:
        """Nobody else changes it until this transaction ends (SQLite has one writer anyway)."""
        return _alert(
            one(
                self._connection,
                _ALERTS.where(AlertRow.id == id).with_for_update(),
                "There is no such alert.",
            )
        )

    def find(self, prefix: str) -> Alert:
        """By the beginning of its id, as a person types it. Raises NotFound, or Invalid if several begin so."""
        row = by_prefix(self._connection, _ALERTS, AlertRow.id, prefix, "alert", listed="/alert list")
        return _alert(row)

    def open_about(self, subject: Subject) -> list[Alert]:
        """Unresolved alerts that this one thing suffers from."""
        suffering = select(AlertSubjectRow.alert_id).where(
            AlertSubjectRow.subject == str(subject), AlertSubjectRow.mended_at.is_(None)
        )
        query = _ALERTS.where(AlertRow.id.in_(suffering), AlertRow.state != AlertState.RESOLVED.value)
        return [_alert(row) for row in self._connection.execute(query.order_by(AlertRow.first_at))]

    def unresolved(self, *, limit: int = 50) -> list[Alert]:
        """Newest first."""
        query = _ALERTS.where(AlertRow.state != AlertState.RESOLVED.value)
        return [
            _alert(row)
            for row in self._connection.execute(query.order_by(AlertRow.last_at.desc()).limit(limit))
        ]

    def between(self, after: datetime, before: datetime) -> list[Alert]:
        """Alerts that began in that time, oldest first."""
        query = _ALERTS.where(AlertRow.first_at >= after, AlertRow.first_at < before)
        return [_alert(row) for row in self._connection.execute(query.order_by(AlertRow.first_at))]

    def by_cause(self, cause: str) -> Alert | None:
        """The unresolved one of that cause."""
        query = _ALERTS.where(AlertRow.cause == cause, AlertRow.state != AlertState.RESOLVED.value)
        row = self._connection.execute(query).first()
        return _alert(row) if row else None

    def about(self, id: str, *, limit: int = 50) -> list[About]:
        """What it is about: what is not mended yet first, then the newest first."""
        row = AlertSubjectRow
        query = (
            select(row.subject, row.at, row.mended_at)
            .where(row.alert_id == id)
            .order_by(row.mended_at.isnot(None), row.at.desc())
            .limit(limit)
        )
        found = self._connection.execute(query)
        return [About(Subject.parse(r.subject), r.at, r.mended_at) for r in found]

    def suffering(self, id: str) -> int:
        """How many things suffer from it still."""
        row = AlertSubjectRow
        query = select(func.count()).where(row.alert_id == id, row.mended_at.is_(None))
        return self._connection.execute(query).scalar_one()

    def open(
        self,
        kind: AlertKind,
        subject: Subject,
        what: str,
        now: datetime,
        *,
        kept: str,
        remedy: str,
        group: Subject | None = None,
        severity: Severity | None = None,
        **more: Any,
    ) -> tuple[Alert, News]:
        """The alert as it stands now: the same cause is counted up, and whoever acknowledged it has it still.

        group: what makes several subjects one cause.  severity: unless it is that of the kind.  more: other fields of an Alert.
        """
        alert = Alert(
            id=new_id(),
            kind=kind,
            severity=severity or KINDS[kind].severity,
            cause=f"{kind.value}/{group or subject}",
            subject=subject,
            state=AlertState.OPEN,
            what=what,
            kept=kept,
            remedy=remedy,
            count=1,
            first_at=now,
            last_at=now,
            **more,
        )
        stands, news = self._opened(alert, now)
        key = {"alert_id": stands.id, "subject": str(subject)}
        if not put_unless_there(self._connection, AlertSubjectRow, **key, at=now, mended_at=None):
            where = (AlertSubjectRow.alert_id == stands.id, AlertSubjectRow.subject == str(subject))
            attempt(self._connection, AlertSubjectRow, *where, values={"at": now, "mended_at": None})
        return stands, news

    def _opened(self, alert: Alert, now: datetime) -> tuple[Alert, News]:
        if back := self._back(alert, now):
            return back, "again"
        if put_unless_there(self._connection, AlertRow, **_row(alert)):
            return alert, "new"
        return self._counted_up(alert), "more"

    def _back(self, alert: Alert, now: datetime) -> Alert | None:
        """The one of that cause that was resolved a moment ago, open again; None if there is none, or one is open."""
        row = AlertRow
        query = _ALERTS.where(row.cause == alert.cause).order_by(row.first_at.desc(), row.id).limit(1)
        found = self._connection.execute(query).first()
        last = _alert(found) if found else None
        if last is None or last.resolved_at is None or last.resolved_at < now - FLAPS:
            return None
        words = {"what": alert.what, "kept": alert.kept, "remedy": alert.remedy, "last_at": now}
        return self.change(
            last,
            state=AlertState.OPEN,
            severity=alert.severity.value,  # it may have become worse
            count=last.count + 1,
            reopened=last.reopened + 1,
            level=0,
            round=last.round + 1,
            handled_by="",
            acknowledged_at=None,
            resolved_at=None,
            **words,
        )

    def _counted_up(self, alert: Alert) -> Alert:
        """Whatever else changed about it meanwhile: who counts has nothing to compare. Raises Raced if it was resolved."""
        row = AlertRow
        same = (row.cause == alert.cause, row.state != AlertState.RESOLVED.value)
        values = {
            **{"what": alert.what, "kept": alert.kept, "remedy": alert.remedy, "last_at": alert.last_at},
            **{"count": row.count + 1, "revision": row.revision + 1},
        }
        swap(self._connection, row, *same, values=values, lost="The alert was resolved at the same moment.")
        return _alert(one(self._connection, _ALERTS.where(*same), "The alert was resolved."))

    def mend(self, alert: Alert, subject: Subject, now: datetime) -> int:
        """That one thing is well again. How many suffer still."""
        row = AlertSubjectRow
        where = (row.alert_id == alert.id, row.subject == str(subject), row.mended_at.is_(None))
        attempt(self._connection, row, *where, values={"mended_at": now})
        return self.suffering(alert.id)

    def mend_all(self, alert: Alert, now: datetime) -> None:
        row = AlertSubjectRow
        where = (row.alert_id == alert.id, row.mended_at.is_(None))
        self._connection.execute(update(row).where(*where).values(mended_at=now))

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


def _row(alert: Alert) -> dict[str, Any]:
    row = {name: getattr(alert, name) for name in _FIELDS}
    words = {"kind": alert.kind.value, "severity": alert.severity.value, "state": alert.state.value}
    return row | words | {"subject": str(alert.subject)}


def _alert(row: Any) -> Alert:
    values = {name: getattr(row, name) for name in _FIELDS}
    values |= {
        "kind": AlertKind(row.kind),
        "severity": Severity(row.severity),
        "subject": Subject.parse(row.subject),
        "state": AlertState(row.state),
    }
    return Alert(**values)
