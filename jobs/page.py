"""Asking people about an alert until one of them has it, and reminding that one.

One job attends to an alert. All that it knows is in rows, and it puts itself off to the next moment at which there is something
to do: whenever it runs, and however often, it does what is due by then and nothing twice.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from agents.errors import NotFound
from agents.events import TROUPE, Event, Subject
from agents.jobs import JobName, Later
from agents.oncall.alert import Alert, AlertState
from agents.oncall.escalation import REMINDERS, Step, due, remind_at, who
from agents.oncall.page import Page, PageState
from agents.oncall.rota import on_call
from agents.people import Person
from bot.wiring import Troupe
from jobs import asking
from storage.unit_of_work import UnitOfWork

AFTER_GIVING_UP = timedelta(minutes=10)
"""Whatever was wrong with the job, an alert is not forgotten."""


def page(troupe: Troupe, subject: Subject) -> None:
    with troupe.storage.unit_of_work() as work:
        again = _attend(subject.id, work)
    if again is not None:
        raise Later("Nobody has the alert yet.", again)


def remind(troupe: Troupe, subject: Subject) -> None:
    with troupe.storage.unit_of_work() as work:
        again = _remind(subject.id, work)
    if again is not None:
        raise Later("The alert is not resolved yet.", again)


def give_up(id: str, what: str, work: UnitOfWork) -> None:
    """No alert about it: whoever was to hear of that could not be asked either. Owners find the card, and it is tried on."""
    work.show_owners(Subject("alert", id))
    work.owe(JobName.PAGE, Subject("alert", id), work.now + AFTER_GIVING_UP)


def give_up_reminding(id: str, what: str, work: UnitOfWork) -> None:
    work.show_owners(Subject("alert", id))
    work.owe(JobName.REMIND_ALERT, Subject("alert", id), work.now + AFTER_GIVING_UP)


def _attend(id: str, work: UnitOfWork) -> datetime | None:
    """When to look again; None once nobody is to be asked any more."""
    alert = work.alerts.hold(id)
    if alert.state is not AlertState.OPEN:
        asking.settle(alert, work)
        return None
    if alert.silent(work.now):
        return alert.silenced_until
    policy = work.escalations.of(alert.persona_id, alert.severity)
    while (next_due := due(alert, policy)) is not None and next_due <= work.now:
        step = policy.steps[alert.level]
        alert = work.alerts.change(alert, level=alert.level + 1, stepped_at=next_due)
        _take(step, alert, work)
    moments = [next_due, asking.let_go(alert, work), asking.judge(alert, work)]
    return min((moment for moment in moments if moment is not None), default=None)


def _take(step: Step, alert: Alert, work: UnitOfWork) -> None:
    overrides = work.rotas.overrides(work.now)
    shifts = on_call(work.rotas.all(), overrides, work.now)
    asked = who(
        step,
        assigned_to=alert.assigned_to,
        on_call={layer: shift.person_id for layer, shift in shifts.items()},
        people=work.people.everyone(),
    )
    people = [work.people.get(id) for id in asked]
    for person in people:
        asking.ask(person, alert, work)
    after = {"step": alert.level, "asked": [person.name for person in people]}
    work.record(Event("alert.paged", alert.about, TROUPE, after=after))


def _remind(id: str, work: UnitOfWork) -> datetime | None:
    alert = work.alerts.hold(id)
    if alert.state is not AlertState.ACKNOWLEDGED or alert.acknowledged_at is None:
        return None
    reminders = [p for p in work.pages.of(alert.id) if p.way == "reminder" and p.round == alert.round]
    reminded = [p.created_at for p in reminders if p.created_at >= alert.acknowledged_at]
    at = remind_at(alert, reminded)
    if at is None or at > work.now:
        return at
    if alert.silent(work.now):
        return alert.silenced_until
    person = _whose(alert, work)
    if person is None or len(reminded) >= REMINDERS:
        _open_again(alert, work)
        return None
    quiet = asking.quiet_until(person, alert, work)
    if quiet is not None:
        return quiet
    _say_again(person, alert, len(reminders) + 1, work, last=len(reminded) + 1 == REMINDERS)
    return remind_at(alert, [*reminded, work.now])


def _say_again(person: Person, alert: Alert, number: int, work: UnitOfWork, *, last: bool) -> None:
    """number: of the reminder in this round, from 1.  last: it is open again afterwards."""
    reminder = Page(
        id=work.new_id(),
        alert_id=alert.id,
        person_id=person.id,
        way="reminder",
        address="",
        level=number,
        round=alert.round,
        state=PageState.SENT,
        created_at=work.now,
        sent_at=work.now,
    )
    if not work.pages.add(reminder):
        return
    text = f"You acknowledged this, and it is not resolved: {alert.what}"
    work.tell(
        person.id,
        alert.about,
        again=f"{text} If nothing happens, others are asked next time." if last else text,
    )
    work.record(Event("alert.reminded", alert.about, TROUPE, after={"asked": [person.name]}))


def _whose(alert: Alert, work: UnitOfWork) -> Person | None:
    """Who acknowledged it; None if that person left, or is called differently by now."""
    try:
        return work.people.by_name(alert.handled_by)
    except NotFound:
        return None


def _open_again(alert: Alert, work: UnitOfWork) -> None:
    """Whoever had it does nothing: a new round begins."""
    opened = work.alerts.change(
        alert,
        state=AlertState.OPEN,
        handled_by="",
        acknowledged_at=None,
        level=0,
        round=alert.round + 1,
        stepped_at=work.now,
    )
    before = {"state": alert.state.value, "handled_by": alert.handled_by}
    after = {"state": opened.state.value}
    work.record(Event("alert.reopened", alert.about, TROUPE, before=before, after=after))
    work.page(opened)
