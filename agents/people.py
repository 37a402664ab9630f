"""People: one role each, identities on several surfaces, and what a role lets them do."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from agents.errors import Forbidden
from agents.events import Actor, Subject


class Role(StrEnum):
    """Each role may do everything that the ones after it may."""

    OWNER = "owner"
    MANAGER = "manager"
    EDITOR = "editor"
    VIEWER = "viewer"

    def covers(self, other: Role) -> bool:
        """True if this role is at least `other`."""
        return _RANK[self] <= _RANK[other]

    @property
    def a(self) -> str:
        """With its article: "an owner"."""
        return f"{'an' if self.value[0] in 'aeiou' else 'a'} {self.value}"


_RANK = {role: rank for rank, role in enumerate(Role)}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may talk to Troupe. `zone` is an IANA name; times on cards are told in it."""

    id: str
    name: str
    role: Role
    zone: str = "UTC"
    removed_at: datetime | None = None
    via: str = field(default="", compare=False)
    """The API key that acts as this person just now, "" for the person alone."""

    @property
    def subject(self) -> Subject:
        return Subject("person", self.id)

    @property
    def actor(self) -> Actor:
        return Actor("person", self.id, self.name, self.via)

    def acting(self, via: str) -> Actor:
        """As whoever did it.  via: the API key or surface it came through, "" for a person's own click."""
        return Actor("person", self.id, self.name, via)

    def must_be(self, role: Role, to: str) -> None:
        """Raises Forbidden unless this person's role covers `role`.  to: "halt Troupe", for the sentence."""
        if self.removed_at is not None:
            raise Forbidden(
                f"{self.name} was removed from this team, so cannot {to}.",
                remedy="Ask an owner for an invitation.",
            )
        if not self.role.covers(role):
            name = f'"{self.name}"' if " " in self.name else self.name
            raise Forbidden(
                f"To {to} takes {role.a}; you are {self.role.a}.",
                remedy=f"Ask an owner to run /people role {name} {role.value}, or ask {role.a} to do it.",
            )


@dataclass(frozen=True, slots=True)
class Identity:
    """How a person is known on one surface: `user_id` is that platform's own id."""

    person_id: str
    surface: str
    user_id: str


class People(Protocol):
    """Where people are kept."""

    def get(self, id: str) -> Person: ...
    def by_name(self, name: str) -> Person: ...
    def everyone(self) -> list[Person]: ...
    def count_active(self) -> int: ...
