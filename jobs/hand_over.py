"""At each hand-over it is said once who goes, who comes, and what is open."""

from __future__ import annotations

from datetime import datetime, timedelta

from agents.errors import NotFound, Raced
from agents.events import TROUPE, Event, Subject
from agents.jobs import JobName, Later
from agents.oncall.kinds import AlertKind
from agents.oncall.rota import Rota, Shift, shift_at
from bot.present.hand_over import words
from bot.wiring import Troupe
from storage.unit_of_work import UnitOfWork

AFTER_GIVING_UP = timedelta(hours=1)


def hand_over(troupe: Troupe, subject: Subject) -> None:
    with troupe.storage.unit_of_work() as work:
        next_at = _hand_over(subject, work)
    if next_at is not None:
        raise Later("The shift runs.", next_at)


def give_up(id: str, what: str, work: UnitOfWork) -> None:
    """The next one is said anyhow."""
    work.raise_alert(
        AlertKind.JOB_FAILED,
        Subject("rota", id),
        what,
        kept="Whoever is on call is asked all the same; only nobody was told of the hand-over.",
        remedy="/oncall who shows whose turn it is.",
    )
    work.owe(JobName.HAND_OVER, Subject("rota", id), work.now + AFTER_GIVING_UP)


def _hand_over(subject: Subject, work: UnitOfWork) -> datetime | None:
    """When the shift ends that runs now; None if there is no such rota any more."""
    try:
        rota = work.rotas.get(subject.id)
    except NotFound:
        return None
    work.jobs.forget(subject, JobName.HAND_OVER)  # others that are owed for the same rota: this one goes on
    overrides = work.rotas.overrides(work.now, rota.id)
    shift = shift_at(rota, overrides, work.now)
    if _is_news(rota, shift, work) and shift.starts_at > rota.created_at:
        before = shift_at(rota, overrides, shift.starts_at - timedelta(microseconds=1))
        if before.person_id != shift.person_id:
            _say(rota, before.person_id, shift, work)
    return shift.ends_at


def _is_news(rota: Rota, shift: Shift, work: UnitOfWork) -> bool:
    """Notes which shift runs now; False if that was noted before. Raises Raced if another worker does at this moment."""
    name, value = f"shift/{rota.id}", {"person_id": shift.person_id, "since": shift.starts_at.isoformat()}
    was = work.switches.get(name)
    if was == value:
        return False
    if (was is not None and not work.switches.clear(name)) or not work.switches.set(name, value):
        raise Raced("Another worker notes the hand-over at this moment.")
    return True


def _say(rota: Rota, goes: str, shift: Shift, work: UnitOfWork) -> None:
    going, coming = work.people.get(goes), work.people.get(shift.person_id)
    text = words(rota, going, coming, shift.ends_at, work.alerts.unresolved(limit=1000))
    work.announce(text)
    for person in (going, coming):
        if person.removed_at is None:
            work.say_to(person.id, text)
    after = {"from": going.name, "to": coming.name, "until": shift.ends_at.isoformat()}
    work.record(Event("rota.handed_over", rota.subject, TROUPE, after=after))
