"""How one person is asked about an alert: directly in chat, by their contacts, and not in their quiet hours."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from agents.events import TROUPE, Event, Subject
from agents.jobs import JobName
from agents.oncall.alert import Alert
from agents.oncall.escalation import UNSEEN
from agents.oncall.kinds import AlertKind, Severity
from agents.oncall.page import Page, PageState
from agents.people import Person
from storage.messages import CONSOLE
from storage.unit_of_work import UnitOfWork

_UNSEEN = "Nothing of it stood in a chat in time."


def ask(person: Person, alert: Alert, work: UnitOfWork) -> None:
    """At the alert's present level, once. Held while their quiet hours are on."""
    if any(p.person_id == person.id and p.created_at == work.now for p in work.pages.of(alert.id)):
        return  # by an earlier step that was overdue as well
    held = quiet_until(person, alert, work) is not None
    page = Page(
        id=work.new_id(),
        alert_id=alert.id,
        person_id=person.id,
        way="chat" if any(one.surface != CONSOLE for one in work.people.identities(person.id)) else "console",
        address="",
        level=alert.level,
        round=alert.round,
        state=PageState.HELD if held else PageState.OWED,
        created_at=work.now,
    )
    if work.pages.add(page) and not held:
        _speak(page, alert, work)


def let_go(alert: Alert, work: UnitOfWork) -> datetime | None:
    """Those whose quiet hours are over are asked now. When the next ones' end; None if nobody's are on."""
    next_end: datetime | None = None
    asked: set[str] = set()
    for page in work.pages.of(alert.id):
        if page.state is not PageState.HELD:
            continue
        person = work.people.get(page.person_id)
        ends = quiet_until(person, alert, work)
        if ends is not None:
            next_end = min(ends, next_end or ends)
        elif person.removed_at is not None or page.round != alert.round or person.id in asked:
            work.pages.move(page, state=PageState.DROPPED, trouble="They were asked by another step.")
        elif work.pages.move(page, state=PageState.OWED, created_at=work.now):
            asked.add(person.id)
            _speak(work.pages.get(page.id), alert, work)
    return next_end


def judge(alert: Alert, work: UnitOfWork) -> datetime | None:
    """Of what was said in chat: what stands there arrived; for what does not in time, every contact is used.

    When the next is to be judged; None if none is.
    """
    next_at: datetime | None = None
    for page in work.pages.of(alert.id):
        if page.state is not PageState.OWED or page.way != "chat":
            continue
        if page.round != alert.round:
            _settled(page, work)
        elif work.pages.stands(page):
            work.pages.move(page, state=PageState.SENT, sent_at=work.now)
            work.resolve_about(Subject("person", page.person_id), "Troupe")
        elif page.created_at + UNSEEN > work.now:
            next_at = min(page.created_at + UNSEEN, next_at or page.created_at + UNSEEN)
        elif work.pages.move(page, state=PageState.FAILED, trouble=_UNSEEN):
            _chat_failed(page, alert, work)
    return next_at


def settle(alert: Alert, work: UnitOfWork) -> None:
    """Nobody is to be asked any more."""
    for page in work.pages.of(alert.id):
        if page.way in ("chat", "console") and page.state in (PageState.HELD, PageState.OWED):
            _settled(page, work)


def _settled(page: Page, work: UnitOfWork) -> None:
    """What is still under way in chat has arrived, or is not needed."""
    arrived = page.state is PageState.OWED and work.pages.stands(page)
    work.pages.move(page, state=PageState.SENT if arrived else PageState.DROPPED)


def _chat_failed(page: Page, alert: Alert, work: UnitOfWork) -> None:
    person = work.people.get(page.person_id)
    after = {"who": person.name, "way": "chat", "why": _UNSEEN}
    work.record(Event("alert.reach_failed", alert.about, TROUPE, after=after))
    _use_contacts(page, alert, work, every=True)
    if work.contacts.of(person.id) or alert.kind is AlertKind.PAGE_FAILED:
        return  # a page about a page that failed begins no chain of them
    work.raise_alert(
        AlertKind.PAGE_FAILED,
        person.subject,
        f"{person.name} was to be asked about an alert, has no address outside of chat, and nothing stood there in time.",
        kept="The alert stands on its card, and the next in line are asked as ever.",
        remedy=f"See why the chat is down: /status. {person.name} adds an address for next time: /reach email.",
        drill=alert.drill,
    )


def _speak(page: Page, alert: Alert, work: UnitOfWork) -> None:
    again = f"Nobody has this alert yet: {alert.what} Its card is above."
    work.tell(page.person_id, alert.about, again=again)
    if page.way == "console":
        work.pages.move(page, state=PageState.SENT, sent_at=work.now)
    _use_contacts(page, alert, work, every=page.way == "console")


def _use_contacts(page: Page, alert: Alert, work: UnitOfWork, *, every: bool) -> None:
    """every: whatever severity they are for, because no chat reaches that person."""
    for contact in work.contacts.of(page.person_id):
        if every or contact.is_for(alert.severity):
            outside = replace(page, id=work.new_id(), way=contact.way, address=contact.address)
            outside = replace(outside, state=PageState.OWED, created_at=work.now, trouble="", sent_at=None)
            if work.pages.add(outside):
                work.owe(JobName.REACH, outside.about)


def quiet_until(person: Person, alert: Alert, work: UnitOfWork) -> datetime | None:
    """When they may be asked; None for now."""
    if alert.severity is Severity.CRITICAL:
        return None
    quiet = work.contacts.quiet(person.id)
    return quiet.until(work.now, person.zone) if quiet else None
