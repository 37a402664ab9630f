"""Small moves that every verb about tasks makes: say, show, let it go on, end it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from agents.errors import Conflict
from agents.events import TROUPE, Actor, Event, Subject
from agents.jobs import JobName, Later
from agents.personas.persona import Persona, PersonaState
from agents.tasks import asking
from agents.tasks.action import ActionState
from agents.tasks.task import State, Task, Wait
from agents.work import Work

HALTED_PAUSE = timedelta(seconds=5)
"""How soon work that is held back looks again."""
LET_GO = timedelta(seconds=15)
"""Whoever works on a task that was stopped has ended by then, so that its workspace can be put away."""


class Stopped(Conflict):
    """The task is not this worker's any more: it was paused, stopped or given to another. The run ends here; nothing is lost."""

    code = "stopped"


def say(task: Task, text: str, work: Work, by: Actor = TROUPE) -> None:
    """In its thread, where there is one."""
    if task.origin and text:
        work.messages.say(task.origin, task.thread, by, text, work.now)
        work.touch(task.subject)


def show(task: Task, card: Subject, work: Work) -> None:
    """Puts a card where the task was asked for and where its persona's cards go; to whoever asked, where that is nowhere."""
    routes = work.personas.routes(task.persona_id) if task.persona_id else ()
    places = [channel for channel in dict.fromkeys((task.origin, *routes)) if channel]
    for channel_id in places:
        work.place(channel_id, card)
    if not places:
        work.tell(task.requested_by, card)


def present(task: Task, work: Work) -> Task:
    """The task as it stands now, for whoever works on it.

    Raises Stopped if it is not theirs any more: somebody paused, stopped or moved it meanwhile.
    """
    return still_theirs(task, work.tasks.get(task.id))


def still_theirs(task: Task, now: Task) -> Task:
    """`now`, which is `task` as it stands now. Raises Stopped as `present` does."""
    theirs = (now.persona_id, now.stage, now.round) == (task.persona_id, task.stage, task.round)
    if not theirs or now.state not in (State.WORKING, State.WAITING):
        raise Stopped("The task was stopped or changed meanwhile.", remedy="Its card shows how it stands.")
    return now


def must_be_free_to_work(task: Task, work: Work) -> Persona:
    """Raises Later while Troupe is halted or the task's persona is paused: then nobody works on it, and nothing is lost."""
    persona = work.personas.get(task.persona_id)
    if work.switches.halted is not None or persona.state is not PersonaState.ACTIVE:
        raise Later("Halted or paused.", work.now + HALTED_PAUSE)
    return persona


def go_on(task: Task, doing: str, work: Work, **changes: Any) -> Task:
    """Somebody works on it from here on: its persona, or, where it has none any more, whoever is free first. One that was
    over is open again.

    What waited for its parts queues for its own persona, which may have taken on something else meanwhile.
    """
    forget(task, work)
    fresh: dict[str, Any] = {"waits_for": Wait.NOTHING, "trouble": ""}
    if task.waits_for is Wait.PARTS and task.persona_id:
        fresh["asked_for"] = task.persona_id
    fresh |= changes
    if task.is_in_hand:
        after = work.tasks.swap(task, doing, state=State.WORKING, **fresh)
        work.owe(JobName.WORK, task.subject)
        return after
    if not task.is_open:
        work.jobs.forget(task.subject, JobName.TIDY)
        fresh |= {"finished_at": None, "archived_at": None}
    after = work.tasks.swap(task, doing, state=State.QUEUED, persona_id="", **fresh)
    work.owe(JobName.ASSIGN, task.subject)
    return after


def outstanding(task: Task, wait: Wait, work: Work) -> bool:
    """Whether there still is what it would wait for."""
    if wait is Wait.STEP:
        return bool(work.actions.of_task(task.id, (ActionState.PROPOSED, ActionState.UNKNOWN)))
    if wait is Wait.ANSWER:
        return any(question.answered_at is None for question in work.questions.of_task(task.id))
    if wait is Wait.PARTS:
        return any(part.is_open for part in work.tasks.parts(task.id))
    return wait is not Wait.NOTHING


def arrived(task_id: str, wait: Wait, work: Work) -> None:
    """Something that it may wait for is there. It goes on; for answers and parts, when it was the last of them.

    Its revision moves in any case: whoever decides at the same moment that it has to wait looks again.
    """
    task = work.tasks.get(task_id)
    waits = task.state is State.WAITING and task.waits_for is wait
    if waits and (wait is Wait.STEP or not outstanding(task, wait, work)):
        go_on(task, "go on", work)
    elif task.is_open:
        work.tasks.swap(task, "note it")
    work.touch(task.subject)


def forget(task: Task, work: Work) -> None:
    """Takes back what is owed to get it done."""
    work.jobs.forget(task.subject, JobName.WORK, JobName.ASSIGN)


def freed(persona_id: str, work: Work) -> None:
    """The persona may have a place: the most urgent tasks that it could take look for somebody again."""
    persona = work.personas.get(persona_id)
    if persona.state is not PersonaState.ACTIVE:
        return
    places = persona.profile.tasks.at_once - work.tasks.load().get(persona_id, 0)
    queued = work.tasks.in_states((State.QUEUED,)) if places > 0 else ()
    for task in [task for task in queued if could_take(persona, task)][:places]:
        work.jobs.forget(task.subject, JobName.ASSIGN)
        work.owe(JobName.ASSIGN, task.subject)


def put_off(persona_id: str, work: Work) -> None:
    """The persona is paused: what is queued for it looks again, so that its card says so."""
    persona = work.personas.get(persona_id)
    for task in work.tasks.in_states((State.QUEUED,)):
        if could_take(persona, task) and not work.jobs.owes(task.subject, JobName.ASSIGN):
            work.owe(JobName.ASSIGN, task.subject)


def whose(task: Task, work: Work) -> set[str]:
    """Ids of whoever has the task, or one that it is a part of."""
    found = {task.persona_id}
    while task.parent_id:
        task = work.tasks.get(task.parent_id)
        found.add(task.persona_id)
    return found


def could_take(persona: Persona, task: Task) -> bool:
    """Whoever is named takes it, however hard it is; else its range decides."""
    if task.asked_for:
        return task.asked_for == persona.id
    return persona.profile.tasks.fits(task.complexity)


def close(task: Task, state: State, by: Actor, work: Work, *, why: str = "") -> Task:
    """It is over: nothing of it is asked for any more, its persona is free, and whoever waits for it is told."""
    forget(task, work)
    work.jobs.forget(task.subject, JobName.TASK_DUE)
    asking.withdraw(task, work)
    over = {"waits_for": Wait.NOTHING, "trouble": why, "finished_at": work.now}
    after = work.tasks.swap(task, "end it", state=state, **over)
    for part in work.tasks.parts(task.id):
        if part.is_open:
            close(part, State.CANCELLED, by, work, why="The task that it is a part of has ended.")
            work.record(Event("task.stopped", part.subject, by, before={"state": part.state.value}))
    work.owe(JobName.TIDY, task.subject, work.now + LET_GO)
    if task.parent_id:  # before its persona looks into the queue: the whole may stand there by then
        arrived(task.parent_id, Wait.PARTS, work)
    if task.persona_id:
        freed(task.persona_id, work)
    return after


def acting(task: Task, work: Work) -> Actor:
    """As the persona that has it."""
    if not task.persona_id:
        return TROUPE
    persona = work.personas.get(task.persona_id)
    return Actor("persona", persona.id, persona.name)
