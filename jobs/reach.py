"""Sending one page outside of chat: by e-mail or to a webhook, tried for half an hour, then the next address.

Nobody must miss a page, and one that comes twice harms nobody: it carries the same Message-ID or webhook-id, by which the
receiving end tells. So whatever dies between sending and noting sends it again, and a page is noted as sent only when the
other side said that it has it. (docs/decisions/0013)
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from agents.errors import Raced
from agents.events import TROUPE, Event, Subject
from agents.jobs import JobName, Later
from agents.oncall.alert import Alert, AlertState
from agents.oncall.kinds import AlertKind
from agents.oncall.page import Page, PageState
from agents.oncall.reach import Contact, Sending, Sent
from agents.people import Person
from bot.present import letter
from bot.present.draw import draw
from bot.present.letter import Letter
from bot.wiring import Troupe
from storage.unit_of_work import UnitOfWork

log = structlog.get_logger()

PAUSES = tuple(timedelta(seconds=s) for s in (15, 60, 240, 600, 900))
"""After each try that may be repeated: half an hour in all, and then others have long been asked."""
LONGEST_WAIT = PAUSES[-1]
"""However long the other side asks to be left alone."""
TRIES = {Sending.LATER: len(PAUSES) + 1, Sending.UNKNOWN: 2}
"""What may have arrived is sent once more, with the same id."""
RACES = 25
"""As many as the dispatcher's: what was sent has to be noted."""
NAMES = {"email": "e-mail", "webhook": "webhook"}


@dataclass(frozen=True, slots=True)
class Errand:
    """secret: what signs it, "" for a mail."""

    page: Page
    alert: Alert
    person: Person
    contact: Contact
    secret: str
    letter: Letter


def reach(troupe: Troupe, subject: Subject) -> None:
    with troupe.storage.unit_of_work() as work:
        errand = _begun(subject.id, troupe, work)
    if errand is None:
        return
    sent = hand_over(troupe, errand.contact, errand.secret, errand.letter)
    again = _surely_noted(errand, sent, troupe)
    if again is not None:
        raise Later(sent.words, again)


def hand_over(troupe: Troupe, contact: Contact, secret: str, told: Letter) -> Sent:
    """Waits for the network, so no transaction may be open."""
    now = troupe.clock()
    if contact.way == "webhook":
        return troupe.webhooks.post(contact.address, secret, told.id, told.data, now)
    if troupe.mailer is None:
        return Sent(Sending.REFUSED, "No mail server is set (SMTP_URL and SMTP_FROM).")
    from integrations.mail import Mail

    mail = Mail(contact.address, told.subject, told.text, told.html, told.id, told.about)
    return troupe.mailer.send(mail, now)


def give_up(id: str, what: str, work: UnitOfWork) -> None:
    """Every worker that took it died, or something is wrong with the job itself."""
    page = work.pages.get(id)
    if page.state is PageState.OWED:
        _failed(
            page,
            work.alerts.get(page.alert_id),
            work.contacts.find(page.person_id, page.way, page.address),
            what,
            work,
        )


def _begun(id: str, troupe: Troupe, work: UnitOfWork) -> Errand | None:
    """Counts the try before it is made. None where there is nothing to send, or another worker does."""
    page = work.pages.get(id)
    if page.state is not PageState.OWED:
        return None
    alert, person = work.alerts.get(page.alert_id), work.people.get(page.person_id)
    contact = work.contacts.find(page.person_id, page.way, page.address)
    if reason := _why_not(alert, person, contact):
        work.pages.move(page, state=PageState.DROPPED, trouble=reason)
        return None
    if alert.silent(work.now) and alert.silenced_until is not None:
        raise Later("The alert is silenced.", alert.silenced_until)
    if contact is None or not work.pages.move(page, tries=page.tries + 1):
        return None
    card = draw(alert.about, work, person)
    told = letter.of_alert(page.id, alert, card, person, troupe.public_url, work.now)
    secret = work.contacts.secret(contact.id) if contact.way == "webhook" else ""
    return Errand(replace(page, tries=page.tries + 1), alert, person, contact, secret, told)


def _why_not(alert: Alert, person: Person, contact: Contact | None) -> str:
    """Why the page is not needed any more, "" if it is."""
    if alert.state is not AlertState.OPEN:
        return f"The alert was {alert.state.value} before it was sent."
    if person.removed_at is not None or contact is None:
        return "The address was removed."
    return ""


def _surely_noted(errand: Errand, sent: Sent, troupe: Troupe) -> datetime | None:
    """Others may raise or move the same alerts at this moment; losing to them must not send the page again."""
    for left in reversed(range(RACES)):
        try:
            with troupe.storage.unit_of_work() as work:
                return _noted(errand, sent, work)
        except Raced:
            if not left:
                raise
    return None


def _noted(errand: Errand, sent: Sent, work: UnitOfWork) -> datetime | None:
    """When to try again; None when there is nothing more to do with this page."""
    page, contact = errand.page, errand.contact
    if sent.sending is Sending.SENT:
        if work.pages.move(page, state=PageState.SENT, sent_at=work.now, trouble=""):
            after = {"who": errand.person.name, "way": page.way, "tries": page.tries}
            work.record(Event("alert.reached", errand.alert.about, TROUPE, after=after))
            work.resolve_about(contact.about, "Troupe")
        return None
    log.info("page.not_sent", page=page.id, way=page.way, sending=sent.sending.value, tries=page.tries)
    if page.tries < TRIES.get(sent.sending, 0):
        pause = max(PAUSES[page.tries - 1], min(sent.wait or timedelta(), LONGEST_WAIT))
        return work.now + pause if work.pages.move(page, trouble=sent.words) else None
    words = sent.words
    if sent.sending is Sending.GONE:
        words = f"{words} Troupe removed the address."
        forget_gone(contact, work)
    elif sent.sending is Sending.UNKNOWN:
        words = f"{words} It may have arrived."
    _failed(page, errand.alert, contact, words, work)
    return None


def forget_gone(contact: Contact, work: UnitOfWork) -> None:
    if work.contacts.remove(contact.id):
        after = {"way": contact.way, "address": contact.masked, "why": "gone"}
        work.record(Event("contact.removed", Subject("person", contact.person_id), TROUPE, after=after))


def _failed(page: Page, alert: Alert, contact: Contact | None, words: str, work: UnitOfWork) -> None:
    if not work.pages.move(page, state=PageState.FAILED, trouble=words):
        return
    person = work.people.get(page.person_id)
    after = {"who": person.name, "way": page.way, "why": words}
    work.record(Event("alert.reach_failed", alert.about, TROUPE, after=after))
    _use_next(page, work)
    if alert.kind is AlertKind.PAGE_FAILED or contact is None:
        return  # a page about a page that failed begins no chain of them
    work.raise_alert(
        AlertKind.PAGE_FAILED,
        contact.about,
        f"{person.name} could not be reached by {NAMES[page.way]} ({contact.masked}). {words}",
        kept="The alert stands on its card, and the next in line are asked as ever.",
        remedy=f"{person.name} mends it: /reach me shows the address, /reach test tries it.",
        drill=alert.drill,
    )


def _use_next(page: Page, work: UnitOfWork) -> None:
    """The first other address that was not used for this step, whatever severity it is for."""
    for contact in work.contacts.of(page.person_id):
        if (contact.way, contact.address) == (page.way, page.address):
            continue
        following = replace(
            page,
            id=work.new_id(),
            way=contact.way,
            address=contact.address,
            state=PageState.OWED,
            created_at=work.now,
            tries=0,
            trouble="",
        )
        if work.pages.add(following):
            work.owe(JobName.REACH, following.about)
            return
