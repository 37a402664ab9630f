"""Asking a persona for work: /task new in a line, New task… in a form."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from agents.errors import Conflict, Invalid, NotFound
from agents.money import from_dollars
from agents.people import Role
from agents.personas.persona import Persona, PersonaState
from agents.tasks import request
from agents.tasks.request import CRITERION_LIMIT
from agents.tasks.task import BRIEF_LIMIT, CRITERIA_LIMIT
from bot.calls import Call, Click
from bot.cards import Card
from bot.commands.post_new import said
from bot.forms import Form, Option, Prefill, asked
from bot.kinds import INT
from bot.parameters import FORMATS, MONEY, PERSONA, TEXT, WHEN, YES, parse_formats, parse_moment
from bot.ports import Ports
from bot.present.draw import draw
from bot.present.home import BLANK
from bot.registry import button, command

ANYBODY = "anybody"
FROM_1_TO_10 = INT(1, 10)


class NewTaskForm(Form):
    title = "New task"
    submit = "Hand it over"
    brief: str = asked("What is to be done?", "multiline", min_length=1, max_length=BRIEF_LIMIT)
    persona: str = asked("Who does it?", "choice", default=ANYBODY, max_length=40)
    criteria: str = asked(
        "Done when (optional)",
        "multiline",
        hint="One a line: how anybody can tell that it is done.",
        default="",
        max_length=CRITERIA_LIMIT * CRITERION_LIMIT,
    )
    deadline: str = asked("Until when (optional)", "datetime", default="", max_length=60)
    formats: str = asked("As which files (optional)", hint="Such as pdf, csv.", default="", max_length=60)


@command("task new", "Have a persona do a piece of work", role=Role.EDITOR)
def task_new(
    call: Call,
    ports: Ports,
    brief: Annotated[str, TEXT],
    *,
    for_: Annotated[Persona | None, PERSONA] = None,
    by: Annotated[datetime | None, WHEN] = None,
    as_: Annotated[tuple[str, ...], FORMATS] = (),
    budget: Annotated[Decimal | None, MONEY] = None,
    criteria: Annotated[str, TEXT] = "",
    priority: Annotated[int, FROM_1_TO_10] = 5,
    complexity: Annotated[int | None, FROM_1_TO_10] = None,
    reviewed: Annotated[bool | None, YES] = None,
) -> Card:
    """criteria: parted by semicolons, or one a line.  brief: may begin with who does it, as in /post draft."""
    if for_ is None and brief.startswith("@"):
        handle, _, brief = brief.partition(" ")
        for_ = ports.work.personas.by_handle(handle)
    if not brief.strip():
        raise Invalid(
            "What is to be done is missing.",
            remedy=f'Say it after the name: /task new @{for_.handle if for_ else "ada"} "compare three libraries".',
            field="brief",
        )
    task = request.request(
        request.Request(
            by=call.person,
            title=request.title_of(brief),
            brief=brief,
            origin=call.place.channel,
            asked_for=for_,
            criteria=_criteria(criteria),
            complexity=complexity,
            priority=priority,
            deadline=by,
            formats=as_,
            budget=None if budget is None else from_dollars(budget),
            reviewed=reviewed,
            via=call.via,
        ),
        ports.work,
    )
    return draw(task.subject, ports.work, call.person)


def _choices(click: Click, ports: Ports) -> Prefill:
    """The id is that of the message that is to become a task, or BLANK."""
    at_work = [p for p in ports.work.personas.all() if p.state is PersonaState.ACTIVE]
    if not at_work:
        raise Conflict("No persona is at work.", remedy="/persona new makes one, /persona resume wakes one.")
    named = tuple(Option(p.id, f"{p.name} (@{p.handle}), {p.profile.role}") for p in at_work)
    return Prefill(
        {"brief": "" if click.id == BLANK else said(click, ports).text},
        {"persona": (Option(ANYBODY, "Whoever is free, and whom it fits"), *named)},
    )


@button("task.new", role=Role.EDITOR, form=NewTaskForm, prefill=_choices)
def new(click: Click, ports: Ports, form: NewTaskForm) -> Card:
    """Asked for outside of any channel, the card goes to where Troupe talks to that person."""
    if not click.place.channel:
        direct = ports.work.channels.direct(click.person.id, ports.now)
        click = replace(click, place=replace(click.place, channel=direct.id))
    task = request.request(
        request.Request(
            by=click.person,
            title=request.title_of(form.brief),
            brief=form.brief,
            origin=click.place.channel,
            asked_for=_persona(form, ports),
            criteria=_criteria(form.criteria),
            deadline=parse_moment(form.deadline, ports, field="deadline") if form.deadline else None,
            formats=_formats(form),
            via=click.via,
        ),
        ports.work,
    )
    return draw(task.subject, ports.work, click.person)


def _persona(form: NewTaskForm, ports: Ports) -> Persona | None:
    if form.persona in ("", ANYBODY):
        return None
    try:
        return ports.work.personas.get(form.persona)
    except NotFound as error:
        error.field = "persona"
        raise


def _formats(form: NewTaskForm) -> tuple[str, ...]:
    try:
        return parse_formats(form.formats) if form.formats else ()
    except Invalid as error:
        error.field = "formats"
        raise


def _criteria(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for part in text.splitlines() for line in part.split(";") if line.strip())
