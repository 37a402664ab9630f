"""What can be pressed under a step that leaves a task's workspace, and under a persona's question."""

from __future__ import annotations

from agents.errors import Invalid
from agents.events import Subject
from agents.people import Role
from agents.tasks import questions, steps
from bot.calls import Click
from bot.cards import Card
from bot.forms import Form, Prefill, asked
from bot.ports import Ports
from bot.present.draw import draw
from bot.registry import button

ANSWER_LIMIT = 4_000


class RefuseForm(Form):
    title = "Refuse the step"
    submit = "Refuse"
    reason: str = asked("Why? The persona is told.", "multiline", default="", max_length=1000)


class AnswerForm(Form):
    title = "Answer the question"
    submit = "Answer"
    answer: str = asked("Your answer", "multiline", min_length=1, max_length=ANSWER_LIMIT)


@button("action.show")
def show(click: Click, ports: Ports) -> Card:
    return _step(click, ports)


@button("action.approve")
def approve(click: Click, ports: Ports) -> Card:
    steps.approve(click.id, click.person, click.fingerprint, ports.work, via=click.via)
    return _step(click, ports)


@button("action.refuse", form=RefuseForm)
def refuse(click: Click, ports: Ports, form: RefuseForm) -> Card:
    steps.refuse(click.id, click.person, click.fingerprint, form.reason, ports.work, via=click.via)
    return _step(click, ports)


@button("action.happened", role=Role.EDITOR)
def happened(click: Click, ports: Ports) -> Card:
    steps.happened(click.id, click.person, ports.work)
    return _step(click, ports)


@button("action.did_not", role=Role.EDITOR)
def did_not(click: Click, ports: Ports) -> Card:
    steps.did_not(click.id, click.person, ports.work)
    return _step(click, ports)


@button("question.show")
def show_question(click: Click, ports: Ports) -> Card:
    return _question(click, ports)


def _nothing_yet(click: Click, ports: Ports) -> Prefill:
    """Raises NotFound before anybody types in vain."""
    ports.work.questions.get(click.id)
    return Prefill()


@button("question.answer", role=Role.EDITOR, form=AnswerForm, prefill=_nothing_yet)
def answer(click: Click, ports: Ports, form: AnswerForm) -> Card:
    questions.answer(click.id, click.person, form.answer, ports.work)
    return _question(click, ports)


@button("question.choose", role=Role.EDITOR)
def choose(click: Click, ports: Ports) -> Card:
    """The fingerprint is the option's number."""
    options = ports.work.questions.get(click.id).options
    number = int(click.fingerprint) if click.fingerprint.isdecimal() and len(click.fingerprint) < 3 else 0
    if not 1 <= number <= len(options):
        raise Invalid(
            "That is none of the options.", remedy="Press Something else… and say it in your words."
        )
    questions.answer(click.id, click.person, options[number - 1], ports.work)
    return _question(click, ports)


def _step(click: Click, ports: Ports) -> Card:
    return draw(Subject("action", click.id), ports.work, click.person)


def _question(click: Click, ports: Ports) -> Card:
    return draw(Subject("question", click.id), ports.work, click.person)
