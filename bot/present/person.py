"""Cards about people: one person, everybody, an invitation, what somebody has that lets them in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from agents.access import CODE_LIVES
from agents.guests import UserGroup
from agents.people import Identity, Person, Role
from agents.team import Invitation
from bot.cards import Author, Button, Card, Confirm, Field, Fields, Menu, Text, Tone, action
from bot.present.words import count, listed
from storage.unit_of_work import UnitOfWork

CAN = {
    Role.OWNER: "may do everything",
    Role.MANAGER: "makes personas, approves, halts Troupe, invites editors and viewers",
    Role.EDITOR: "asks for posts, edits and schedules them",
    Role.VIEWER: "looks, and decides where a policy names them",
}
"""What each role may do, in a line."""


class Key(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def person_id(self) -> str: ...
    @property
    def role(self) -> Role: ...
    @property
    def last_used_at(self) -> datetime | None: ...
    @property
    def revoked_at(self) -> datetime | None: ...


def draw(id: str, work: UnitOfWork, reader: Person) -> Card:
    """The names of their API keys are for themselves and for managers, on whatever surface it is drawn."""
    entitled = reader.id == id or reader.role.covers(Role.MANAGER)
    every = work.access.keys() if entitled else []
    own = [key for key in every if key.person_id == id]
    return card(work.people.get(id), work.people.identities(id), own)


def card(person: Person, identities: Sequence[Identity], keys: Sequence[Key]) -> Card:
    """The person as they are now."""
    gone = person.removed_at is not None
    return Card(
        title=person.name,
        blocks=(Fields(_facts(person, identities, keys)),),
        buttons=() if gone else _buttons(person),
        menu=None if gone else _roles(person),
        author=Author(person.name, "person", person.id),
        badge="removed" if gone else person.role.value,
        tone=Tone.NEUTRAL if gone else Tone.GOOD,
        subject=person.subject,
    )


def own(person: Person, identities: Sequence[Identity], keys: Sequence[Key]) -> Card:
    """What somebody is told about themselves."""
    return Card(
        f"You are {person.name}", (Fields(_facts(person, identities, keys)),), badge=person.role.value
    )


def _facts(person: Person, identities: Sequence[Identity], keys: Sequence[Key]) -> tuple[Field, ...]:
    alive = [key.name for key in keys if key.revoked_at is None]
    return (
        Field("Role", f"{person.role.value}: {CAN[person.role]}"),
        Field("Time zone", person.zone),
        Field("Known on", _known_on(identities)),
        *([Field("API keys", listed(alive))] if alive else []),
    )


def _known_on(identities: Sequence[Identity]) -> str:
    """ "discord 80351110224678912 and slack U1"."""
    return listed([f"{one.surface} {one.user_id}" for one in identities]) or "the console only"


def _buttons(person: Person) -> tuple[Button, ...]:
    out = Confirm(f"Sign {person.name} out of every browser? API keys go on working.", "Sign out")
    return (
        Button("Sign out everywhere", action("person.sign_out", person.id), confirm=out),
        remove_button(person),
    )


def remove_button(person: Person) -> Button:
    sure = Confirm(
        f"Remove {person.name}? Sessions, links, API keys and approvals given beforehand end at once.",
        "Remove",
    )
    return Button(f"Remove {person.name}", action("person.remove", person.id), "danger", sure)


def _roles(person: Person) -> Menu:
    others = [role for role in Role if role is not person.role]
    return Menu(
        "Change the role",
        tuple(Button(f"Make {role.a}", action(f"person.make_{role.value}", person.id)) for role in others),
    )


def leaving(person: Person, named_in: Sequence[str], rotas: Sequence[str] = ()) -> Card:
    """Asks before somebody is removed.  named_in: handles of personas whose policy names that person.  rotas: they are in."""
    lines = [
        Text("Sessions, links, API keys and approvals given beforehand end at once. What was done stays.")
    ]
    if named_in:
        handles = listed([f"@{handle}" for handle in named_in])
        lines.append(Text(f"{person.name} is named as an approver of {handles}: name somebody else there."))
    if rotas:
        lines.append(Text(f"They leave {listed(rotas)}."))
    return Card(f"Remove {person.name}?", tuple(lines), (remove_button(person),), tone=Tone.WAITING)


def everybody(people: Sequence[Person], identities: Sequence[Identity] = ()) -> Card:
    """identities: everybody's."""
    surfaces: dict[str, set[str]] = {}
    for one in identities:
        surfaces.setdefault(one.person_id, set()).add(one.surface)
    fields = tuple(
        Field(p.name, ", ".join([p.role.value, p.zone, *sorted(surfaces.get(p.id, ()))])) for p in people
    )
    roles = Text("\n".join(f"{role.a.capitalize()} {what}." for role, what in CAN.items()), "muted")
    title = count(len(people), "person") if len(people) == 1 else f"{len(people)} people"
    return Card(title, (Fields(fields), roles))


def groups(every: Sequence[UserGroup]) -> Card:
    """Which user groups of other surfaces let people in, and as what."""
    if not every:
        how = (
            "In Slack: /people group @marketing as editor. Whoever is in it is let in when they first speak."
        )
        return Card("No group lets people in", (Text(how, "muted"),))
    fields = tuple(Field(f"@{group.name}", f"as {group.role.a}, on {group.surface}") for group in every)
    return Card("Groups whose members are let in", (Fields(fields),))


def invitation(invited: Invitation, public_url: str) -> Card:
    """The link is shown this once, to whoever invites."""
    return Card(
        f"{invited.person.name} is invited as {invited.person.role.a}",
        (
            Text("Send this link to them, and to nobody else. It opens the console once:"),
            Text(sign_in_link(public_url, invited.code), "code", whole=True),
            Fields((Field("Good until", invited.expires_at),)),
        ),
        tone=Tone.GOOD,
    )


def sign_in(code: str, public_url: str, now: datetime) -> Card:
    return Card(
        "Your sign-in link",
        (
            Text("It opens the console as you, once. Keep it to yourself:"),
            Text(sign_in_link(public_url, code), "code", whole=True),
            Fields((Field("Good until", now + CODE_LIVES),)),
        ),
    )


def linking(code: str, now: datetime, lives: timedelta = CODE_LIVES) -> Card:
    return Card(
        "Tell Troupe who you are somewhere else",
        (
            Text("In Slack or Discord, send Troupe this line. It works once:"),
            Text(f"/people link {code}", "code", whole=True),
            Fields((Field("Good until", now + lives),)),
        ),
    )


def sign_in_link(public_url: str, code: str) -> str:
    return f"{public_url}/sign-in/{code}"


def keys(every: Sequence[Key], people: Sequence[Person], now: datetime) -> Card:
    """API keys that work, by name; the keys themselves are known to nobody any more."""
    names = {person.id: person.name for person in people}
    alive = [key for key in every if key.revoked_at is None]
    if not alive:
        return Card(
            "There is no API key", (Text("Make one with ./troupe api-key create NAME --role ROLE", "muted"),)
        )
    lines = (
        f"{key.name}: {names.get(key.person_id, 'somebody who left')}, as {key.role.a}, {_used(key, now)}"
        for key in alive
    )
    return Card(count(len(alive), "API key"), (Text("\n".join(lines)),))


def _used(key: Key, now: datetime) -> str:
    if key.last_used_at is None:
        return "never used"
    days = (now - key.last_used_at).days
    return "used today" if days < 1 else f"last used {count(days, 'day')} ago"
