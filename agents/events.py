"""A fact, recorded in the same transaction as the change it describes: event, audit line and outbox in one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple


class Subject(NamedTuple):
    """What a card, an event, a job or a thread is about."""

    kind: str
    """post, persona, person, alert, account, policy, message, system, …"""
    id: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"

    @classmethod
    def parse(cls, text: str) -> Subject:
        """text: "kind:id". Raises ValueError without a colon."""
        kind, id = text.split(":", 1)
        return cls(kind, id)


SYSTEM = Subject("system", "troupe")
"""The product itself, as actor (clock, sweeper) and as subject (halt, resume)."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it: a person, a persona, or the system itself; `via` names the API key or surface it came through."""

    kind: Literal["person", "persona", "system"]
    id: str
    name: str
    via: str = ""


TROUPE = Actor("system", "troupe", "Troupe")


@dataclass(frozen=True, slots=True)
class Event:
    """`name` is noun.verb in the past ("post.approved"); before/after hold only what changed, as JSON values."""

    name: str
    subject: Subject
    actor: Actor
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    refused: str = ""
    """Why it was not allowed; empty when it happened."""
