"""Changing who is asked when nobody answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from agents.errors import Invalid, Stale
from agents.events import Event, Subject
from agents.oncall.alert import Alert, AlertState
from agents.oncall.escalation import LATEST, MOST_STEPS, Policy
from agents.oncall.kinds import Severity
from agents.people import People, Person, Role
from agents.personas.persona import Persona


class Escalations(Protocol):
    def of(self, persona_id: str, severity: Severity) -> Policy: ...
    def set(self, persona_id: str, severity: Severity, policy: Policy, by: str) -> None: ...
    def reset(self, persona_id: str, severity: Severity) -> bool: ...


class Alerts(Protocol):
    def unresolved(self, *, limit: int = 50) -> Sequence[Alert]: ...


class Personas(Protocol):
    def get(self, id: str) -> Persona: ...


class Work(Protocol):
    @property
    def alerts(self) -> Alerts: ...
    @property
    def escalations(self) -> Escalations: ...
    @property
    def people(self) -> People: ...
    @property
    def personas(self) -> Personas: ...
    def record(self, event: Event) -> None: ...
    def page(self, alert: Alert) -> None: ...


def set_policy(
    persona_id: str,
    severity: Severity,
    policy: Policy,
    by: Person,
    work: Work,
    *,
    seen: str = "",
    via: str = "",
) -> Policy:
    """Holds for alerts that are open, too: what is overdue under it is done at once.

    persona_id: "" for every persona that has none of its own.  seen: the mark of what the form was opened on, "" for none.
    Raises Invalid, naming the field of the step, for one under which somebody waits in vain.
    """
    by.must_be(Role.MANAGER, "change who is asked when nobody answers")
    before = work.escalations.of(persona_id, severity)
    if seen and seen != before.mark:
        raise Stale(
            f"The escalation of {severity.value} alerts was changed since that form was opened; nothing was saved.",
            remedy="Press Change… again.",
        )
    _must_reach_somebody(severity, policy, work.people.everyone())
    if policy != before:
        work.escalations.set(persona_id, severity, policy, by.name)
        _changed(persona_id, severity, before, policy, by, work, via)
    return policy


def reset(
    persona_id: str, severities: Sequence[Severity], by: Person, work: Work, *, via: str = ""
) -> list[Severity]:
    """The default again, or for a persona that of the team. Which of them had been changed."""
    by.must_be(Role.MANAGER, "change who is asked when nobody answers")
    ended = []
    for severity in severities:
        before = work.escalations.of(persona_id, severity)
        if work.escalations.reset(persona_id, severity):
            after = work.escalations.of(persona_id, severity)
            _changed(persona_id, severity, before, after, by, work, via)
            ended.append(severity)
    return ended


def _changed(
    persona_id: str, severity: Severity, before: Policy, after: Policy, by: Person, work: Work, via: str
) -> None:
    about = work.personas.get(persona_id).subject if persona_id else Subject("escalation", severity.value)
    was, now = ({"severity": severity.value, "steps": policy.stored()} for policy in (before, after))
    work.record(Event("escalation.changed", about, by.acting(via), before=was, after=now))
    for alert in work.alerts.unresolved(limit=1000):
        if alert.severity is severity and alert.state is AlertState.OPEN:
            work.page(alert)


def _must_reach_somebody(severity: Severity, policy: Policy, people: Sequence[Person]) -> None:
    if not policy.steps and severity.covers(Severity.HIGH):
        raise Invalid(
            f"Nobody would ever be asked about a {severity.value} alert.",
            remedy=f"Write a step, or /oncall escalation reset {severity.value}.",
            field="step1",
        )
    if len(policy.steps) > MOST_STEPS:
        raise Invalid(f"{MOST_STEPS} steps at most, please.", field=f"step{MOST_STEPS}")
    known = {person.id for person in people}
    last = None
    for number, step in enumerate(policy.steps, 1):
        field = f"step{number}"
        if step.after > LATEST:
            raise Invalid(f"A step waits {LATEST.days} days at most.", field=field)
        if last is not None and step.after <= last:
            raise Invalid(f"Step {number} does not come after the one before it.", field=field)
        if not step.targets:
            raise Invalid(f"Step {number} asks nobody.", field=field)
        strangers = [t for t in step.targets if t.startswith("person:") and t[7:] not in known]
        if strangers:
            raise Invalid(
                f"Step {number} asks somebody who left.", remedy="Choose from /people list.", field=field
            )
        last = step.after
