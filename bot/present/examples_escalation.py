"""Examples of the cards about who is asked when nobody answers. Nothing in here is real."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from agents.oncall.escalation import DEFAULTS, Policy, Step
from agents.oncall.kinds import Severity
from agents.people import Person, Role
from agents.personas.persona import Persona
from agents.personas.templates import template
from bot.cards import Card
from bot.present import escalation

ALICE, BOB = Person("alice", "Alice", Role.OWNER), Person("bob", "Bob, at night", Role.EDITOR)
NOOR = Persona(id="noor", profile=template("research-analyst"))
OWN = Policy(
    (
        Step(timedelta(0), ("layer:1", "person:bob")),
        Step(timedelta(minutes=90), ("person:alice", "person:nobody", "managers")),
        Step(timedelta(hours=7 * 24), ("owners",)),
    )
)


def examples() -> Mapping[str, tuple[Card, ...]]:
    """By what they show, in the order of a gallery."""
    everyone = [escalation.View(severity, DEFAULTS[severity]) for severity in Severity]
    own = escalation.View(Severity.CRITICAL, OWN, own=True)
    return {
        "Who is asked when nobody answers": (
            escalation.card(everyone, None, (ALICE, BOB)),
            escalation.card([own], None, (ALICE, BOB)),
            escalation.card([own, *everyone[1:]], NOOR, (ALICE, BOB)),
        ),
    }
