"""/task …: see what is under way, steer it, fetch what it made. How work is asked for: `task_new`."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from agents.errors import Invalid
from agents.money import from_dollars
from agents.people import Role
from agents.personas.persona import Persona
from agents.tasks import digest, steer
from agents.tasks.task import OPEN, State, Task
from bot.calls import Call, Click
from bot.cards import Card
from bot.commands.task_new import FROM_1_TO_10
from bot.kinds import CHOICE
from bot.parameters import MONEY, PERSONA, TASK, TEXT, WHEN, YES
from bot.ports import Ports
from bot.present import answers, task_lists
from bot.present.draw import draw
from bot.registry import button, command

WHICH = CHOICE("open", "finished", "all")
OVER = (State.COMPLETE, State.FAILED, State.CANCELLED)


@command("task list", "What is under way: what waits for you first")
def task_list(call: Call, ports: Ports, which: Annotated[str, WHICH] = "open") -> Card:
    states = {"open": OPEN, "finished": OVER, "all": tuple(State)}[which]
    return task_lists.listing(call.person, ports.work, states)


@command("task show", "A task's card")
def task_show(call: Call, ports: Ports, task: Annotated[Task, TASK]) -> Card:
    return draw(task.subject, ports.work, call.person)


@command("task files", "What a task has handed over")
def task_files(call: Call, ports: Ports, task: Annotated[Task, TASK]) -> Card:
    return task_lists.files(task, ports.work, ports.public_url)


@command("task steps", "What a task wanted to do beyond its workspace, and the checks that ran")
def task_steps(call: Call, ports: Ports, task: Annotated[Task, TASK]) -> Card:
    return task_lists.steps(task, ports.work)


@command("task pause", "Halt a task for now", role=Role.EDITOR)
def task_pause(call: Call, ports: Ports, task: Annotated[Task, TASK]) -> Card:
    steer.pause(task.id, call.person, ports.work)
    return draw(task.subject, ports.work, call.person)


@command("task resume", "Let a paused task go on", role=Role.EDITOR)
def task_resume(call: Call, ports: Ports, task: Annotated[Task, TASK]) -> Card:
    steer.resume(task.id, call.person, ports.work)
    return draw(task.subject, ports.work, call.person)


@command("task stop", "End a task for good; its files are kept", role=Role.EDITOR)
def task_stop(
    call: Call, ports: Ports, task: Annotated[Task, TASK], because: Annotated[str, TEXT] = ""
) -> Card:
    steer.stop(task.id, call.person, ports.work, reason=because)
    return draw(task.subject, ports.work, call.person)


@command("task retry", "Let a task that is blocked or given up try again", role=Role.EDITOR)
def task_retry(call: Call, ports: Ports, task: Annotated[Task, TASK]) -> Card:
    steer.retry(task.id, call.person, ports.work)
    return draw(task.subject, ports.work, call.person)


@command("task give", "Have another persona go on with a task", role=Role.EDITOR)
def task_give(call: Call, ports: Ports, task: Annotated[Task, TASK], to: Annotated[Persona, PERSONA]) -> Card:
    steer.give(task.id, call.person, to, ports.work)
    return draw(task.subject, ports.work, call.person)


@command("task budget", "What a task may spend from now on, in all", role=Role.EDITOR)
def task_budget(
    call: Call, ports: Ports, task: Annotated[Task, TASK], dollars: Annotated[Decimal, MONEY]
) -> Card:
    steer.raise_budget(task.id, call.person, from_dollars(dollars), ports.work)
    return draw(task.subject, ports.work, call.person)


@command("task correct", "Say how complex or urgent a task is, or until when", role=Role.EDITOR)
def task_correct(
    call: Call,
    ports: Ports,
    task: Annotated[Task, TASK],
    *,
    complexity: Annotated[int | None, FROM_1_TO_10] = None,
    priority: Annotated[int | None, FROM_1_TO_10] = None,
    by: Annotated[datetime | None, WHEN] = None,
) -> Card:
    if complexity is None and priority is None and by is None:
        raise Invalid(
            "Nothing is corrected by that.", remedy="Say complexity 7, priority 9 or by tomorrow 9:00."
        )
    steer.correct(task.id, call.person, ports.work, complexity=complexity, priority=priority, deadline=by)
    return draw(task.subject, ports.work, call.person)


@command("task digest", "Whether you are told every morning what runs, waits for you, or is late")
def task_digest(call: Call, ports: Ports, wanted: Annotated[bool, YES]) -> Card:
    digest.turn(call.person, wanted, ports.work)
    said = "You are told every morning" if wanted else "You are not told any more"
    return answers.done(said, "What runs for you, waits for you, or is late: /task list says it at any time.")


@button("task.show")
def show(click: Click, ports: Ports) -> Card:
    return draw(ports.work.tasks.get(click.id).subject, ports.work, click.person)


@button("task.files")
def files(click: Click, ports: Ports) -> Card:
    return task_lists.files(ports.work.tasks.get(click.id), ports.work, ports.public_url)


@button("task.steps")
def steps(click: Click, ports: Ports) -> Card:
    return task_lists.steps(ports.work.tasks.get(click.id), ports.work)
