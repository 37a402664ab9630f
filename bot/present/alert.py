"""The card of an alert: what failed, what was not lost, and the buttons that deal with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from agents.oncall.alert import Alert, AlertState
from agents.oncall.kinds import KINDS, Severity
from agents.writing.length import clip
from bot.cards import Author, Block, Button, Card, Field, Fields, Menu, Text, Tone, action
from bot.present.words import count

SHOWN = 5
"""Things that one card names; the rest is a number."""
LISTED = 15
"""Alerts of one list."""
DRILL = "DRILL: "


@dataclass(frozen=True, slots=True)
class AlertView:
    """Everything that the card shows.

    things: the first SHOWN of what suffers from it, each with its state, where that is more than one.  suffering: how
    many do.  remedies: what mends the cause, or all that suffers from it.  whose: the name of whom it was given to.
    """

    alert: Alert
    now: datetime
    remedies: Sequence[Button] = ()
    things: Sequence[str] = ()
    suffering: int = 1
    whose: str = ""


def card(view: AlertView) -> Card:
    """The same for every reader."""
    alert = view.alert
    resolved = alert.state is AlertState.RESOLVED
    badge = "silenced" if alert.silent(view.now) and not resolved else alert.state.value
    return Card(
        title=title(alert),
        blocks=tuple(_blocks(view)),
        buttons=() if resolved else (*view.remedies, *_handling(alert)),
        menu=Menu("More", tuple(_options(view))),
        author=Author("Troupe"),
        badge=f"drill, {badge}" if alert.drill else badge,
        tone=Tone.GOOD if resolved else _TONES.get(alert.severity, Tone.WAITING),
        subject=alert.about,
    )


def title(alert: Alert) -> str:
    return f"{DRILL if alert.drill else ''}{KINDS[alert.kind].title}"


def _blocks(view: AlertView) -> list[Block]:
    alert = view.alert
    blocks: list[Block] = []
    if alert.drill:
        blocks.append(Text("This is a drill. Nothing failed; deal with it as if it had.", "heading"))
    blocks += [Text(alert.what), Text(alert.kept, "muted")]
    if alert.state is not AlertState.RESOLVED:
        blocks.append(Text(f"Likely cause: {alert.why or KINDS[alert.kind].cause}", "muted"))
        blocks.append(Text(alert.remedy))
        if view.things:
            more = view.suffering - len(view.things)
            rest = [f"And {more:,} more."] if more > 0 else []
            blocks.append(Text("\n".join([*view.things, *rest])))
    return [*blocks, Fields(tuple(_facts(view)))]


def _facts(view: AlertView) -> list[Field]:
    alert = view.alert
    facts = [Field("Severity", alert.severity.value), Field("Since", alert.first_at)]
    if alert.count > 1:
        facts += [Field("Times", f"{alert.count:,}"), Field("Last", alert.last_at)]
    if alert.reopened:
        flaps = ", so it is not mended for good" if alert.flaps else ""
        facts.append(Field("Came back", f"{count(alert.reopened, 'time')}{flaps}"))
    if alert.handled_by:
        done = "Resolved by" if alert.state is AlertState.RESOLVED else "Acknowledged by"
        facts.append(Field(done, alert.handled_by))
    if alert.state is not AlertState.RESOLVED:
        if view.whose:
            facts.append(Field("Given to", view.whose))
        if alert.silent(view.now) and alert.silenced_until:
            facts.append(Field("Silent until", alert.silenced_until))
    return [*facts, Field("Alert", alert.id)]


def _handling(alert: Alert) -> list[Button]:
    resolve = Button("Resolve", action("alert.resolve", alert.id))
    if alert.state is AlertState.ACKNOWLEDGED:
        return [resolve]
    return [Button("Acknowledge", action("alert.acknowledge", alert.id)), resolve]


def _options(view: AlertView) -> list[Button]:
    """What is pressed seldom."""
    alert = view.alert
    told = [
        Button("Details", action("alert.details", alert.id)),
        Button("Runbook", action("alert.runbook", alert.id)),
    ]
    if alert.state is AlertState.RESOLVED:
        return told
    return [
        *_silences(view),
        Button("Escalate", action("alert.escalate", alert.id)),
        Button("Reassign…", action("alert.reassign", alert.id)),
        *told,
    ]


def _silences(view: AlertView) -> list[Button]:
    id = view.alert.id
    if view.alert.silent(view.now):
        return [Button("End the silence", action("alert.unsilence", id))]
    return [
        Button("Silence for 1 h", action("alert.silence_for", id, "1")),
        Button("Silence for 8 h", action("alert.silence_for", id, "8")),
        Button("Silence until…", action("alert.silence", id)),
    ]


def listing(alerts: Sequence[Alert]) -> Card:
    """Those that are not resolved, the worst first; each is opened by its button."""
    if not alerts:
        return Card("Nothing is open", (Text("Every alert is resolved."),), tone=Tone.GOOD)
    order = list(Severity)
    worst = sorted(alerts, key=lambda a: (order.index(a.severity), a.state is AlertState.ACKNOWLEDGED))
    shown = worst[:LISTED]
    lines = [
        f"{n}. {one.severity.value}, {one.state.value}{f' by {one.handled_by}' if one.handled_by else ''}"
        f"{f', {one.count:,} times' if one.count > 1 else ''}: {title(one)}. {clip(one.what, 120)} ({one.id})"
        for n, one in enumerate(shown, 1)
    ]
    if len(alerts) > LISTED:
        lines.append(f"And {len(alerts) - LISTED} more.")
    buttons = tuple(
        Button(f"Show {n}", action("alert.show", one.id)) for n, one in enumerate(shown[:SHOWN], 1)
    )
    return Card(f"{count(len(alerts), 'open alert')}", (Text("\n".join(lines)),), buttons, tone=Tone.WAITING)


_TONES = {Severity.CRITICAL: Tone.BAD, Severity.HIGH: Tone.BAD}
