"""Who is in the team: invited, given a role, renamed, removed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from agents.clock import zones
from agents.errors import Conflict, Invalid, NotFound
from agents.events import Event
from agents.oncall import shifts
from agents.people import Person, Role

INVITATION_LIVES = timedelta(days=3)
NAME_LIMIT = 60
"""Characters."""


class People(shifts.People, Protocol):
    """Where people are kept. `change` raises Conflict when somebody was faster."""

    def add(self, name: str, role: Role, now: datetime, *, zone: str = "UTC") -> Person: ...
    def get(self, id: str) -> Person: ...
    def everyone(self, *, removed: bool = False) -> list[Person]: ...
    def hold_owners(self) -> list[Person]:
        """Every owner, kept as they are until this transaction ends."""

    def change(self, before: Person, **changes: Any) -> Person: ...


class Access(Protocol):
    def new_code(self, person_id: str, now: datetime, *, lives: timedelta = ...) -> str: ...
    def sign_out_everywhere(self, person_id: str, now: datetime) -> int: ...
    def revoke_keys_of(self, person_id: str, now: datetime) -> int: ...


class Personas(Protocol):
    def end_standing_of(self, person_id: str, now: datetime) -> None: ...


class Contacts(Protocol):
    def forget(self, person_id: str) -> None:
        """Everything about how somebody is reached outside of chat."""


class Work(shifts.Work, Protocol):
    @property
    def now(self) -> datetime: ...
    @property
    def access(self) -> Access: ...
    @property
    def people(self) -> People: ...
    @property
    def contacts(self) -> Contacts: ...
    @property
    def personas(self) -> Personas: ...
    def record(self, event: Event) -> None: ...


@dataclass(frozen=True, slots=True)
class Invitation:
    """`code` opens the console once, until `expires_at`. It is answered to whoever invites, and recorded nowhere."""

    person: Person
    code: str
    expires_at: datetime


def invite(name: str, role: Role, by: Person, work: Work, *, zone: str = "UTC", via: str = "") -> Invitation:
    """A new person, or one who was removed and comes back. A manager invites editors and viewers, an owner anybody."""
    must_admit(role, by, f"invite {role.a}")
    name = _readable(name)
    person = _returning(name, role, work) or work.people.add(name, role, work.now, zone=zone)
    code = work.access.new_code(person.id, work.now, lives=INVITATION_LIVES)
    after = {"name": person.name, "role": role.value}
    work.record(Event("person.invited", person.subject, by.acting(via), after=after))
    return Invitation(person, code, work.now + INVITATION_LIVES)


def change_role(person_id: str, role: Role, by: Person, work: Work, *, via: str = "") -> Person:
    """Raises Conflict for the last owner."""
    by.must_be(Role.OWNER, "change a role")
    owners = work.people.hold_owners()
    person = active(person_id, work.people)
    if person.role is role:
        raise Conflict(f"{person.name} is {role.a} already.")
    if role is not Role.OWNER:
        _must_not_be_last(person, owners, "give up that role")
    changed = work.people.change(person, role=role.value)
    before, after = {"role": person.role.value}, {"role": role.value}
    work.record(Event("person.role_changed", person.subject, by.acting(via), before, after))
    return changed


def remove(person_id: str, by: Person, work: Work, *, via: str = "") -> Person:
    """Ends sessions, links, API keys and standing approvals with it; what the person did stays.

    They leave every rota, and their addresses outside of chat are forgotten.  Raises Conflict for the last owner, and for the last one of a rota.
    """
    by.must_be(Role.OWNER, "remove somebody")
    owners = work.people.hold_owners()
    person = active(person_id, work.people)
    _must_not_be_last(person, owners, "be removed")
    browsers = work.access.sign_out_everywhere(person.id, work.now)
    keys = work.access.revoke_keys_of(person.id, work.now)
    work.personas.end_standing_of(person.id, work.now)
    work.contacts.forget(person.id)
    removed = work.people.change(person, removed_at=work.now)
    shifts.leave(person, by, work, via=via)
    before, after = {"role": person.role.value}, {"browsers_signed_out": browsers, "keys_revoked": keys}
    work.record(Event("person.removed", person.subject, by.acting(via), before, after))
    return removed


def set_zone(person_id: str, zone: str, by: Person, work: Work, *, via: str = "") -> Person:
    """The IANA zone in which times are told to this person, and read from them."""
    person = own_or_owners(person_id, by, "change somebody else's time zone", work.people)
    if zone not in zones():
        raise NotFound.named("time zone", zone, zones(), field="zone")
    changed = work.people.change(person, zone=zone)
    before, after = {"zone": person.zone}, {"zone": zone}
    work.record(Event("person.zone_changed", person.subject, by.acting(via), before, after))
    return changed


def rename(person_id: str, name: str, by: Person, work: Work, *, via: str = "") -> Person:
    """Raises Conflict if somebody else has that name, without regard to case."""
    person = own_or_owners(person_id, by, "rename somebody else", work.people)
    name = _readable(name)
    others = (p for p in work.people.everyone(removed=True) if p.id != person.id)
    if any(other.name.lower() == name.lower() for other in others):
        raise Conflict(f"Somebody is called {name} already.", remedy="Choose another name.")
    changed = work.people.change(person, name=name)
    before, after = {"name": person.name}, {"name": name}
    work.record(Event("person.renamed", person.subject, by.acting(via), before, after))
    return changed


def must_admit(role: Role, by: Person, to: str) -> None:
    """Raises Forbidden: a manager may bring in editors and viewers, an owner anybody.  to: "invite an editor"."""
    by.must_be(Role.MANAGER if Role.EDITOR.covers(role) else Role.OWNER, to)


def active(person_id: str, people: People) -> Person:
    """Raises NotFound for somebody who was removed."""
    person = people.get(person_id)
    if person.removed_at is not None:
        raise NotFound(
            f"{person.name} was removed from this team.", remedy="/people invite brings them back."
        )
    return person


def own_or_owners(person_id: str, by: Person, to: str, people: People) -> Person:
    """Raises Forbidden unless it is about oneself, or an owner asks.  to: "rename somebody else", for the sentence."""
    if person_id != by.id:
        by.must_be(Role.OWNER, to)
    return active(person_id, people)


def _returning(name: str, role: Role, work: Work) -> Person | None:
    """Whoever was removed under that name, back with this role."""
    for person in work.people.everyone(removed=True):
        if person.name.lower() == name.lower() and person.removed_at is not None:
            return work.people.change(person, role=role.value, removed_at=None)
    return None


def _must_not_be_last(person: Person, owners: list[Person], to: str) -> None:
    if [owner.id for owner in owners] == [person.id]:
        raise Conflict(
            f"{person.name} is the last owner, so cannot {to}.",
            remedy="Make somebody else an owner first: /people role NAME owner.",
        )


def _readable(text: str) -> str:
    """A name that can be read, typed and told from others. Raises Invalid."""
    name = " ".join(text.split()).removeprefix("@")
    if not 1 <= len(name) <= NAME_LIMIT or not name.isprintable() or not any(c.isalnum() for c in name):
        raise Invalid(f"A name has 1 to {NAME_LIMIT} characters that can be read.", field="name")
    return name
