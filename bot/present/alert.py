"""The card of an alert: what failed, what was not lost, and the buttons that deal with it."""

from __future__ import annotations

from agents.oncall.alert import Alert, AlertState
from agents.oncall.kinds import KINDS, Severity
from bot.cards import Author, Button, Card, Field, Fields, Text, Tone, action


def card(alert: Alert, remedies: tuple[Button, ...] = ()) -> Card:
    """remedies: what mends the cause itself, taken from the subject's own card."""
    buttons = list(remedies)
    if alert.state is AlertState.OPEN:
        buttons.append(Button("Acknowledge", action("alert.acknowledge", alert.id)))
    if alert.state is not AlertState.RESOLVED:
        buttons.append(Button("Resolve", action("alert.resolve", alert.id)))
    resolved = alert.state is AlertState.RESOLVED
    facts = [Field("Severity", alert.severity.value), Field("Since", alert.first_at)]
    if alert.count > 1:
        facts += [Field("Times", str(alert.count)), Field("Last", alert.last_at)]
    if alert.handled_by:
        facts.append(Field("Resolved by" if resolved else "Acknowledged by", alert.handled_by))
    blocks = [Text(alert.what), Text(alert.kept, "muted")]
    if not resolved:
        blocks.append(Text(alert.remedy))
    return Card(
        title=KINDS[alert.kind].title,
        blocks=(*blocks, Fields(tuple(facts))),
        buttons=() if resolved else tuple(buttons),
        author=Author("Troupe"),
        badge=alert.state.value,
        tone=Tone.GOOD if resolved else _TONES.get(alert.severity, Tone.WAITING),
        subject=None,
    )


_TONES = {Severity.CRITICAL: Tone.BAD, Severity.HIGH: Tone.BAD}
