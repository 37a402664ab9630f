"""/oncall escalation: who is asked when nobody answers, and changing it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from agents.errors import Invalid
from agents.oncall import policies
from agents.oncall.kinds import Severity
from agents.people import Role
from agents.personas.persona import Persona
from bot import steps
from bot.calls import Call, Click
from bot.cards import Card
from bot.forms import Form, Prefill, asked
from bot.kinds import ONE_OF, Reads
from bot.parameters import PERSONA
from bot.ports import Ports
from bot.present import escalation as present
from bot.registry import button, command

SEVERITY: Reads[Severity] = ONE_OF(Severity, "severity")
LINE = 400
"""Characters of one step: some ten names."""
_FIELDS = ("step1", "step2", "step3", "step4")


class StepsForm(Form):
    """A step that is left empty is left out."""

    title = "Who is asked, and when"
    step1: str = asked("First", default="", max_length=LINE, hint="at once: layer 1")
    step2: str = asked("Then", default="", max_length=LINE, hint=steps.EXAMPLE)
    step3: str = asked("Then, a third time", default="", max_length=LINE, hint="after 15 min: managers")
    step4: str = asked("At last", default="", max_length=LINE, hint="after 1 h: owners")


@command("oncall escalation", "Who is asked when nobody answers, and after how long")
def oncall_escalation(
    call: Call,
    ports: Ports,
    severity: Annotated[Severity | None, SEVERITY] = None,
    *,
    for_: Annotated[Persona | None, PERSONA] = None,
) -> Card:
    return _card([severity] if severity else list(Severity), for_, ports)


@command("oncall escalation-reset", "The default again, for one severity or all of them", role=Role.MANAGER)
def oncall_escalation_reset(
    call: Call,
    ports: Ports,
    severity: Annotated[Severity | None, SEVERITY] = None,
    *,
    for_: Annotated[Persona | None, PERSONA] = None,
) -> Card:
    severities = [severity] if severity else list(Severity)
    policies.reset(for_.id if for_ else "", severities, call.person, ports.work, via=call.via)
    return _card(severities, for_, ports)


def _now(click: Click, ports: Ports) -> Prefill:
    work = ports.work
    policy = work.escalations.of(_persona_id(click), _severity(click))
    names = {person.id: person.name for person in work.people.everyone()}
    lines = steps.shown(policy, names)
    return Prefill(dict(zip(_FIELDS, lines + [""] * (len(_FIELDS) - len(lines)), strict=True)))


@button("escalation.change", role=Role.MANAGER, form=StepsForm, prefill=_now)
def change(click: Click, ports: Ports, form: StepsForm) -> Card:
    """The fingerprint is the severity, and the mark of the policy that the form was opened on."""
    work, severity = ports.work, _severity(click)
    policy = steps.parsed(((name, getattr(form, name)) for name in _FIELDS), work.people.everyone())
    seen = click.fingerprint.rpartition("-")[2]
    policies.set_policy(_persona_id(click), severity, policy, click.person, work, seen=seen, via=click.via)
    return _card([severity], _persona(click, ports), ports)


@button("escalation.reset", role=Role.MANAGER)
def reset(click: Click, ports: Ports) -> Card:
    severity = _severity(click)
    policies.reset(_persona_id(click), [severity], click.person, ports.work, via=click.via)
    return _card([severity], _persona(click, ports), ports)


def _card(severities: Sequence[Severity], persona: Persona | None, ports: Ports) -> Card:
    id, kept = persona.id if persona else "", ports.work.escalations
    own = kept.own(id)
    views = [present.View(severity, kept.of(id, severity), severity in own) for severity in severities]
    return present.card(views, persona, ports.work.people.everyone())


def _persona(click: Click, ports: Ports) -> Persona | None:
    id = _persona_id(click)
    return ports.work.personas.get(id) if id else None


def _persona_id(click: Click) -> str:
    return "" if click.id == present.EVERYONE else click.id


def _severity(click: Click) -> Severity:
    """Raises Invalid for a button that is none of ours."""
    word = click.fingerprint.partition("-")[0]
    try:
        return Severity(word)
    except ValueError:
        raise Invalid(f"{word[:40]} is no severity.", field="action") from None
