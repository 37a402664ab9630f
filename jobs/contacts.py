"""What goes to an address besides pages: the code that confirms it, and a test. Its person is told how that went."""

from __future__ import annotations

from datetime import timedelta

from agents.errors import NotFound
from agents.events import Subject
from agents.jobs import Later
from agents.oncall.reach import CODE_LIVES, Contact, Sending, Sent, purpose
from bot.present import letter
from bot.wiring import Troupe
from jobs.reach import NAMES, forget_gone, hand_over
from storage.unit_of_work import UnitOfWork

AGAIN = timedelta(minutes=2)
"""Many servers put off the first mail of a sender whom they do not know."""
FOR_AT_MOST = timedelta(minutes=30)


def code(troupe: Troupe, subject: Subject) -> None:
    """The code is made here, because it is kept by its hash alone: whoever sends it anew sends another, and both work."""
    with troupe.storage.unit_of_work() as work:
        contact = _there(subject.id, work)
        if contact is None or contact.confirmed_at is not None:
            return
        made = work.access.new_code(
            contact.person_id, work.now, purpose=purpose(contact.id), lives=CODE_LIVES
        )
        person = work.people.get(contact.person_id)
        told = letter.confirmation(contact, made, person, troupe.public_url, work.now)
    sent = hand_over(troupe, contact, "", told)
    if sent.sending is Sending.SENT:
        return
    now = troupe.clock()
    if sent.sending in (Sending.LATER, Sending.UNKNOWN) and now + AGAIN < contact.created_at + FOR_AT_MOST:
        raise Later(sent.words, now + AGAIN)
    with troupe.storage.unit_of_work() as work:
        _say_code_failed(contact, sent.words, work)


def test(troupe: Troupe, subject: Subject) -> None:
    with troupe.storage.unit_of_work() as work:
        contact = _there(subject.id, work)
        if contact is None:
            return
        person = work.people.get(contact.person_id)
        told = letter.test(contact, person, troupe.public_url, work.now)
        secret = work.contacts.secret(contact.id) if contact.way == "webhook" else ""
    sent = hand_over(troupe, contact, secret, told)
    with troupe.storage.unit_of_work() as work:
        _say_tested(contact, sent, work)


def give_up_code(id: str, what: str, work: UnitOfWork) -> None:
    if contact := _there(id, work):
        _say_code_failed(contact, what, work)


def give_up_test(id: str, what: str, work: UnitOfWork) -> None:
    if contact := _there(id, work):
        _say_tested(contact, Sent(Sending.REFUSED, what), work)


def _there(id: str, work: UnitOfWork) -> Contact | None:
    """None if it was removed meanwhile."""
    try:
        return work.contacts.get(id)
    except NotFound:
        return None


def _say_code_failed(contact: Contact, words: str, work: UnitOfWork) -> None:
    what = f"The code for {contact.masked} could not be sent. {words}"
    work.say_to(contact.person_id, f"{what} Check the address, and add it again: /reach email ADDRESS.")


def _say_tested(contact: Contact, sent: Sent, work: UnitOfWork) -> None:
    where = f"{NAMES[contact.way]} {contact.masked}"
    if sent.sending is Sending.SENT:
        work.resolve_about(contact.about, "Troupe")
        work.say_to(contact.person_id, f"The test to the {where} was taken. It should be there by now.")
        return
    gone = ""
    if sent.sending is Sending.GONE:
        forget_gone(contact, work)
        gone = " Troupe removed the address."
    work.say_to(contact.person_id, f"The test to the {where} did not arrive. {sent.words}{gone}")
