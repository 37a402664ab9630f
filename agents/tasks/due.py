"""A task's deadline: people are told a day before it, and once more when it is over."""

from __future__ import annotations

from agents.events import TROUPE, Event
from agents.jobs import JobName
from agents.oncall.kinds import AlertKind
from agents.tasks.moves import say
from agents.tasks.request import SOON, owe_deadline
from agents.tasks.task import WORDS, Task
from agents.work import Work


def due(task_id: str, work: Work) -> None:
    """What the timer says at this moment. Nothing once the task is over."""
    task = work.tasks.get(task_id)
    if not task.is_open or task.deadline is None:
        return
    if work.now >= task.deadline:
        _late(task, work)
    elif work.now >= task.deadline - SOON:
        hours = max(round((task.deadline - work.now).total_seconds() / 3600), 1)
        text = f"Due in {hours} h, and {WORDS[task.state]}."
        say(task, text, work)
        work.tell(task.requested_by, task.subject)
        work.record(
            Event("task.due_soon", task.subject, TROUPE, after={"deadline": task.deadline.isoformat()})
        )
        work.owe(JobName.TASK_DUE, task.subject, task.deadline)
    else:
        owe_deadline(task, work)


def _late(task: Task, work: Work) -> None:
    assert task.deadline is not None  # noqa: S101  whoever calls has looked
    work.record(Event("task.late", task.subject, TROUPE, after={"deadline": task.deadline.isoformat()}))
    work.raise_alert(
        AlertKind.TASK_LATE,
        task.subject,
        f"The task “{task.title}” was due on {task.deadline:%Y-%m-%d %H:%M} UTC and is {WORDS[task.state]}.",
        kept="Its workspace and everything it made so far are kept; it goes on.",
        remedy="Decide what it waits for, give it to another persona, or correct its deadline.",
        persona_id=task.persona_id,
    )
