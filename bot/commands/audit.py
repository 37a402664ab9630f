"""/audit: who did what to which version, newest first, page by page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

from agents.errors import Invalid, NotFound
from agents.events import Subject
from agents.people import Role
from bot.calls import Call, Click
from bot.cards import Card
from bot.parameters import TEXT
from bot.ports import Ports
from bot.present import audit as present
from bot.registry import button, command

PAGE = 15
"""Events on one card: with its changes each takes two blocks, and Slack's message holds 50."""


@dataclass(frozen=True, slots=True)
class Narrowed:
    """To whom or what the trail is narrowed.  by: "subject", "actor", "word" or ""; value: without a colon."""

    by: str = ""
    value: str = ""

    def __str__(self) -> str:
        return f"{self.by}-{self.value}" if self.by else ""

    @classmethod
    def parse(cls, text: str) -> Narrowed:
        """text: as on a button. Raises Invalid."""
        found = re.fullmatch(r"(subject|actor|word)-([^:]{1,70})", text)
        if text and found is None:
            raise Invalid("That is no page of the audit trail.", remedy="Ask with /audit.", field="action")
        return cls(found[1], found[2]) if found else cls()


@command(
    "audit", "Who did what, to which version; “about” a persona, a person, a post or a word", role=Role.EDITOR
)
def audit(call: Call, ports: Ports, *, about: Annotated[str, TEXT] = "") -> Card:
    return _page(_narrowed(about, ports) if about else Narrowed(), None, ports)


@button("audit.older", role=Role.EDITOR)
def older(click: Click, ports: Ports) -> Card:
    if not click.id.isdecimal():
        raise Invalid("That is no page of the audit trail.", remedy="Ask with /audit.", field="action")
    return _page(Narrowed.parse(click.fingerprint), int(click.id), ports)


def _page(narrowed: Narrowed, before_id: int | None, ports: Ports) -> Card:
    actor = narrowed.value if narrowed.by == "actor" else ""
    matching = {"subject": narrowed.value.replace(".", ":", 1), "word": narrowed.value}.get(narrowed.by, "")
    trail = ports.work.events.latest(limit=PAGE + 1, before_id=before_id, actor=actor, matching=matching)
    names = present.KnownNames(ports.work)
    more = len(trail) > PAGE
    button = present.older_button(trail[PAGE - 1], str(narrowed)) if more else None
    return present.card(trail[:PAGE], names, about=_told(narrowed, names), older=button)


def _narrowed(text: str, ports: Ports) -> Narrowed:
    """A persona, a person, a post by the beginning of its id; else a word of what happened ("halted", "policy")."""
    work = ports.work
    try:
        return Narrowed("subject", f"persona.{work.personas.by_handle(text).id}")
    except NotFound:
        pass
    try:
        return Narrowed("actor", work.people.by_name(text).id)
    except NotFound:
        pass
    try:
        return Narrowed("subject", f"post.{work.posts.find(text).id}")
    except NotFound:
        return Narrowed("word", re.sub(r"[^\w.]+", "_", text.lower())[:40])


def _told(narrowed: Narrowed, names: present.KnownNames) -> str:
    match narrowed.by:
        case "subject":
            kind, _, id = narrowed.value.partition(".")
            return names.of(Subject(kind, id))
        case "actor":
            return f"what {names.words(narrowed.value)} did"
        case _:
            return narrowed.value.replace("_", " ")
