"""Who is asked when nobody answers, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agents.oncall.escalation import Policy
from agents.oncall.kinds import Severity
from agents.people import Person
from agents.personas.persona import Persona
from bot import steps
from bot.cards import Block, Button, Card, Text, action

EVERYONE = "everyone"
"""Stands for "every persona without a policy of its own" on a button."""


@dataclass(frozen=True, slots=True)
class View:
    """own: whether it was set here, so that there is something to go back to."""

    severity: Severity
    policy: Policy
    own: bool = False


def card(views: Sequence[View], persona: Persona | None, people: Sequence[Person]) -> Card:
    """views: from the worst severity on, or one alone.  persona: None for the policy of all without one of their own."""
    names = {person.id: person.name for person in people}
    blocks: list[Block] = []
    buttons = []
    for view in views:
        word = view.severity.value
        origin = "" if view.own else " (as for every persona)" if persona else " (the default)"
        blocks.append(Text(f"{word.capitalize()}{origin}", "heading"))
        lines = steps.shown(view.policy, names)
        blocks.append(
            Text("\n".join(f"• {line}" for line in lines) or "Its card in the channel, and nobody directly.")
        )
        buttons.append(_change("Change…" if len(views) == 1 else f"Change {word}…", view, persona))
    buttons += [_reset(view, persona) for view in views if view.own and len(views) == 1]
    blocks.append(
        Text(
            "Where a layer has no rota managers are asked, and owners where there are none. Whoever acknowledges ends it.",
            "muted",
        )
    )
    of = f" about {persona.name}" if persona else ""
    return Card(f"Who is asked when nobody answers{of}", tuple(blocks), tuple(buttons))


def _change(label: str, view: View, persona: Persona | None) -> Button:
    seen = f"{view.severity.value}-{view.policy.mark}"
    return Button(label, action("escalation.change", persona.id if persona else EVERYONE, seen))


def _reset(view: View, persona: Persona | None) -> Button:
    label = "As for every persona" if persona else "Back to the default"
    return Button(label, action("escalation.reset", persona.id if persona else EVERYONE, view.severity.value))
