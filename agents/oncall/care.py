"""What people do with an alert itself: take it, end it, quieten it, hand it to somebody, call for more.

Each is a compare-and-set with an event. What mends the thing that failed is in `remedy`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from agents.errors import Conflict, Invalid
from agents.events import Event
from agents.oncall.alert import Alert, AlertState
from agents.oncall.escalation import hurried
from agents.oncall.kinds import Severity
from agents.people import Person, Role
from agents.work import Work

LONGEST_SILENCE = timedelta(days=14)
"""Who wants to hear nothing for longer wants the cause mended, or the kind made milder."""


def acknowledge(id: str, by: Person, work: Work, *, via: str = "") -> Alert:
    """Somebody has it, so nobody else is asked. Pressed again by the same person it says that they are still at it.

    Raises Conflict if somebody else has it, or it is resolved.
    """
    by.must_be(Role.EDITOR, "acknowledge an alert")
    alert = work.alerts.get(id)
    if alert.state is AlertState.ACKNOWLEDGED and alert.handled_by != by.name:
        raise Conflict(
            f"{alert.handled_by} has this alert already.",
            remedy="Reassign… gives it to somebody else.",
        )
    changes = {"state": AlertState.ACKNOWLEDGED, "handled_by": by.name, "acknowledged_at": work.now}
    after = _moved(alert, "alert.acknowledged", by, via, work, changes)
    work.remind(after)
    return after


def resolve(id: str, by: Person, work: Work, *, via: str = "") -> Alert:
    """A person says that it is over: whatever suffered from it counts as mended."""
    by.must_be(Role.EDITOR, "resolve an alert")
    alert = work.alerts.get(id)
    work.alerts.mend_all(alert, work.now)
    changes = {"state": AlertState.RESOLVED, "handled_by": by.name, "resolved_at": work.now}
    return _moved(alert, "alert.resolved", by, via, work, changes)


def silence(id: str, until: datetime | None, by: Person, work: Work, *, via: str = "") -> Alert:
    """Nobody is paged before `until`; the card stays. None ends a silence.

    Raises Invalid for a time that has passed or is more than LONGEST_SILENCE ahead, Conflict for what is resolved.
    """
    by.must_be(Role.EDITOR, "silence an alert")
    alert = _unresolved(id, "silence it", work)
    if until is not None and not work.now < until <= work.now + LONGEST_SILENCE:
        raise Invalid(
            f"An alert is silent for {LONGEST_SILENCE.days} days at most, and not into the past.",
            remedy="Give a nearer time to come.",
            field="until",
        )
    changes = {"silenced_until": until}
    if until is not None:
        after = _moved(alert, "alert.silenced", by, via, work, changes, until=until.isoformat())
    else:
        after = _moved(alert, "alert.unsilenced", by, via, work, changes)
    work.page(
        after
    )  # the timers wait for the end of the silence that was before, and this one may end earlier
    work.remind(after)
    return after


def reassign(id: str, to: Person, by: Person, work: Work, *, via: str = "") -> Alert:
    """It is theirs from here on: they are asked first, and whoever acknowledged it before has it no longer.

    Raises Invalid for somebody who could not deal with it.
    """
    by.must_be(Role.EDITOR, "reassign an alert")
    alert = _unresolved(id, "reassign it", work)
    if to.removed_at is not None or not to.role.covers(Role.EDITOR):
        raise Invalid(
            f"{to.name} could not deal with it: that takes {Role.EDITOR.a}.",
            remedy="Choose somebody else.",
            field="to",
        )
    anew = {"level": 0, "round": alert.round + 1, "stepped_at": work.now}
    changes = {"assigned_to": to.id, **_NOBODYS, **anew}
    after = _moved(alert, "alert.assigned", by, via, work, changes, to=to.id)
    work.tell(to.id, after.about)
    work.page(after)
    return after


def escalate_now(id: str, by: Person, work: Work, *, via: str = "") -> Alert:
    """The next to be asked are asked at once, whoever has it and whatever silence there was.

    Where nobody is left to be asked, it becomes so much worse that somebody is; the worst is asked about from the start.
    """
    by.must_be(Role.EDITOR, "escalate an alert")
    alert = _unresolved(id, "escalate it", work)
    worse, level = _next_step(alert, work)
    policy = work.escalations.of(alert.persona_id, worse)
    changes = {
        **_NOBODYS,
        "severity": worse.value,
        "level": level,
        "round": alert.round + (level != alert.level),
        "stepped_at": hurried(replace(alert, level=level), policy, work.now),
        "silenced_until": None,
    }
    after = _moved(alert, "alert.escalated", by, via, work, changes)
    work.page(after)
    return after


_NOBODYS = {"state": AlertState.OPEN, "handled_by": "", "acknowledged_at": None}


def _next_step(alert: Alert, work: Work) -> tuple[Severity, int]:
    """The severity under whose policy somebody is still to be asked, and the step's number from 0."""
    if alert.level < len(work.escalations.of(alert.persona_id, alert.severity).steps):
        return alert.severity, alert.level
    for severity in reversed(Severity):
        worse = severity.covers(alert.severity) and severity is not alert.severity
        if worse and work.escalations.of(alert.persona_id, severity).steps:
            return severity, 0
    return alert.severity, 0


def _unresolved(id: str, doing: str, work: Work) -> Alert:
    alert = work.alerts.get(id)
    if alert.state is AlertState.RESOLVED:
        raise Conflict(f"This alert was resolved by {alert.handled_by}, so you cannot {doing}.")
    return alert


def _moved(
    alert: Alert, event: str, by: Person, via: str, work: Work, changes: Mapping[str, Any], **noted: str
) -> Alert:
    """noted: what the event says besides state and severity."""
    after = work.alerts.change(alert, **changes)
    was, now = ({"state": one.state.value, "severity": one.severity.value} for one in (alert, after))
    work.record(Event(event, alert.about, by.acting(via), before=was, after=now | noted))
    return after
