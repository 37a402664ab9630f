"""The card of somebody on another surface who asks to be let in."""

from __future__ import annotations

from agents.guests import Guest, GuestState
from agents.people import Person, Role
from bot.cards import Author, Button, Card, Field, Fields, Menu, Text, Tone, action
from bot.present.person import CAN
from storage.unit_of_work import UnitOfWork

OFFERED = (Role.VIEWER, Role.EDITOR, Role.MANAGER)
"""Roles that a stranger is let in with; nobody becomes an owner by asking."""
BADGES = {
    GuestState.WAITING: ("asks", Tone.WAITING),
    GuestState.LET_IN: ("let in", Tone.GOOD),
    GuestState.TURNED_AWAY: ("not now", Tone.NEUTRAL),
}


def draw(id: str, work: UnitOfWork, reader: Person) -> Card:
    guest = work.guests.get(id)
    return card(guest, work.people.known_as(guest.surface, guest.user_id))


def card(guest: Guest, person: Person | None = None) -> Card:
    """person: who it turned out to be, once they are in."""
    badge, tone = BADGES[guest.state]
    facts = [
        Field("Account", f"{guest.surface} {guest.user_id}"),
        Field("Asked", guest.asked_at),
    ]
    if person is not None:
        facts.append(Field("Is now", f"{person.name}, {person.role.value}"))
    if guest.decided_by:
        facts.append(Field("Decided by", guest.decided_by))
    waits = guest.state is GuestState.WAITING
    away = guest.state is GuestState.TURNED_AWAY
    return Card(
        f"{guest.name} wants to talk to Troupe on {guest.surface.title()}",
        (*(_before_deciding() if waits else ()), Fields(tuple(facts))),
        buttons=(*_roles(guest), *_others(guest)) if waits else (),
        menu=Menu("Let them in after all", (*_roles(guest), _somebody(guest))) if away else None,
        author=Author("Troupe"),
        badge=badge,
        tone=tone,
        subject=guest.subject,
    )


def _before_deciding() -> tuple[Text, ...]:
    can = "\n".join(f"{role.a.capitalize()} {CAN[role]}." for role in OFFERED)
    return (
        Text("Nobody here is known by that account, so nothing they typed was done. Names prove nothing."),
        Text(can, "muted"),
    )


def _roles(guest: Guest) -> tuple[Button, ...]:
    return tuple(
        Button(f"Let in as {role.a}", action(f"guest.as_{role.value}", guest.id)) for role in OFFERED
    )


def _others(guest: Guest) -> tuple[Button, ...]:
    return (_somebody(guest), Button("Not now", action("guest.turn_away", guest.id)))


def _somebody(guest: Guest) -> Button:
    return Button("It is somebody we know…", action("guest.same_person", guest.id))
