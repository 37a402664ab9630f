"""Plain words that ask for work: "@Troupe ask Steve to compare three queue libraries". One plain rule, the same everywhere.

An address and a verb of asking make a task; everything else stays conversation, and so does whatever is in doubt: a
persona that is only talked to answers, and under what somebody said stands *Give this to a persona*.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agents.personas.persona import Persona, PersonaState

WORDS_LEAST = 3
"""What is asked for in fewer words ("ask Steve to come in") is talk."""
ANYBODY = ("somebody", "someone", "anybody", "anyone", "a persona")
_TROUPE = re.compile(r"^@?troupe\b[\s,:]*", re.IGNORECASE)
_HAND_ON = re.compile(
    r"^(?:(?:please|could you|can you|would you|will you)\s+)*(?P<verb>ask|tell|get|have|let)\s+(?P<rest>\S.*)$",
    re.IGNORECASE | re.DOTALL,
)
_ADDRESSED = re.compile(r"^(?P<who>@.+?)\b[\s,:]*\bplease\s+(?P<rest>\S.*)$", re.IGNORECASE | re.DOTALL)
_WORK = """
analyse analyze assemble benchmark build calculate check clean collect compare compile compose convert create design develop
document evaluate examine extract find fix gather generate implement improve investigate list make measure migrate organise
organize plan prepare produce prototype refactor report research review rewrite scrape sketch study summarise summarize test
translate write
"""
WORK = frozenset(_WORK.split())
"""What is done away from the channel, and handed over. What is said at once ("tell", "explain") is no work."""


@dataclass(frozen=True, slots=True)
class Asked:
    """persona: None for whoever is free.  brief: what is to be done, as it was said."""

    persona: Persona | None
    brief: str


def asked(text: str, personas: Sequence[Persona], *, called: bool = False) -> Asked | None:
    """None for conversation.  called: Troupe itself was addressed, and its name may be gone from the text."""
    words, named = _TROUPE.subn("", text.strip(), count=1)
    active = [persona for persona in personas if persona.state is PersonaState.ACTIVE]
    return (_handed_on(words, active) if called or named else None) or _addressed(words, active)


def _handed_on(words: str, active: Sequence[Persona]) -> Asked | None:
    """ "ask Steve to …", "have @ada …", "get somebody to …"."""
    match = _HAND_ON.match(words)
    found = _begins(match["rest"], active) if match else None
    if match is None or found is None:
        return None
    persona, brief = found
    if match["verb"].lower() in ("ask", "tell", "get"):
        to, _, brief = brief.partition(" ")
        if to.lower() != "to":
            return None
    return _enough(persona, brief)


def _addressed(words: str, active: Sequence[Persona]) -> Asked | None:
    """ "@ada please research …": please, and a verb of work; a question stays one."""
    match = _ADDRESSED.match(words)
    found = _begins(match["who"], active) if match else None
    if match is None or found is None or found[1] or words.rstrip().endswith("?"):
        return None
    verb = match["rest"].split()[0].lower()
    return _enough(found[0], match["rest"]) if verb in WORK else None


def _begins(words: str, active: Sequence[Persona]) -> tuple[Persona | None, str] | None:
    """The persona by whose handle or name the words begin, and the rest of them; None if they name nobody, or several."""
    for name in sorted({*_names(active), *ANYBODY}, key=len, reverse=True):
        match = re.match(rf"@?{re.escape(name)}(?![\w-])[\s,:]*", words, re.IGNORECASE)
        if match and name in ANYBODY:
            return None, words[match.end() :]
        if match:
            [one, *more] = [p for p in active if p.handle == name] or [
                p for p in active if p.name.lower() == name
            ]
            return None if more else (one, words[match.end() :])
    return None


def _names(active: Sequence[Persona]) -> set[str]:
    return {name for persona in active for name in (persona.handle, persona.name.lower())}


def _enough(persona: Persona | None, brief: str) -> Asked | None:
    return Asked(persona, brief.strip()) if len(brief.split()) >= WORDS_LEAST else None
