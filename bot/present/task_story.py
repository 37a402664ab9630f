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
TOLD = ("feedback", "reason", "why", "text", "answer", "persona", "stage", "files")
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
    """ "Mia (API key robot): plan approved — In German, please."."""
    who = event.actor.name + (f" (API key {event.actor.via})" if event.actor.via else "")
    kind, _, done = event.name.partition(".")
    noun = {"action": "step ", "question": "question "}.get(kind, "")
    more = _more(event.after, names)
    refused = f" — refused: {event.refused}" if event.refused else ""
    return f"{who}: {noun}{done.replace('_', ' ')}{f' — {more}' if more else ''}{refused}"


def _more(after: Mapping[str, Any], names: KnownNames) -> str:
    said = (after.get(name) for name in TOLD)
    told = (", ".join(map(str, one)) if isinstance(one, list) else str(one) for one in said if one)
    return "; ".join(names.words(one) for one in told)
