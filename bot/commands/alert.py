"""What can be pressed under an alert, besides what mends its cause."""

from __future__ import annotations

from agents.events import Event
from agents.oncall.alert import AlertState
from agents.people import Role
from bot.calls import Click
from bot.cards import Card
from bot.ports import Ports
from bot.present.draw import draw
from bot.registry import button


@button("alert.acknowledge", role=Role.EDITOR)
def acknowledge(click: Click, ports: Ports) -> Card:
    return _move(click, ports, AlertState.ACKNOWLEDGED, "alert.acknowledged")


@button("alert.resolve", role=Role.EDITOR)
def resolve(click: Click, ports: Ports) -> Card:
    return _move(click, ports, AlertState.RESOLVED, "alert.resolved")


def _move(click: Click, ports: Ports, to: AlertState, event: str) -> Card:
    """No fingerprint: an alert that was counted up meanwhile is the same cause, and its state says the rest."""
    alert = ports.work.alerts.get(click.id)
    at = "acknowledged_at" if to is AlertState.ACKNOWLEDGED else "resolved_at"
    ports.work.alerts.change(alert, state=to, handled_by=click.person.name, **{at: ports.now})
    about = alert.about
    before, after = {"state": alert.state.value}, {"state": to.value}
    ports.work.record(Event(event, about, click.person.actor, before=before, after=after))
    return draw(about, ports.work, click.person)
