"""Something failed and a person must know: what, for whom, what was not lost, what to press."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from agents.errors import Conflict
from agents.events import Subject
from agents.oncall.kinds import AlertKind, Severity

FLAPS = timedelta(minutes=10)
"""A cause that comes back so soon after it was resolved is the same alert again, not a new one."""


class AlertState(StrEnum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


ALLOWED: Mapping[AlertState, frozenset[AlertState]] = {
    AlertState.OPEN: frozenset({AlertState.OPEN, AlertState.ACKNOWLEDGED, AlertState.RESOLVED}),
    AlertState.ACKNOWLEDGED: frozenset(AlertState),
    AlertState.RESOLVED: frozenset({AlertState.OPEN}),
}


@dataclass(frozen=True, slots=True)
class Alert:
    """The same cause is one alert with a count, while it is not resolved and for FLAPS afterwards."""

    id: str
    kind: AlertKind
    severity: Severity
    cause: str
    """What makes two failures one alert: kind and group."""
    subject: Subject
    """What failed first, or the one thing that did."""
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
    why: str = ""
    """The likely cause, "" for what its kind says."""
    handled_by: str = ""
    """Name of who acknowledged or resolved it."""
    persona_id: str = ""
    """Whose work it concerns, "" for nobody's in particular."""
    assigned_to: str = ""
    """Id of the person whose it is, "" for whoever is on call."""
    level: int = 0
    """How far it was escalated: steps of the policy that were taken in this round."""
    round: int = 0
    """How often its policy began anew: it came back, or whoever acknowledged it did nothing."""
    stepped_at: datetime | None = None
    """When the step that was taken last was due, or this round began: from then on the next one's time counts. None: from
    `first_at` on."""
    reopened: int = 0
    """How often it came back within FLAPS."""
    drill: bool = False
    silenced_until: datetime | None = None
    acknowledged_at: datetime | None = None
    resolved_at: datetime | None = None
    link: str = ""
    """A page outside that says more, "" for none."""
    revision: int = 1

    @property
    def about(self) -> Subject:
        """The alert itself, as the subject of its card and events."""
        return Subject("alert", self.id)

    @property
    def flaps(self) -> bool:
        return self.reopened > 1

    def silent(self, now: datetime) -> bool:
        return self.silenced_until is not None and now < self.silenced_until

    def must(self, to: AlertState) -> None:
        """Raises Conflict naming both states unless the move is allowed."""
        if to not in ALLOWED[self.state]:
            who = f" by {self.handled_by}" if self.handled_by else ""
            raise Conflict(f"This alert is {self.state.value}{who}, so it cannot become {to.value}.")


@dataclass(frozen=True, slots=True)
class About:
    """One of the things that an alert is about.  at: when it failed last."""

    subject: Subject
    at: datetime
    mended_at: datetime | None


class Alerts(Protocol):
    """Where alerts are kept. `change` is a compare-and-set and raises Raced for the loser."""

    def get(self, id: str) -> Alert: ...
    def about(self, id: str, *, limit: int = 50) -> Sequence[About]:
        """What is not mended yet first, then the newest first."""

    def suffering(self, id: str) -> int: ...
    def change(self, before: Alert, **changes: Any) -> Alert: ...
    def mend_all(self, alert: Alert, now: datetime) -> None:
        """Nothing suffers from it any more."""
