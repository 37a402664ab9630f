"""Deciding on a plan and on a result: the buttons that carry the fingerprint of what their card showed."""

from __future__ import annotations

from agents.events import Subject
from agents.tasks import decide
from bot.calls import Click
from bot.cards import Card
from bot.forms import Form, asked
from bot.ports import Ports
from bot.present.draw import draw
from bot.registry import button

FEEDBACK_LIMIT = 4_000


class PlanChangesForm(Form):
    title = "Change the plan"
    submit = "Ask"
    feedback: str = asked("What should be different?", "multiline", min_length=1, max_length=FEEDBACK_LIMIT)


class ResultChangesForm(Form):
    title = "Make changes"
    submit = "Have them made"
    feedback: str = asked("What is missing, or wrong?", "multiline", min_length=1, max_length=FEEDBACK_LIMIT)


@button("task.approve_plan")
def approve_plan(click: Click, ports: Ports) -> Card:
    decide.approve_plan(click.id, click.person, click.fingerprint, ports.work, via=click.via)
    return _card(click, ports)


@button("task.change_plan", form=PlanChangesForm)
def change_plan(click: Click, ports: Ports, form: PlanChangesForm) -> Card:
    decide.change_plan(click.id, click.person, click.fingerprint, form.feedback, ports.work, via=click.via)
    return _card(click, ports)


@button("task.accept")
def accept(click: Click, ports: Ports) -> Card:
    decide.accept(click.id, click.person, click.fingerprint, ports.work, via=click.via)
    return _card(click, ports)


@button("task.change_result", form=ResultChangesForm)
def change_result(click: Click, ports: Ports, form: ResultChangesForm) -> Card:
    decide.change_result(click.id, click.person, click.fingerprint, form.feedback, ports.work, via=click.via)
    return _card(click, ports)


def _card(click: Click, ports: Ports) -> Card:
    return draw(Subject("task", click.id), ports.work, click.person)
