"""Who is asked when nobody answers: the steps of a policy, whom each means, and when the next one is due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from agents.oncall.alert import Alert
from agents.oncall.kinds import Severity
from agents.people import Person, Role

MOST_STEPS = 4
LATEST = timedelta(days=7)
"""The longest that a step may wait."""
LAYERS = 9
UNSEEN = timedelta(seconds=60)
"""A page by chat of which nothing stands there so long afterwards has failed."""
DAMPED = timedelta(minutes=30)
"""After a page of an alert, before one that comes back pages again, unless it is critical."""
REMINDERS = 2
"""Of what somebody acknowledged and does not resolve; the next time it is open again."""
REMIND_AFTER: Mapping[Severity, timedelta] = {
    Severity.CRITICAL: timedelta(hours=1),
    Severity.HIGH: timedelta(hours=4),
    Severity.MEDIUM: timedelta(hours=24),
}
"""How long after it was acknowledged, after the first reminder, and after the second. None for what is mild."""


@dataclass(frozen=True, slots=True)
class Step:
    """after: whole minutes, 0 to LATEST, counted from the beginning of the round.

    targets: "layer:1" to "layer:9", "managers", "owners" or "person:ID".
    """

    after: timedelta
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """Each step later than the one before; none where a card in the channel is enough."""

    steps: tuple[Step, ...] = ()

    @property
    def mark(self) -> str:
        """What tells one policy from another on a button: eight hexadecimal digits."""
        return sha256(repr(self.stored()).encode()).hexdigest()[:8]

    def stored(self) -> list[dict[str, Any]]:
        """As JSON values."""
        return [
            {"after": step.after // timedelta(minutes=1), "targets": list(step.targets)}
            for step in self.steps
        ]

    @classmethod
    def of(cls, stored: Sequence[Mapping[str, Any]]) -> Policy:
        return cls(tuple(Step(timedelta(minutes=step["after"]), tuple(step["targets"])) for step in stored))


def _after(minutes: int, *targets: str) -> Step:
    return Step(timedelta(minutes=minutes), targets)


DEFAULTS: Mapping[Severity, Policy] = {
    Severity.CRITICAL: Policy(
        (
            _after(0, "layer:1"),
            _after(5, "layer:1", "layer:2"),
            _after(15, "managers"),
            _after(30, "owners"),
        )
    ),
    Severity.HIGH: Policy((_after(0, "layer:1"), _after(15, "layer:2"), _after(60, "managers"))),
    Severity.MEDIUM: Policy((_after(0, "layer:1"),)),
    Severity.LOW: Policy(),
}


def due(alert: Alert, policy: Policy) -> datetime | None:
    """When the next step is to be taken; None when there is none left. A silence puts it off to its end, and a gap more."""
    if alert.level >= len(policy.steps):
        return None
    since = alert.stepped_at or alert.first_at
    if alert.silenced_until is not None:
        since = max(since, alert.silenced_until)
    return since + _gap(alert.level, policy)


def hurried(alert: Alert, policy: Policy, now: datetime) -> datetime:
    """The `stepped_at` with which its next step is due now, whatever time it had left."""
    return now - _gap(alert.level, policy) if alert.level < len(policy.steps) else now


def begins(alert: Alert, paged_at: datetime | None, now: datetime) -> datetime:
    """From when on the steps count of an alert that came back now.  paged_at: its last page, None if there was none."""
    damped = paged_at is not None and alert.severity is not Severity.CRITICAL
    return max(now, paged_at + DAMPED) if damped and paged_at else now


def _gap(level: int, policy: Policy) -> timedelta:
    """Between the step of that number, from 0, and the one before it; between the first and the beginning."""
    before = policy.steps[level - 1].after if level else timedelta()
    return policy.steps[level].after - before


def who(
    step: Step, *, assigned_to: str, on_call: Mapping[int, str], people: Sequence[Person]
) -> tuple[str, ...]:
    """Ids of the people whom a step means, each once.

    assigned_to: "" for nobody; asked instead of the first layer.  on_call: by layer.  people: those of the team.
    Where nobody answers to a target there are the managers, and if there are none, the owners.
    """
    there = {person.id for person in people}
    managers = [p.id for p in people if p.role is Role.MANAGER]
    owners = [p.id for p in people if p.role is Role.OWNER]
    asked: dict[str, None] = {}
    for target in step.targets:
        kind, _, of = target.partition(":")
        if kind == "layer":
            first = assigned_to if of == "1" and assigned_to in there else ""
            named = [first or on_call.get(int(of), "")]
        else:
            named = {"person": [of], "managers": managers, "owners": owners}[kind]
        found = [id for id in named if id in there]
        asked |= dict.fromkeys(found or managers or owners)
    return tuple(asked)


def remind_at(alert: Alert, reminded_at: Sequence[datetime]) -> datetime | None:
    """When whoever acknowledged it is to be reminded, or after REMINDERS when it is to be open again; None for never.

    reminded_at: since it was acknowledged, in order.
    """
    gap = REMIND_AFTER.get(alert.severity)
    if gap is None or alert.acknowledged_at is None:
        return None
    moments = [alert.acknowledged_at, *reminded_at]
    if alert.silenced_until is not None:
        moments.append(alert.silenced_until)
    return max(moments) + gap
