"""Who is let in from another surface: whoever asks there, by a person's decision or as one of a group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from agents import team
from agents.clock import zones
from agents.errors import Conflict, Forbidden, NotFound
from agents.events import TROUPE, Event, Subject
from agents.people import Identity, Person, Role


class GuestState(StrEnum):
    WAITING = "waiting"
    LET_IN = "let_in"
    TURNED_AWAY = "turned_away"


ALLOWED: Mapping[GuestState, frozenset[GuestState]] = {
    GuestState.WAITING: frozenset({GuestState.LET_IN, GuestState.TURNED_AWAY}),
    GuestState.TURNED_AWAY: frozenset({GuestState.LET_IN}),
    GuestState.LET_IN: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Guest:
    """An account of another surface that nobody here is known by. Asks once, whatever is decided."""

    id: str
    surface: str
    user_id: str
    """The platform's own id."""
    name: str
    """As the platform tells it: no proof of who it is."""
    state: GuestState
    asked_at: datetime
    decided_by: str = ""
    """A name, "" while nobody has decided."""
    zone: str = "UTC"
    """As the platform tells it; an IANA name that we know."""

    @property
    def subject(self) -> Subject:
        return Subject("guest", self.id)

    def must(self, to: GuestState) -> None:
        """Raises Conflict naming both states unless the move is allowed."""
        if to not in ALLOWED[self.state]:
            now, then = (state.value.replace("_", " ") for state in (self.state, to))
            raise Conflict(f"{self.name} was {now} by {self.decided_by}, so cannot be {then}.")


@dataclass(frozen=True, slots=True)
class UserGroup:
    """A group of another surface; whoever is in it is let in with `role` when they first speak to Troupe."""

    surface: str
    external_id: str
    name: str
    """Without the @."""
    role: Role
    made_by: str
    """A person's id."""
    created_at: datetime

    @property
    def subject(self) -> Subject:
        return Subject("group", f"{self.surface}/{self.name}")


class People(team.People, Protocol):
    def known_as(self, surface: str, user_id: str) -> Person | None: ...
    def link(self, identity: Identity, now: datetime) -> None: ...


class Guests(Protocol):
    def ask(self, surface: str, user_id: str, name: str, zone: str, now: datetime) -> tuple[Guest, bool]:
        """The guest, and whether this is the first time."""

    def get(self, id: str) -> Guest: ...
    def known(self, surface: str, user_id: str) -> Guest | None: ...
    def change(self, before: Guest, state: GuestState, by: str) -> Guest:
        """Compare-and-set of the state. Raises Raced."""

    def group(self, surface: str, external_id: str) -> UserGroup | None: ...
    def set_group(self, group: UserGroup) -> None:
        """In place of what was said of that group before."""

    def end_group(self, surface: str, external_id: str) -> bool: ...


class Work(Protocol):
    @property
    def now(self) -> datetime: ...
    @property
    def guests(self) -> Guests: ...
    @property
    def people(self) -> People: ...
    def record(self, event: Event) -> None: ...
    def show_owners(self, card: Subject) -> None:
        """Shows a card where the team's owners look."""

    def write_to(self, person_id: str, surface: str, text: str) -> None:
        """Says something to one person directly, on one surface."""


def ask(surface: str, user_id: str, name: str, work: Work, *, zone: str = "UTC") -> Guest:
    """Somebody unknown asks to be let in. Asking again changes nothing: the answer is in the state."""
    guest, new = work.guests.ask(surface, user_id, _readable(name), _known(zone), work.now)
    if new:
        after = {"name": guest.name, "surface": surface, "user_id": user_id}
        work.record(Event("guest.asked", guest.subject, TROUPE, after=after))
        work.show_owners(guest.subject)
    return guest


def let_in(guest_id: str, role: Role, by: Person, work: Work, *, via: str = "") -> Person:
    """As a new person, under a name of their own. Whoever may invite somebody with that role may do it."""
    team.must_admit(role, by, f"let somebody in as {role.a}")
    guest = _still_outside(guest_id, work)
    person = _new(guest.surface, guest.user_id, guest.name, role, guest.zone, work)
    after = {"name": person.name, "role": role.value, "surface": guest.surface, "user_id": guest.user_id}
    work.record(Event("guest.let_in", guest.subject, by.acting(via), after=after))
    work.record(Event("person.let_in", person.subject, by.acting(via), after=after))
    work.guests.change(guest, GuestState.LET_IN, by.name)
    work.write_to(person.id, guest.surface, _welcome(person, by.name))
    return person


def same_person(guest_id: str, person_id: str, by: Person, work: Work, *, via: str = "") -> Person:
    """That account is one more of somebody who is here already, with all that their role lets them do."""
    guest = _still_outside(guest_id, work)
    person = team.active(person_id, work.people)
    team.must_admit(person.role, by, f"say that somebody is {person.name}, {person.role.a}")
    work.people.link(Identity(person.id, guest.surface, guest.user_id), work.now)
    after = {"person": person.id, "surface": guest.surface, "user_id": guest.user_id}
    work.record(Event("guest.recognised", guest.subject, by.acting(via), after=after))
    work.record(Event("person.linked", person.subject, by.acting(via), after=after))
    work.guests.change(guest, GuestState.LET_IN, by.name)
    work.write_to(person.id, guest.surface, _welcome(person, by.name))
    return person


def turn_away(guest_id: str, by: Person, work: Work, *, via: str = "") -> Guest:
    """For now: whoever may invite can let them in later."""
    by.must_be(Role.MANAGER, "turn somebody away")
    guest = work.guests.get(guest_id)
    guest.must(GuestState.TURNED_AWAY)
    turned = work.guests.change(guest, GuestState.TURNED_AWAY, by.name)
    work.record(Event("guest.turned_away", guest.subject, by.acting(via)))
    return turned


def admit_by_group(
    surface: str, user_id: str, name: str, zone: str, role: Role, group: str, work: Work
) -> Person:
    """A member of a user group that lets people in, when they first speak to Troupe; whoever is known stays who they are.

    zone: IANA name, UTC instead of one that nobody knows.  role: the group's.  group: its name, for the trail.
    """
    known = work.people.known_as(surface, user_id)
    if known is not None:
        return known
    person = _new(surface, user_id, _readable(name), role, _known(zone), work)
    after = {"name": person.name, "role": role.value, "surface": surface, "user_id": user_id, "group": group}
    work.record(Event("person.let_in", person.subject, TROUPE, after=after))
    arrived(surface, user_id, f"the group {group}", work)
    return person


def arrived(surface: str, user_id: str, by: str, work: Work) -> None:
    """Whoever asked before and came in another way (a code, a group) need not be decided about.  by: how, for the card."""
    guest = work.guests.known(surface, user_id)
    if guest is not None and guest.state is not GuestState.LET_IN:
        work.guests.change(guest, GuestState.LET_IN, by)
        work.record(Event("guest.let_in", guest.subject, TROUPE, after={"by": by}))


def set_group(
    surface: str, external_id: str, name: str, role: Role, by: Person, work: Work, *, via: str = ""
) -> UserGroup:
    """Whoever is in that group is let in with this role. Whoever is in already keeps theirs.

    Raises Forbidden for owners: who is in a group is decided outside of Troupe.
    """
    if role is Role.OWNER:
        raise Forbidden(
            "A group lets nobody in as an owner: whoever may change the group would own Troupe.",
            remedy="Let them in with another role, then /people role NAME owner.",
        )
    team.must_admit(role, by, f"have a group let in as {role.a}")
    before = work.guests.group(surface, external_id)
    if before is not None:
        team.must_admit(before.role, by, f"change a group that is let in as {before.role.a}")
    group = UserGroup(surface, external_id, name, role, by.id, work.now)
    work.guests.set_group(group)
    was = {"role": before.role.value} if before else {}
    work.record(Event("group.set", group.subject, by.acting(via), was, {"role": role.value}))
    return group


def end_group(surface: str, external_id: str, by: Person, work: Work, *, via: str = "") -> UserGroup:
    """It lets nobody in any more; whoever came in by it stays."""
    group = work.guests.group(surface, external_id)
    if group is None:
        raise NotFound("That group lets nobody in.", remedy="/people groups shows those that do.")
    team.must_admit(group.role, by, f"end a group that is let in as {group.role.a}")
    if not work.guests.end_group(surface, external_id):
        raise Conflict(f"Somebody else has just ended that for {group.name}.")
    work.record(Event("group.ended", group.subject, by.acting(via), {"role": group.role.value}))
    return group


def _still_outside(guest_id: str, work: Work) -> Guest:
    guest = work.guests.get(guest_id)
    guest.must(GuestState.LET_IN)
    return guest


def _new(surface: str, user_id: str, name: str, role: Role, zone: str, work: Work) -> Person:
    person = work.people.add(_free(name, work.people), role, work.now, zone=zone)
    work.people.link(Identity(person.id, surface, user_id), work.now)
    return person


def _free(name: str, people: People) -> str:
    """ "Bob", or "Bob 2" where somebody is, or was, called so: nobody takes another one's name over by asking."""
    taken = {person.name.lower() for person in people.everyone(removed=True)}
    number = 1
    while (found := name if number == 1 else f"{name[: team.NAME_LIMIT - 5]} {number}").lower() in taken:
        number += 1
    return found


def _readable(name: str) -> str:
    """What another surface calls somebody, as a name of ours: it may hold anything there, and be of any length."""
    kept = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    kept = kept.replace('"', "").lstrip("@#").strip()[: team.NAME_LIMIT].strip()
    return kept if any(c.isalnum() for c in kept) else "Somebody"


def _welcome(person: Person, by: str) -> str:
    return f"{by} let you in: you are {person.name}, {person.role.a}. Begin with /help, or say what you need."


def _known(zone: str) -> str:
    return zone if zone in zones() else "UTC"
