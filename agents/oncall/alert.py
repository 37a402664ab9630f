"""Something failed and a person must know: what, for whom, what was not lost, what to press."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from agents.errors import Conflict
from agents.events import Subject


class Severity(StrEnum):
    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class AlertKind(StrEnum):
    PUBLISH_FAILED = "publish_failed"
    PUBLISH_UNKNOWN = "publish_unknown"
    PUBLISH_MISSED = "publish_missed"
    TAKE_DOWN_FAILED = "take_down_failed"
    SIGN_IN_NEEDED = "sign_in_needed"
    WRITING_FAILED = "writing_failed"
    BUDGET_EXHAUSTED = "budget_exhausted"
    APPROVAL_ESCALATED = "approval_escalated"
    APPROVAL_EXPIRED = "approval_expired"
    JOB_FAILED = "job_failed"
    PROCESS_DOWN = "process_down"
    SURFACE_DOWN = "surface_down"
    CHANNEL_CLOSED = "channel_closed"
    DELIVERY_FAILED = "delivery_failed"


SEVERITIES: Mapping[AlertKind, Severity] = {
    AlertKind.PUBLISH_UNKNOWN: Severity.HIGH,
    AlertKind.PUBLISH_FAILED: Severity.HIGH,
    AlertKind.SIGN_IN_NEEDED: Severity.HIGH,
    AlertKind.PROCESS_DOWN: Severity.CRITICAL,
    AlertKind.SURFACE_DOWN: Severity.CRITICAL,
    AlertKind.APPROVAL_ESCALATED: Severity.LOW,
    AlertKind.APPROVAL_EXPIRED: Severity.LOW,
}
"""How bad each kind is; all others are MEDIUM."""


class AlertState(StrEnum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


ALLOWED: Mapping[AlertState, frozenset[AlertState]] = {
    AlertState.OPEN: frozenset({AlertState.OPEN, AlertState.ACKNOWLEDGED, AlertState.RESOLVED}),
    AlertState.ACKNOWLEDGED: frozenset({AlertState.ACKNOWLEDGED, AlertState.RESOLVED}),
    AlertState.RESOLVED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Alert:
    """The same cause is one alert with a count: `kind` and `subject` together, while it is not resolved."""

    id: str
    kind: AlertKind
    severity: Severity
    subject: Subject
    state: AlertState
    what: str
    """What failed, for whom, in a sentence."""
    kept: str
    """What was not lost."""
    remedy: str
    """What to press or do."""
    count: int
    first_at: datetime
    last_at: datetime
    handled_by: str = ""
    """Name of who acknowledged or resolved it."""
    revision: int = 1

    def must(self, to: AlertState) -> None:
        """Raises Conflict naming both states unless the move is allowed."""
        if to not in ALLOWED[self.state]:
            who = f" by {self.handled_by}" if self.handled_by else ""
            raise Conflict(f"This alert is {self.state.value}{who}, so it cannot become {to.value}.")
