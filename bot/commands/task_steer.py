"""Steering a task by its card: pause, go on, stop, try again, give away, pay more, correct."""

from __future__ import annotations

from decimal import Decimal

from agents.errors import Conflict, NotFound
from agents.events import Subject
from agents.money import from_dollars
from agents.people import Role
from agents.personas.persona import PersonaState
from agents.tasks import steer
from bot.calls import Click
from bot.cards import Card
from bot.forms import Form, Option, Prefill, asked
from bot.parameters import parse_moment
from bot.ports import Ports
from bot.present.draw import draw
from bot.registry import button

MOST_USD = 100_000


class GiveForm(Form):
    title = "Give the task"
    submit = "Give it"
    to: str = asked("Who goes on with it?", "choice", max_length=40)


class BudgetForm(Form):
    title = "Raise the budget"
    submit = "Raise it"
    amount: Decimal = asked(
        "New budget, in dollars", "number", hint="What it may spend in all.", ge=0, le=MOST_USD
    )


class CorrectForm(Form):
    title = "Correct the task"
    complexity: int = asked("Complexity, 1 to 10", "number", hint="10 is the hardest.", ge=1, le=10)
    priority: int = asked("Priority, 1 to 10", "number", hint="10 comes first.", ge=1, le=10)
    deadline: str = asked("Until when (optional)", "datetime", default="", max_length=60)


@button("task.pause", role=Role.EDITOR)
def pause(click: Click, ports: Ports) -> Card:
    """No fingerprint on what steers: it is about the task, whatever it has come to."""
    steer.pause(click.id, click.person, ports.work)
    return _card(click, ports)


@button("task.resume", role=Role.EDITOR)
def resume(click: Click, ports: Ports) -> Card:
    steer.resume(click.id, click.person, ports.work)
    return _card(click, ports)


@button("task.stop", role=Role.EDITOR)
def stop(click: Click, ports: Ports) -> Card:
    steer.stop(click.id, click.person, ports.work)
    return _card(click, ports)


@button("task.retry", role=Role.EDITOR)
def retry(click: Click, ports: Ports) -> Card:
    steer.retry(click.id, click.person, ports.work)
    return _card(click, ports)


def _others(click: Click, ports: Ports) -> Prefill:
    task = ports.work.tasks.get(click.id)
    able = [
        p for p in ports.work.personas.all() if p.state is PersonaState.ACTIVE and p.id != task.persona_id
    ]
    if not able:
        raise Conflict(
            "No other persona is at work.", remedy="/persona new makes one, /persona resume wakes one."
        )
    named = tuple(Option(p.id, f"{p.name} (@{p.handle}), {p.profile.role}") for p in able)
    return Prefill({"to": able[0].id if len(able) == 1 else None}, {"to": named})


@button("task.give", role=Role.EDITOR, form=GiveForm, prefill=_others)
def give(click: Click, ports: Ports, form: GiveForm) -> Card:
    try:
        persona = ports.work.personas.get(form.to)
    except NotFound as error:
        error.field = "to"
        raise
    steer.give(click.id, click.person, persona, ports.work)
    return _card(click, ports)


def _money_now(click: Click, ports: Ports) -> Prefill:
    """Twice as much as it may spend now."""
    now = Decimal(ports.work.tasks.get(click.id).budget) / 1_000_000
    return Prefill({"amount": f"{max(now * 2, Decimal(1)).normalize():f}"})


@button("task.budget", role=Role.EDITOR, form=BudgetForm, prefill=_money_now)
def budget(click: Click, ports: Ports, form: BudgetForm) -> Card:
    steer.raise_budget(click.id, click.person, from_dollars(form.amount), ports.work)
    return _card(click, ports)


def _as_it_is(click: Click, ports: Ports) -> Prefill:
    task = ports.work.tasks.get(click.id)
    ahead = {"deadline": task.deadline} if task.deadline and task.deadline > ports.now else {}
    return Prefill({"complexity": task.complexity, "priority": task.priority, **ahead})


@button("task.correct", role=Role.EDITOR, form=CorrectForm, prefill=_as_it_is)
def correct(click: Click, ports: Ports, form: CorrectForm) -> Card:
    task = ports.work.tasks.get(click.id)
    steer.correct(
        click.id,
        click.person,
        ports.work,
        complexity=form.complexity if form.complexity != task.complexity else None,
        priority=form.priority if form.priority != task.priority else None,
        deadline=parse_moment(form.deadline, ports, field="deadline") if form.deadline else None,
    )
    return _card(click, ports)


def _card(click: Click, ports: Ports) -> Card:
    return draw(Subject("task", click.id), ports.work, click.person)
