"""A task in parts: other personas do them, with money out of the task's own, and the task waits for all."""

from __future__ import annotations

from collections.abc import Sequence

from agents.approvals.fingerprint import digest
from agents.errors import Conflict, Invalid, NotFound
from agents.events import Event
from agents.money import MicroUSD, dollars
from agents.personas.persona import Persona, PersonaState
from agents.tasks.moves import acting, present, whose
from agents.tasks.request import Request, request
from agents.tasks.task import DEPTH_LIMIT, PARTS_LIMIT, Task
from agents.tasks.tools import Part
from agents.work import Work


def split(task: Task, call_id: str, parts: Sequence[Part], work: Work) -> Sequence[Task]:
    """The parts of this call as they stand now; made at the first. The task is to wait for PARTS then.

    Raises Invalid or Conflict, saying which limit it was: depth, number, money, or a persona that cannot take a part.
    """
    now = present(task, work)
    ids = [_id(task, call_id, number) for number in range(len(parts))]
    there = work.tasks.parts(task.id)
    made = sorted((part for part in there if part.id in ids), key=lambda part: ids.index(part.id))
    if made:
        return made
    if now.depth >= DEPTH_LIMIT:
        raise Conflict("This is a part of a part already: do it yourself.")
    if not 1 <= len(parts) <= PARTS_LIMIT - len(there):
        raise Invalid(
            f"A task has at most {PARTS_LIMIT} parts, and this one has {len(there)}.", field="parts"
        )
    budgets = _budgets(now, parts, there, work)
    takers = [_taker(now, part.handle, work) for part in parts]
    by = work.people.get(now.requested_by)
    born = [
        request(
            Request(
                by=by,
                title=part.title,
                brief=part.brief,
                origin=now.origin,
                asked_for=taker,
                priority=now.priority,
                deadline=now.deadline if now.deadline and now.deadline > work.now else None,
                budget=budget,
                reviewed=False,
                parent=now,
            ),
            work,
            id=id,
        )
        for id, part, budget, taker in zip(ids, parts, budgets, takers, strict=True)
    ]
    after = {"parts": [part.title for part in born]}
    work.record(Event("task.split", now.subject, acting(now, work), after=after))
    return born


def left(task: Task, work: Work) -> int:
    """What the task may still give away: its budget less what is gone and what its open parts may still take."""
    promised = sum(
        max(part.budget - work.budgets.taken(part.subject), 0)
        for part in work.tasks.parts(task.id)
        if part.is_open
    )
    return max(task.budget - work.budgets.taken(task.subject) - promised, 0)


def _budgets(task: Task, parts: Sequence[Part], there: Sequence[Task], work: Work) -> list[MicroUSD]:
    """Those that were not said get the same share, and so does the task itself, which has to put it all together."""
    free = left(task, work)
    said = sum(part.budget for part in parts)
    silent = sum(part.budget <= 0 for part in parts)
    if said > free or any(part.budget < 0 for part in parts):
        raise Invalid(
            f"The task has {dollars(free)} left, and the parts would take {dollars(said)}.",
            remedy="Give them less.",
            field="parts",
        )
    share = MicroUSD((free - said) // (silent + 1)) if silent else MicroUSD(0)
    return [part.budget if part.budget > 0 else share for part in parts]


def _taker(task: Task, handle: str, work: Work) -> Persona | None:
    """None for whoever is free. A part that goes back to who hands it on is no help."""
    if not handle.strip():
        return None
    wanted = handle.strip().removeprefix("@").lower()
    active = {p.handle: p for p in work.personas.all() if p.state is PersonaState.ACTIVE}
    if wanted not in active:
        raise NotFound.named("persona", f"@{wanted}", (f"@{h}" for h in active), field="persona")
    if active[wanted].id in whose(task, work):
        raise Invalid(f"@{wanted} is at work on this task itself; choose another persona.", field="persona")
    return active[wanted]


def _id(task: Task, call_id: str, number: int) -> str:
    """The same for the same call, so that a call that is made again finds its parts."""
    return digest({"task": task.id, "call": call_id, "part": number})[:12]
