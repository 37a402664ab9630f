"""The card of an alert: what failed, what was not lost, and the buttons that deal with it."""

from __future__ import annotations

from agents.oncall.alert import Alert, AlertKind, AlertState, Severity
from bot.cards import Author, Button, Card, Field, Fields, Text, Tone, action

TITLES = {
    AlertKind.PUBLISH_FAILED: "A post could not be published",
    AlertKind.PUBLISH_UNKNOWN: "A post may or may not be out",
    AlertKind.PUBLISH_MISSED: "A scheduled post missed its time",
    AlertKind.TAKE_DOWN_FAILED: "A post could not be taken down",
    AlertKind.SIGN_IN_NEEDED: "An account has to be connected again",
    AlertKind.WRITING_FAILED: "A draft could not be written",
    AlertKind.BUDGET_EXHAUSTED: "A persona's budget is used up",
    AlertKind.APPROVAL_ESCALATED: "A post waits for approval",
    AlertKind.APPROVAL_EXPIRED: "Nobody decided about a post in time",
    AlertKind.JOB_FAILED: "Something Troupe should have done failed",
    AlertKind.PROCESS_DOWN: "A part of Troupe has stopped",
    AlertKind.SURFACE_DOWN: "A chat does not let Troupe in",
    AlertKind.CHANNEL_CLOSED: "Nothing can be said in a channel any more",
    AlertKind.DELIVERY_FAILED: "A message could not be shown",
}


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
        title=TITLES[alert.kind],
        blocks=(*blocks, Fields(tuple(facts))),
        buttons=() if resolved else tuple(buttons),
        author=Author("Troupe"),
        badge=alert.state.value,
        tone=Tone.GOOD if resolved else _TONES.get(alert.severity, Tone.WAITING),
        subject=None,
    )


_TONES = {Severity.CRITICAL: Tone.BAD, Severity.HIGH: Tone.BAD}
