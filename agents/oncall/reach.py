"""How somebody wants to be reached outside of chat: addresses, from which severity on, and quiet hours.

An address is personal: it is shown whole to its person alone. Events, alerts and logs have `Contact.masked`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, Protocol
from urllib.parse import urlsplit

from agents.errors import Conflict, Invalid, NotFound, NotSignedIn
from agents.events import Event, Subject
from agents.jobs import JobName
from agents.oncall.kinds import Severity
from agents.oncall.quiet import Quiet
from agents.people import Person

Outside = Literal["email", "webhook"]
CODE_LIVES = timedelta(hours=24)
"""Mail may be late, and people asleep."""
MOST = 10
"""Addresses of one person."""
WAITING = 3
"""Of these, unconfirmed: a code is mail to somebody who may not have asked for it."""
EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z][A-Za-z0-9-]{1,62}"
)
"""What RFC 5321 allows without quotes: what is quoted, or not ASCII, few servers take."""
EMAIL_LIMIT = 254
"""RFC 5321, 4.5.3.1.3, without the angle brackets."""
URL_LIMIT = 2000


class Sending(StrEnum):
    """What became of one attempt to send."""

    SENT = "sent"
    REFUSED = "refused"
    """It will never be taken as it is."""
    LATER = "later"
    """It was not taken, and may be when it is tried again."""
    UNKNOWN = "unknown"
    """It was handed over, and then nothing was heard: it may have been taken."""
    GONE = "gone"
    """The receiving end asks for nothing more, ever."""


@dataclass(frozen=True, slots=True)
class Sent:
    """words: what went wrong, for a person, without the address; "" when nothing did.  wait: how long the other side asks
    to be left alone, None if it does not say."""

    sending: Sending
    words: str = ""
    wait: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """severity: the mildest that it is used for.  confirmed_at: None until its code came back; it is used from then on."""

    id: str
    person_id: str
    way: Outside
    address: str
    severity: Severity
    created_at: datetime
    confirmed_at: datetime | None = None

    @property
    def about(self) -> Subject:
        return Subject("contact", self.id)

    @property
    def masked(self) -> str:
        return masked(self.way, self.address)

    def is_for(self, severity: Severity) -> bool:
        return severity.covers(self.severity)


def masked(way: str, address: str) -> str:
    """Enough to recognise one's own: "a…@example.com", "https://hooks.example.com" (what follows is often a secret)."""
    if way == "email":
        name, _, host = address.rpartition("@")
        return f"{name[:1]}…@{host}"
    return f"https://{urlsplit(address).netloc}"


class Access(Protocol):
    def new_code(
        self, person_id: str, now: datetime, *, purpose: str = ..., lives: timedelta = ...
    ) -> str: ...
    def use_code(self, code: str, now: datetime, *, purpose: str = ...) -> str: ...


class Contacts(Protocol):
    """Where they are kept."""

    def get(self, id: str) -> Contact: ...
    def every(self, person_id: str) -> Sequence[Contact]:
        """Unconfirmed ones too."""

    def add(
        self,
        person_id: str,
        way: Outside,
        address: str,
        severity: Severity,
        now: datetime,
        *,
        confirmed: bool,
        secret: str = "",
    ) -> Contact:
        """A new one, or the same with this severity and secret; once confirmed, it stays so."""

    def new_secret(self) -> str: ...
    def confirm(self, id: str, now: datetime) -> Contact: ...
    def remove(self, id: str) -> bool: ...
    def quiet(self, person_id: str) -> Quiet | None: ...
    def set_quiet(self, person_id: str, quiet: Quiet | None) -> None: ...


class Work(Protocol):
    @property
    def now(self) -> datetime: ...
    @property
    def access(self) -> Access: ...
    @property
    def contacts(self) -> Contacts: ...
    def record(self, event: Event) -> None: ...
    def owe(self, name: JobName, subject: Subject, due_at: datetime | None = None) -> None: ...


def purpose(contact_id: str) -> str:
    """Of the code that confirms it, and nothing else."""
    return f"contact:{contact_id}"


def add_email(address: str, severity: Severity, by: Person, work: Work, *, via: str = "") -> Contact:
    """One's own. Unless it was confirmed before, a code is sent to it, and it is used when that came back."""
    if not EMAIL.fullmatch(address) or len(address) > EMAIL_LIMIT or ".." in address:
        raise Invalid("That is no e-mail address.", remedy="Write it like ada@example.com.", field="address")
    name, _, host = address.rpartition("@")
    contact = _added("email", f"{name}@{host.lower()}", severity, by, work, via, confirmed=False)
    if contact.confirmed_at is None:
        work.owe(JobName.REACH_CODE, contact.about)
    return contact


def add_webhook(
    address: str, severity: Severity, by: Person, work: Work, *, via: str = ""
) -> tuple[Contact, str]:
    """One's own, and the secret that signs what it is sent, shown to its person this once. Added again, it has a new one."""
    try:
        parts = urlsplit(address)
        good = parts.scheme.lower() == "https" and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or parts.username or len(address) > URL_LIMIT or not address.isprintable() or " " in address:
        raise Invalid(
            "That is no address that Troupe could post to.",
            remedy="Write it out, with https:// in front, and without a user name or password.",
            field="address",
        )
    secret = work.contacts.new_secret()
    return _added("webhook", address, severity, by, work, via, confirmed=True, secret=secret), secret


def confirm(code: str, by: Person, work: Work, *, via: str = "") -> Contact:
    """The code came to that address, so it is theirs. Raises Invalid for any other, and for one that is too old."""
    for contact in work.contacts.every(by.id):
        if contact.confirmed_at is None and _opens(code.strip(), contact, work):
            confirmed = work.contacts.confirm(contact.id, work.now)
            _noted("contact.confirmed", confirmed, by, via, work)
            return confirmed
    raise Invalid(
        "That code confirms no address of yours, or not any more.",
        remedy="Copy it whole from the newest mail; adding the address again sends a new one.",
        field="code",
    )


def remove(id: str, by: Person, work: Work, *, via: str = "") -> Contact:
    """One's own. Raises NotFound for anybody else's, which is nobody's business."""
    contact = next((one for one in work.contacts.every(by.id) if one.id == id), None)
    if contact is None:
        raise NotFound("You have no such address.", remedy="/reach me shows which you have.", field="contact")
    work.contacts.remove(id)
    _noted("contact.removed", contact, by, via, work)
    return contact


def set_quiet(quiet: Quiet | None, by: Person, work: Work, *, via: str = "") -> None:
    """None ends them."""
    before, after = ({"quiet": str(one) if one else ""} for one in (work.contacts.quiet(by.id), quiet))
    work.contacts.set_quiet(by.id, quiet)
    work.record(Event("person.quiet_changed", by.subject, by.acting(via), before, after))


def test(by: Person, work: Work, *, via: str = "") -> Sequence[Contact]:
    """A labelled test goes to every address that is confirmed. Which those are; raises Conflict if there is none."""
    there = [one for one in work.contacts.every(by.id) if one.confirmed_at is not None]
    if not there:
        raise Conflict(
            "You have no address outside of chat that could be tried.",
            remedy="/reach email ADDRESS or /reach webhook URL adds one.",
        )
    for contact in there:
        work.owe(JobName.REACH_TEST, contact.about)
    after = {"tested": [one.masked for one in there]}
    work.record(Event("person.reach_tested", by.subject, by.acting(via), after=after))
    return there


def _added(
    way: Outside,
    address: str,
    severity: Severity,
    by: Person,
    work: Work,
    via: str,
    *,
    confirmed: bool,
    secret: str = "",
) -> Contact:
    others = [one for one in work.contacts.every(by.id) if (one.way, one.address) != (way, address)]
    waiting = [one for one in others if one.confirmed_at is None]
    if len(others) >= MOST or (not confirmed and len(waiting) >= WAITING):
        raise Invalid(
            f"You have {len(others)} addresses already, {len(waiting)} of them not confirmed.",
            remedy="Remove one first: /reach me.",
        )
    contact = work.contacts.add(by.id, way, address, severity, work.now, confirmed=confirmed, secret=secret)
    _noted("contact.added", contact, by, via, work)
    return contact


def _opens(code: str, contact: Contact, work: Work) -> bool:
    try:
        return work.access.use_code(code, work.now, purpose=purpose(contact.id)) == contact.person_id
    except NotSignedIn:
        return False


def _noted(event: str, contact: Contact, by: Person, via: str, work: Work) -> None:
    after = {"way": contact.way, "address": contact.masked, "severity": contact.severity.value}
    work.record(Event(event, by.subject, by.acting(via), after=after))
