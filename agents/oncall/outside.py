"""Alerts that another system raises: the same thing is one alert, and ends when that system says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from agents.events import Subject
from agents.oncall.alert import Alert
from agents.oncall.kinds import KINDS, AlertKind, Severity

KIND = AlertKind.EXTERNAL
SEVERITIES = {
    "critical": Severity.CRITICAL,
    "page": Severity.CRITICAL,
    "high": Severity.HIGH,
    "error": Severity.HIGH,
    "medium": Severity.MEDIUM,
    "warning": Severity.MEDIUM,
    "low": Severity.LOW,
    "info": Severity.LOW,
}
"""By the words that systems use for them."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What another system says.

    key: the same for the same thing, whatever else it says about it.  severity: None for what its kind says.
    link, runbook: addresses of pages, "" for none.  persona_id: whose work it concerns, "" for nobody's in particular.
    """

    key: str
    title: str
    firing: bool
    severity: Severity | None = None
    description: str = ""
    link: str = ""
    runbook: str = ""
    persona_id: str = ""

    @property
    def subject(self) -> Subject:
        """Short and safe, whatever the key is made of."""
        return Subject("external", sha256(self.key.encode()).hexdigest()[:20])


class Alerts(Protocol):
    def open_about(self, subject: Subject) -> list[Alert]: ...


class Work(Protocol):
    @property
    def alerts(self) -> Alerts: ...
    def raise_alert(
        self,
        kind: AlertKind,
        subject: Subject,
        what: str,
        *,
        kept: str,
        remedy: str,
        group: Subject | None = None,
        severity: Severity | None = None,
        why: str = "",
        persona_id: str = "",
        link: str = "",
    ) -> Alert: ...
    def resolve_about(self, subject: Subject, by: str) -> None: ...


def take(notice: Notice, sender: str, work: Work) -> Alert | None:
    """Raises, counts up or resolves. None for what is over.  sender: by what name the other system is known here."""
    subject = notice.subject
    if not notice.firing:
        work.resolve_about(subject, sender)
        return None
    severity = notice.severity or KINDS[KIND].severity
    before = work.alerts.open_about(subject)
    if any(severity.covers(alert.severity) and severity is not alert.severity for alert in before):
        # What gets worse is a new alert and is escalated from the beginning: whoever had the mild one may be asleep.
        work.resolve_about(subject, f"{sender}, which calls it {severity.value} now")
        before = []
    return work.raise_alert(
        KIND,
        subject,
        f"{notice.title}: {notice.description}" if notice.description else notice.title,
        kept="Troupe itself is not concerned.",
        remedy=_remedy(notice),
        group=Subject("external", f"{subject.id}-{_worst(severity, before).value}"),
        severity=_worst(severity, before),
        why=f"{sender} says so; its own page has the details." if notice.link else f"{sender} says so.",
        persona_id=notice.persona_id,
        link=notice.link,
    )


def _worst(severity: Severity, before: Sequence[Alert]) -> Severity:
    """One that gets milder stays the alert that it is."""
    return next((alert.severity for alert in before if alert.severity.covers(severity)), severity)


def _remedy(notice: Notice) -> str:
    return f"Follow its runbook: {notice.runbook}" if notice.runbook else "Look at the system that says so."
