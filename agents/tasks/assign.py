"""Who takes a task: the persona named, or the free one whose range fits most narrowly, and of those the one idle longest.

A part goes to whoever waits for it only if nobody else is free.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from agents.errors import Raced
from agents.events import TROUPE, Event, Subject
from agents.jobs import JobName
from agents.people import Person
from agents.personas.persona import Persona, PersonaState
from agents.tasks.moves import could_take, forget, freed, show, whose
from agents.tasks.task import OPEN, State, Task, Wait
from agents.work import Work

__all__ = ["assign", "freed", "let_go"]
_NEVER = datetime.min.replace(tzinfo=UTC)


def assign(task_id: str, work: Work) -> Task:
    """The task with a persona, which works on it from here on; or still queued, with the reason, if nobody is free.

    Two tasks never take one place: the persona is held while its tasks are counted. Only one is held, so that no two
    transactions wait for each other. Raises Raced when its place went to another task at the same moment.
    """
    task = work.tasks.get(task_id)
    taker = _taker(task, work) if task.state is State.QUEUED else None
    if taker is not None:
        task = _given(task, taker, work)
    elif task.state is State.QUEUED:
        task = _left_queued(task, work)
    _next(work)
    return task


def _given(task: Task, taker: Persona, work: Work) -> Task:
    persona = work.personas.hold(taker.id)
    if not _has_place(persona, work.tasks.load().get(persona.id, 0)):
        raise Raced(f"@{persona.handle} was given another task at the same moment.")
    forget(task, work)
    begun = {"persona_id": persona.id, "started_at": task.started_at or work.now, "trouble": ""}
    after = work.tasks.swap(task, "begin it", state=State.WORKING, **begun)
    work.owe(JobName.WORK, task.subject)
    work.record(Event("task.assigned", task.subject, TROUPE, after={"persona": f"@{persona.handle}"}))
    show(after, after.subject, work)
    return after


def _left_queued(task: Task, work: Work) -> Task:
    """With the reason. A part nobody asked for by hand: who asked for the whole gets its card where only a person can help."""
    why = _why_nobody(task, work)
    if why == task.trouble:
        return task
    if task.parent_id and not _active(_fitting(task, work)):
        work.tell(task.requested_by, task.subject)
    return work.tasks.swap(task, "queue it", trouble=why)


def let_go(persona_id: str, work: Work, *, by: Person | None = None) -> None:
    """The persona is gone: whoever is free goes on with what it had, in the same workspace.

    What waits for a person, is paused or is blocked stays so, and looks for a persona when it goes on.
    """
    for task in work.tasks.held_by(persona_id):
        pass_on(task, "", work)
        if task.state is State.BLOCKED:
            work.resolve_about(task.subject, by.name if by else "Troupe")
        work.record(
            Event("task.let_go", task.subject, by.actor if by else TROUPE, before={"persona": persona_id})
        )
        work.touch(Subject("persona", persona_id))
    for task in work.tasks.in_states(OPEN):
        if task.asked_for == persona_id and not task.persona_id:
            pass_on(task, "", work)


def pass_on(task: Task, to: str, work: Work) -> Task:
    """The task without its persona.  to: the id of the one that is to take it, "" for whoever is free."""
    forget(task, work)
    changes: dict[str, Any] = {"asked_for": to, "persona_id": ""}
    looks = task.state in (State.WORKING, State.QUEUED, State.BLOCKED)
    if looks:
        changes |= {"trouble": "", "waits_for": Wait.NOTHING}
        work.owe(JobName.ASSIGN, task.subject)
    if looks and task.state is not State.QUEUED:
        changes["state"] = State.QUEUED
    after = work.tasks.swap(task, "pass it on", **changes)
    if task.is_in_hand:
        freed(task.persona_id, work)
    return after


def _next(work: Work) -> None:
    """Whoever is still free may take another: two that were freed at once may both have had the same task look for them."""
    load = work.tasks.load()
    free = [p for p in work.personas.all() if _has_place(p, load.get(p.id, 0))]
    queued = work.tasks.in_states((State.QUEUED,)) if free else ()
    waits = next((task for task in queued if any(could_take(p, task) for p in free)), None)
    if waits is not None and not work.jobs.owes(waits.subject, JobName.ASSIGN):
        work.owe(JobName.ASSIGN, waits.subject)


def _taker(task: Task, work: Work) -> Persona | None:
    load, busy, waits = work.tasks.load(), work.tasks.busy_until(), whose(task, work)
    fitting = [p for p in _fitting(task, work) if _has_place(p, load.get(p.id, 0))]
    return min(
        fitting,
        key=lambda p: (
            p.id in waits,
            p.profile.tasks.max_complexity - p.profile.tasks.min_complexity,
            busy.get(p.id, _NEVER),
            p.handle,
        ),
        default=None,
    )


def _fitting(task: Task, work: Work) -> Sequence[Persona]:
    return [persona for persona in work.personas.all() if could_take(persona, task)]


def _active(personas: Sequence[Persona]) -> list[Persona]:
    return [persona for persona in personas if persona.state is PersonaState.ACTIVE]


def _has_place(persona: Persona, held: int) -> bool:
    return persona.state is PersonaState.ACTIVE and held < persona.profile.tasks.at_once


def _why_nobody(task: Task, work: Work) -> str:
    """In words, what has to happen for it to begin."""
    fitting = _fitting(task, work)
    if active := _active(fitting):
        busy = ", ".join(f"@{persona.handle}" for persona in active[:3])
        return f"{busy} {'has' if len(active) == 1 else 'have'} enough in hand; it begins when one of their tasks ends."
    if fitting:
        return f"@{fitting[0].handle} is {fitting[0].state.value}: give it to another persona, or let that one go on."
    if task.asked_for:
        return "The persona that was asked for is gone: give it to another."
    return f"No persona takes tasks of complexity {task.complexity}: correct it, or give it to a persona by name."
