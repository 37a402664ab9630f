"""What happened to a task, in sentences: who did what, and when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from agents.events import Event
from agents.tasks.task import Task
from bot.present.audit import KnownNames
from storage.events import Recorded
from storage.unit_of_work import UnitOfWork

LONGEST = 200
"""Events of one kind of subject that are told."""
STORY: Mapping[str, str] = {
    "task.requested": "asked for it",
    "task.assigned": "gave it to",
    "task.planned": "wrote a plan",
    "task.moved": "went on to",
    "task.checked": "ran a check",
    "task.searched": "searched the web for",
    "task.asked": "asked for a decision",
    "task.waiting": "let it wait",
    "task.plan_approved": "approved the plan",
    "task.plan_changes_requested": "asked for another plan",
    "task.changes_requested": "asked for changes",
    "task.accepted": "accepted the result",
    "task.reopened": "asked for changes afterwards",
    "task.completed": "completed it",
    "task.blocked": "could not go on",
    "task.failed": "gave it up",
    "task.paused": "halted it",
    "task.resumed": "let it go on",
    "task.retried": "let it try again",
    "task.money_is_back": "let it go on, because there is money again",
    "task.stopped": "stopped it",
    "task.given": "gave it away",
    "task.corrected": "corrected it",
    "task.budget_raised": "raised its budget",
    "action.proposed": "asked to do a step beyond its workspace",
    "action.approved": "approved a step",
    "action.refused": "refused a step",
    "action.done": "did a step",
    "action.failed": "could not do a step",
    "action.unknown": "may have done a step",
    "question.asked": "asked",
    "question.answered": "answered",
}
"""What people read of an event; one that is not here is told by its own name."""
TOLD = ("feedback", "reason", "why", "text", "answer", "persona", "stage", "files", "query")
"""What of an event is told besides what was done."""


class Told(NamedTuple):
    at: datetime
    line: str


def story(task: Task, work: UnitOfWork) -> list[Told]:
    """Newest first: of the task, of its steps beyond the workspace and of its questions."""
    names = KnownNames(work)
    found = sorted(_recorded(task, work), key=lambda one: (one.at, one.id), reverse=True)
    return [Told(one.at, _line(one.event, names)) for one in found]


def _recorded(task: Task, work: UnitOfWork) -> Iterator[Recorded]:
    subjects = [task.subject]
    subjects += [step.subject for step in work.actions.of_task(task.id)]
    subjects += [question.subject for question in work.questions.of_task(task.id)]
    for subject in subjects:
        yield from work.events.about(subject, limit=LONGEST)


def _line(event: Event, names: KnownNames) -> str:
    """ "Mia (API key robot) asked for changes: In German, please."."""
    who = event.actor.name + (f" (API key {event.actor.via})" if event.actor.via else "")
    done = STORY.get(event.name) or event.name.replace(".", " ").replace("_", " ")
    more = _more(event.after, names)
    refused = f" — refused: {event.refused}" if event.refused else ""
    return f"{who} {done}{f': {more}' if more else ''}{refused}"


def _more(after: Mapping[str, Any], names: KnownNames) -> str:
    said = (after.get(name) for name in TOLD)
    told = (", ".join(map(str, one)) if isinstance(one, list) else str(one) for one in said if one)
    return "; ".join(names.words(one) for one in told)
