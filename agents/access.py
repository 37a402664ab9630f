"""What lets a person in: sign-in links, codes that link an identity, sessions, API keys.

Links and codes are answered to whoever asked, and recorded nowhere; only their hashes are kept.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from agents import guests, team
from agents.errors import Forbidden, Invalid
from agents.events import Event, Subject
from agents.people import Identity, Person, Role

KEY_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,59}", re.ASCII)
CODE_LIVES = timedelta(minutes=30)
SIGN_IN = "sign_in"
LINK = "link"
"""Purposes of a code."""


class Key(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def person_id(self) -> str: ...
    @property
    def revoked_at(self) -> datetime | None: ...


class Access(Protocol):
    def new_code(
        self, person_id: str, now: datetime, *, purpose: str = ..., lives: timedelta = ...
    ) -> str: ...
    def use_code(self, code: str, now: datetime, *, purpose: str = ...) -> str: ...
    def sign_out_everywhere(self, person_id: str, now: datetime) -> int: ...
    def keys(self) -> Sequence[Key]: ...
    def new_key(self, name: str, person_id: str, role: Role, now: datetime) -> str: ...
    def revoke_key(self, name: str, now: datetime) -> None: ...


class Work(guests.Work, Protocol):
    @property
    def access(self) -> Access: ...


def sign_out_everywhere(person_id: str, by: Person, work: Work, *, via: str = "") -> int:
    """Every browser, and every link that was not used yet; API keys go on. How many browsers it were."""
    person = team.own_or_owners(person_id, by, "sign somebody else out", work.people)
    browsers = work.access.sign_out_everywhere(person.id, work.now)
    after = {"browsers_signed_out": browsers}
    work.record(Event("person.signed_out", person.subject, by.acting(via), after=after))
    return browsers


def code(purpose: str, by: Person, work: Work, *, via: str = "") -> str:
    """One's own, never somebody else's: SIGN_IN opens the console, LINK says on another surface who is there.

    Raises Forbidden for an API key: a program that could make one could stay for ever.
    """
    if via:
        raise Forbidden(
            f"The API key {via} may not let a person in.",
            remedy="Ask for the link yourself, in a chat, the console or with ./troupe sign-in.",
        )
    made = work.access.new_code(by.id, work.now, purpose=purpose, lives=CODE_LIVES)
    work.record(Event("person.code_made", by.subject, by.actor, after={"purpose": purpose}))
    return made


def link(code: str, surface: str, user_id: str, work: Work) -> Person:
    """For a surface that does not know who is there: from now on it does.

    Raises NotSignedIn for a code that is unknown, used or expired, Conflict if that account is somebody else's.
    """
    person_id = work.access.use_code(code.strip(), work.now, purpose=LINK)
    person = team.active(person_id, work.people)
    work.people.link(Identity(person.id, surface, user_id), work.now)
    after = {"surface": surface, "user_id": user_id}
    work.record(Event("person.linked", person.subject, person.actor, after=after))
    guests.arrived(surface, user_id, person.name, work)
    return person


def make_key(name: str, role: Role, by: Person, work: Work) -> str:
    """The key itself, which nobody can show again. It acts as `by`, and never above `role`.

    name: what the audit trail and /key list call it, one word.
    Raises Invalid for a name of another kind and for a role above the person's own, Conflict if the name is taken.
    """
    if not KEY_NAME.fullmatch(name):
        raise Invalid(
            f"{name or 'Nothing'} is no name for a key.",
            remedy="Write one word of letters, digits, dots, dashes and underscores, at most 60 characters.",
            field="name",
        )
    if not by.role.covers(role):
        raise Invalid(
            f"A key acts as {by.name}, whose role is {by.role.value}, so it cannot be a key of the role {role.value}.",
            remedy=f"Make it with --role {by.role.value}, or in somebody else's name with --as.",
            field="role",
        )
    key = work.access.new_key(name, by.id, role, work.now)
    work.record(Event("key.made", Subject("key", name), by.actor, after={"role": role.value}))
    return key


def revoke_key(name: str, by: Person, work: Work, *, via: str = "") -> None:
    """One's own key, or as an owner anybody's. Raises NotFound with the nearest one."""
    every = work.access.keys()
    others = (key for key in every if key.person_id != by.id and key.revoked_at is None)
    if any(key.name == name for key in others):
        by.must_be(Role.OWNER, "revoke somebody else's API key")
    work.access.revoke_key(name, work.now)
    work.record(Event("key.revoked", Subject("key", name), by.acting(via), after={"revoked": True}))
