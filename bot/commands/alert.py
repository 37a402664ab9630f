"""/alert … and what can be pressed under an alert."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from agents.errors import Invalid
from agents.oncall import care, remedy
from agents.oncall.alert import Alert
from agents.people import Role
from bot.calls import Call, Click
from bot.cards import Card
from bot.forms import Form, Option, Prefill, asked
from bot.parameters import ALERT, parse_moment
from bot.ports import Ports
from bot.present import alert as present
from bot.present import alert_story, remedies, runbook
from bot.present.draw import draw
from bot.registry import button, command

HOURS = {"1": timedelta(hours=1), "8": timedelta(hours=8)}
"""What the buttons offer."""


class SilenceForm(Form):
    title = "Silence the alert"
    submit = "Silence"
    until: str = asked("Until when, in your time zone", "datetime", max_length=60)


class ReassignForm(Form):
    title = "Reassign the alert"
    submit = "Give it to them"
    to: str = asked("Who deals with it from now on?", "choice", max_length=40)


@command("alert list", "Every alert that is not resolved, the worst first")
def alert_list(call: Call, ports: Ports) -> Card:
    return present.listing(ports.work.alerts.unresolved(limit=200))


@command("alert show", "An alert's card")
def alert_show(call: Call, ports: Ports, alert: Annotated[Alert, ALERT]) -> Card:
    return draw(alert.about, ports.work, call.person)


@command("alert ack", "Say that you have an alert, so that nobody else is asked", role=Role.EDITOR)
def alert_ack(call: Call, ports: Ports, alert: Annotated[Alert, ALERT]) -> Card:
    care.acknowledge(alert.id, call.person, ports.work, via=call.via)
    return draw(alert.about, ports.work, call.person)


@command("alert resolve", "Say that an alert is over", role=Role.EDITOR)
def alert_resolve(call: Call, ports: Ports, alert: Annotated[Alert, ALERT]) -> Card:
    care.resolve(alert.id, call.person, ports.work, via=call.via)
    return draw(alert.about, ports.work, call.person)


@button("alert.show")
def show(click: Click, ports: Ports) -> Card:
    return _card(click, ports)


@button("alert.acknowledge", role=Role.EDITOR)
def acknowledge(click: Click, ports: Ports) -> Card:
    """No fingerprint: an alert that was counted up meanwhile is the same cause, and its state says the rest."""
    care.acknowledge(click.id, click.person, ports.work, via=click.via)
    return _card(click, ports)


@button("alert.resolve", role=Role.EDITOR)
def resolve(click: Click, ports: Ports) -> Card:
    care.resolve(click.id, click.person, ports.work, via=click.via)
    return _card(click, ports)


@button("alert.silence_for", role=Role.EDITOR)
def silence_for(click: Click, ports: Ports) -> Card:
    """The fingerprint is the number of hours."""
    if click.fingerprint not in HOURS:
        raise Invalid("That is no length of a silence.", remedy="Press Silence until…")
    until = ports.now + HOURS[click.fingerprint]
    care.silence(click.id, until, click.person, ports.work, via=click.via)
    return _card(click, ports)


@button("alert.silence", role=Role.EDITOR, form=SilenceForm)
def silence(click: Click, ports: Ports, form: SilenceForm) -> Card:
    until = parse_moment(form.until, ports, field="until")
    care.silence(click.id, until, click.person, ports.work, via=click.via)
    return _card(click, ports)


@button("alert.unsilence", role=Role.EDITOR)
def unsilence(click: Click, ports: Ports) -> Card:
    care.silence(click.id, None, click.person, ports.work, via=click.via)
    return _card(click, ports)


@button("alert.escalate", role=Role.EDITOR)
def escalate(click: Click, ports: Ports) -> Card:
    care.escalate_now(click.id, click.person, ports.work, via=click.via)
    return _card(click, ports)


def _who_can(click: Click, ports: Ports) -> Prefill:
    able = [p for p in ports.work.people.everyone() if p.role.covers(Role.EDITOR)]
    return Prefill({}, {"to": tuple(Option(p.id, f"{p.name} ({p.role.value})") for p in able)})


@button("alert.reassign", role=Role.EDITOR, form=ReassignForm, prefill=_who_can)
def reassign(click: Click, ports: Ports, form: ReassignForm) -> Card:
    care.reassign(click.id, ports.work.people.get(form.to), click.person, ports.work, via=click.via)
    return _card(click, ports)


@button("alert.details")
def details(click: Click, ports: Ports) -> Card:
    return alert_story.card(ports.work.alerts.get(click.id), ports.work)


@button("alert.runbook")
def open_runbook(click: Click, ports: Ports) -> Card:
    return runbook.card(ports.work.alerts.get(click.id).kind, ports.public_url)


@button("alert.each")
def each(click: Click, ports: Ports) -> Card:
    alert = ports.work.alerts.get(click.id)
    things = remedy.suffering(alert, ports.work)[: present.SHOWN]
    return remedies.one_by_one(alert, things, ports.work.alerts.suffering(alert.id), ports.work)


@button("alert.retry_all", role=Role.EDITOR)
def retry_all(click: Click, ports: Ports) -> Card:
    remedy.retry_all(click.id, click.person, ports.work)
    return _card(click, ports)


@button("alert.write_all", role=Role.EDITOR)
def write_all(click: Click, ports: Ports) -> Card:
    remedy.write_all(click.id, click.person, ports.work)
    return _card(click, ports)


@button("alert.post_all", role=Role.EDITOR)
def post_all(click: Click, ports: Ports) -> Card:
    """The fingerprint tells which posts were meant."""
    remedy.post_all(click.id, click.fingerprint, click.person, ports.work, via=click.via)
    return _card(click, ports)


@button("alert.drop_all", role=Role.EDITOR)
def drop_all(click: Click, ports: Ports) -> Card:
    remedy.drop_all(click.id, click.fingerprint, click.person, ports.work)
    return _card(click, ports)


def _card(click: Click, ports: Ports) -> Card:
    return draw(ports.work.alerts.get(click.id).about, ports.work, click.person)
