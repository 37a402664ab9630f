"""What may be typed next: a command with its parameters, or the name after an @."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agents.people import Person
from agents.personas.persona import PersonaState
from bot.forms import Option
from bot.parse import complete as complete_command
from bot.ports import reading_ports
from storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from bot.wiring import Troupe

_MENTION = re.compile(r"(?:^|(?<=\s))@([\w-]{0,40})$")
MOST = 8
"""More do not fit over a phone's keyboard."""


def complete(text: str, troupe: Troupe, work: UnitOfWork, person: Person) -> list[Option]:
    """text: what stands before the caret. Each value is what should stand there instead."""
    if text.startswith("/"):
        return complete_command(text, reading_ports(troupe, work, person))[:MOST]
    found = _MENTION.search(text)
    if not found:
        return []
    head, prefix = text[: found.start()], found[1].lower()
    personas = [p for p in work.personas.all() if p.state is not PersonaState.ARCHIVED]
    names = [(p.handle, f"{p.name}, {p.profile.role}", p.name) for p in personas]
    names += [(p.name, f"{p.role.value}", p.name) for p in work.people.everyone()]
    return [
        Option(f"{head}@{handle} ", f"@{handle} — {about}")
        for handle, about, name in names
        if handle.lower().startswith(prefix) or name.lower().startswith(prefix)
    ][:MOST]
