"""How one person is asked about an alert: directly in chat, by their contacts, and not in their quiet hours."""

from __future__ import annotations

from datetime import datetime

from agents.jobs import JobName
from agents.oncall.alert import Alert
from agents.oncall.escalation import UNSEEN
from agents.oncall.kinds import Severity
from agents.oncall.page import Page, PageState, Way
from agents.people import Person
from storage.messages import CONSOLE
from storage.unit_of_work import UnitOfWork

_CHATS: tuple[Way, Way] = ("chat", "console")


def ask(person: Person, alert: Alert, work: UnitOfWork) -> None:
    """At the alert's present level, once. Held while their quiet hours are on."""
    if any(p.person_id == person.id and p.created_at == work.now for p in work.pages.of(alert.id)):
        return  # by an earlier step that was overdue as well
    chats = [one for one in work.people.identities(person.id) if one.surface != CONSOLE]
    held = quiet_until(person, alert, work) is not None
    page = _page(person.id, "chat" if chats else "console", "", alert, work, held=held)
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
        if work.pages.stands(page):
            work.pages.move(page, state=PageState.SENT, sent_at=work.now)
        elif page.created_at + UNSEEN > work.now:
            next_at = min(page.created_at + UNSEEN, next_at or page.created_at + UNSEEN)
        elif work.pages.move(page, state=PageState.FAILED, trouble="Nothing of it stood in a chat in time."):
            _use_contacts(page, alert, work, every=True)
    return next_at


def settle(alert: Alert, work: UnitOfWork) -> None:
    """Nobody is to be asked any more: what is still under way in chat has arrived, or is not needed."""
    for page in work.pages.of(alert.id):
        if page.way in _CHATS and page.state in (PageState.HELD, PageState.OWED):
            arrived = page.state is PageState.OWED and work.pages.stands(page)
            work.pages.move(page, state=PageState.SENT if arrived else PageState.DROPPED)


def _speak(page: Page, alert: Alert, work: UnitOfWork) -> None:
    again = f"Nobody has this alert yet: {alert.what} Its card is above."
    work.tell(page.person_id, alert.about, again=again)
    if page.way == "console":
        work.pages.move(page, state=PageState.SENT, sent_at=work.now)
    _use_contacts(page, alert, work, every=page.way == "console")


def _use_contacts(page: Page, alert: Alert, work: UnitOfWork, *, every: bool) -> None:
    """every: whatever severity they are for, because no chat reaches that person."""
    for contact in work.contacts.of(page.person_id):
        if not every and not contact.is_for(alert.severity):
            continue
        reach = Page(
            work.new_id(),
            alert.id,
            page.person_id,
            contact.way,
            contact.address,
            page.level,
            page.round,
            PageState.OWED,
            work.now,
        )
        if work.pages.add(reach):
            work.owe(JobName.REACH, reach.about)


def quiet_until(person: Person, alert: Alert, work: UnitOfWork) -> datetime | None:
    """When they may be asked; None for now."""
    if alert.severity is Severity.CRITICAL:
        return None
    quiet = work.contacts.quiet(person.id)
    return quiet.until(work.now, person.zone) if quiet else None


def _page(
    person_id: str, way: Way, address: str, alert: Alert, work: UnitOfWork, *, held: bool = False
) -> Page:
    state = PageState.HELD if held else PageState.OWED
    return Page(work.new_id(), alert.id, person_id, way, address, alert.level, alert.round, state, work.now)
