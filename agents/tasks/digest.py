"""Once a day, each person is told what is running for them, what waits for them, and what is late. Nothing, for nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from agents.approvals.approval import ApprovalState
from agents.approvals.ask import may_decide
from agents.jobs import JobName
from agents.people import Person, Role
from agents.tasks.action import ActionState
from agents.tasks.task import OPEN, WORDS, State, Task, Wait
from agents.work import Work

AT = time(9, 0)
"""On the clock of the wall where that person is."""
SHOWN = 10
"""Tasks of each kind that are named; more are counted."""


def owe(person: Person, work: Work) -> None:
    """A row, due at that person's next morning. One for each, however often it is asked for."""
    if not work.jobs.owes(person.subject, JobName.DIGEST):
        work.owe(JobName.DIGEST, person.subject, next_morning(work.now, person.zone))


def owe_all(work: Work) -> None:
    """Somebody asked for a task: from now on there is something to tell, to whoever may decide or answer."""
    for person in work.people.everyone():
        if person.role.covers(Role.EDITOR):
            owe(person, work)


def tell(person_id: str, work: Work) -> None:
    """Says it, and comes back tomorrow as long as any task is open."""
    person = work.people.get(person_id)
    work.jobs.forget(person.subject, JobName.DIGEST)
    tasks = work.tasks.in_states(OPEN)
    if person.removed_at is not None or not tasks:
        return
    text = "" if is_off(person, work) else digest(person, tasks, work)
    if text:
        work.say_to(person.id, text)
    owe(person, work)


def digest(person: Person, tasks: Sequence[Task], work: Work) -> str:
    """tasks: every open one.  "" when there is nothing for this person."""
    waiting = [task for task in tasks if _waits_for(person, task, work)]
    own = [task for task in tasks if task.requested_by == person.id and not task.parent_id]
    late = [task for task in own if task.deadline is not None and task.deadline <= work.now]
    running = [task for task in own if task not in waiting and task not in late]
    parts = (
        _part("Waits for you", [task for task in waiting if task not in late]),
        _part("Late", late),
        _part("Running for you", running),
    )
    return "\n\n".join(part for part in parts if part)


def is_off(person: Person, work: Work) -> bool:
    return work.switches.get(_switch(person)) is not None


def turn(person: Person, on: bool, work: Work) -> bool:
    """Whether this person wants it. False if that was so already."""
    if on:
        return work.switches.clear(_switch(person))
    return work.switches.set(_switch(person), {"at": work.now.isoformat()})


def next_morning(now: datetime, zone: str) -> datetime:
    """now: aware.  zone: an IANA name.  Aware UTC, always after `now`."""
    here = now.astimezone(ZoneInfo(zone))
    today = datetime.combine(here.date(), AT, ZoneInfo(zone))
    at = today if today > here else datetime.combine(here.date() + timedelta(days=1), AT, ZoneInfo(zone))
    return at.astimezone(UTC)


def _waits_for(person: Person, task: Task, work: Work) -> bool:
    """Whether this person could move it on."""
    if task.state is State.BLOCKED:
        return task.requested_by == person.id
    if task.state is not State.WAITING:
        return False
    match task.waits_for:
        case Wait.PLAN | Wait.REVIEW:
            return _decides(person, task.approval_id, work)
        case Wait.STEP:
            steps = work.actions.of_task(task.id, (ActionState.PROPOSED, ActionState.UNKNOWN))
            return any(_decides(person, step.approval_id, work) for step in steps)
        case Wait.ANSWER | Wait.BUDGET:
            return task.requested_by == person.id
    return False


def _decides(person: Person, approval_id: str, work: Work) -> bool:
    if not approval_id:
        return False
    approval = work.approvals.get(approval_id)
    asked = approval.state in (ApprovalState.PENDING, ApprovalState.APPROVED)
    return asked and may_decide(approval, person, work)


def _part(heading: str, tasks: Sequence[Task]) -> str:
    if not tasks:
        return ""
    lines = [f"{heading} ({len(tasks)})"]
    lines += [f"- {task.title} ({task.id}): {_state(task)}" for task in tasks[:SHOWN]]
    if len(tasks) > SHOWN:
        lines.append(f"- and {len(tasks) - SHOWN} more: /task list")
    return "\n".join(lines)


def _state(task: Task) -> str:
    if task.state is State.WAITING:
        return f"waits for {_WAITS[task.waits_for]}"
    return WORDS[task.state] + (f", in {task.stage.value}" if task.state is State.WORKING else "")


_WAITS = {
    Wait.NOTHING: "somebody",
    Wait.PLAN: "approval of its plan",
    Wait.STEP: "approval of a step",
    Wait.ANSWER: "an answer",
    Wait.BUDGET: "money",
    Wait.REVIEW: "a look at its result",
    Wait.PARTS: "its parts",
}


def _switch(person: Person) -> str:
    return f"no_digest:{person.id}"
