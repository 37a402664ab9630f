"""Cards that are no subject's: answers, and what is told when something cannot be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agents.errors import TroupeError
from agents.events import TROUPE
from agents.people import Person
from agents.personas.persona import Persona, PersonaState
from bot.cards import Card, Text, Tone

TROUPE_SPEAKS = TROUPE


def problem(error: TroupeError, person: Person) -> Card:
    """What happened and what to do next, for the one person who asked."""
    return replace(not_done(error), audience=person.id)


def not_done(error: TroupeError) -> Card:
    """The same for somebody whom we do not know."""
    blocks = (Text(error.remedy, "muted"),) if error.remedy else ()
    return Card(error.what, blocks, tone=Tone.BAD, badge="not done")


def done(title: str, *lines: str) -> Card:
    return Card(title, tuple(Text(line) for line in lines), tone=Tone.GOOD)


def whom(personas: Sequence[Persona]) -> Card:
    """Somebody called Troupe, and nobody is meant."""
    names = [f"@{p.handle}, {p.profile.role}" for p in personas if p.state is PersonaState.ACTIVE]
    lines = (Text("Say it again with a name, such as:"), *(Text(name, "muted") for name in names[:10]))
    return Card("Whom do you mean?", lines)
