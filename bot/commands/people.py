"""/people …: who is here, what they may do, what lets them in. /key …: what lets programs in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from agents import access, guests, team
from agents.errors import Invalid
from agents.events import Subject
from agents.people import Person, Role
from bot.calls import Call, Click
from bot.cards import Card
from bot.lookups import GroupName
from bot.parameters import GROUP, PERSON, ROLE, TEXT, WORD, ZONE
from bot.ports import Ports
from bot.present import person as present
from bot.present.answers import done
from bot.present.draw import draw
from bot.present.words import count
from bot.registry import button, command


@command("people list", "Everybody in the team")
def people_list(call: Call, ports: Ports) -> Card:
    people = ports.work.people
    return present.everybody(people.everyone(), people.all_identities())


@command("people show", "A person's card", role=Role.MANAGER)
def people_show(call: Call, ports: Ports, person: Annotated[Person, PERSON]) -> Card:
    return draw(person.subject, ports.work, call.person)


@command("people me", "Who you are here, and what lets you in")
def people_me(call: Call, ports: Ports) -> Card:
    """For that person alone, so without a subject: it does not stand in the channel."""
    keys = ports.work.access.keys()
    own = [key for key in keys if key.person_id == call.person.id]
    return present.own(call.person, ports.work.people.identities(call.person.id), own)


@command("people invite", "Invite somebody; you get a link to send them", role=Role.MANAGER)
def people_invite(
    call: Call,
    ports: Ports,
    name: Annotated[str, TEXT],
    *,
    as_: Annotated[Role, ROLE] = Role.VIEWER,
    zone: Annotated[str, ZONE] = "",
) -> Card:
    """In the inviter's own time zone unless one is given."""
    home = zone or call.person.zone
    invited = team.invite(name, as_, call.person, ports.work, zone=home, via=call.via)
    return present.invitation(invited, ports.public_url)


@command("people role", "Give somebody another role", role=Role.OWNER)
def people_role(
    call: Call, ports: Ports, person: Annotated[Person, PERSON], role: Annotated[Role, ROLE]
) -> Card:
    changed = team.change_role(person.id, role, call.person, ports.work, via=call.via)
    return done(f"{changed.name} is {role.a} now")


@command("people remove", "Remove somebody; asks before it does", role=Role.OWNER)
def people_remove(call: Call, ports: Ports, person: Annotated[Person, PERSON]) -> Card:
    rotas = [rota.name for rota in ports.work.rotas.all() if person.id in rota.people]
    return present.leaving(person, _named_in(person, ports), rotas)


@command("people sign-out", "End every browser session and unused link, yours or as an owner anybody's")
def people_sign_out(call: Call, ports: Ports, person: Annotated[Person | None, PERSON] = None) -> Card:
    return _signed_out(person or call.person, call, ports)


@command("people sign-in", "A link that opens the console as you, once")
def people_sign_in(call: Call, ports: Ports) -> Card:
    code = access.code(access.SIGN_IN, call.person, ports.work, via=call.via)
    return present.sign_in(code, ports.public_url, ports.now)


@command("people link", "A code that tells Troupe who you are in Slack or Discord")
def people_link(call: Call, ports: Ports, code: Annotated[str, WORD] = "") -> Card:
    """A chat takes the code before it comes here, from whoever they are there (`bot/chat/desk.py`)."""
    if code:
        raise Invalid(
            "A code says who you are where Troupe does not know you yet.",
            remedy="Type it in Slack or Discord.",
            field="code",
        )
    made = access.code(access.LINK, call.person, ports.work, via=call.via)
    return present.linking(made, ports.now)


@command("people zone", "The time zone in which you are told times, and type them")
def people_zone(
    call: Call,
    ports: Ports,
    zone: Annotated[str, ZONE],
    *,
    of: Annotated[Person | None, PERSON] = None,
) -> Card:
    changed = team.set_zone((of or call.person).id, zone, call.person, ports.work, via=call.via)
    return done(f"Times are told to {changed.name} in {changed.zone} now")


@command("people name", "Change what you are called")
def people_name(
    call: Call, ports: Ports, name: Annotated[str, TEXT], *, of: Annotated[Person | None, PERSON] = None
) -> Card:
    changed = team.rename((of or call.person).id, name, call.person, ports.work, via=call.via)
    return done(f"{changed.name} it is")


@command("people group", "Let the members of a Slack user group in by themselves", role=Role.MANAGER)
def people_group(
    call: Call,
    ports: Ports,
    group: Annotated[GroupName, GROUP],
    *,
    as_: Annotated[Role, ROLE],
) -> Card:
    made = guests.set_group(*group, as_, call.person, ports.work, via=call.via)
    return done(
        f"Whoever is in @{made.name} is let in as {made.role.a}",
        "When they first speak to Troupe. Whoever is in the team already keeps their role.",
    )


@command("people groups", "The groups whose members are let in")
def people_groups(call: Call, ports: Ports) -> Card:
    return present.groups(ports.work.guests.groups())


@command("people ungroup", "Let the members of a group in no longer", role=Role.MANAGER)
def people_ungroup(call: Call, ports: Ports, group: Annotated[GroupName, GROUP]) -> Card:
    ended = guests.end_group(group.surface, group.external_id, call.person, ports.work, via=call.via)
    return done(f"@{ended.name} lets nobody in any more", "Whoever came in by it stays.")


@command("key list", "The API keys that work: yours, or as an owner everybody's")
def key_list(call: Call, ports: Ports) -> Card:
    every = ports.work.access.keys()
    mine = [key for key in every if call.person.role is Role.OWNER or key.person_id == call.person.id]
    return present.keys(mine, ports.work.people.everyone(removed=True), ports.now)


@command("key revoke", "End an API key at once")
def key_revoke(call: Call, ports: Ports, name: Annotated[str, WORD]) -> Card:
    access.revoke_key(name, call.person, ports.work, via=call.via)
    return done(f"The API key {name} is revoked")


@button("person.sign_out")
def sign_out(click: Click, ports: Ports) -> Card:
    return _signed_out(ports.work.people.get(click.id), click, ports)


@button("person.remove", role=Role.OWNER)
def remove(click: Click, ports: Ports) -> Card:
    team.remove(click.id, click.person, ports.work, via=click.via)
    return draw(Subject("person", click.id), ports.work, click.person)


def _make(role: Role) -> Callable[[Click, Ports], Card]:
    def make(click: Click, ports: Ports) -> Card:
        team.change_role(click.id, role, click.person, ports.work, via=click.via)
        return draw(Subject("person", click.id), ports.work, click.person)

    return make


for _role in Role:
    button(f"person.make_{_role.value}", role=Role.OWNER)(_make(_role))


def _signed_out(person: Person, asked: Call | Click, ports: Ports) -> Card:
    browsers = access.sign_out_everywhere(person.id, asked.person, ports.work, via=asked.via)
    return done(
        f"{person.name} is signed out of {count(browsers, 'browser')}",
        "Links that were not used yet are dead too.",
    )


def _named_in(person: Person, ports: Ports) -> list[str]:
    """Handles of the personas whose policy names that person."""
    personas = ports.work.personas
    return [
        persona.handle
        for persona in personas.all()
        if any(person.id in policy.approvers for policy in personas.policies(persona.id).values())
    ]
