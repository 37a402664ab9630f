"""One persona asks another for what it knows: one question, one answer, no tools, and no conversation out of it."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from agents.errors import NotFound
from agents.events import Actor, Event, Subject
from agents.personas.persona import Persona, PersonaState
from agents.tasks.task import Task
from agents.tasks.tools import ToolFailed
from agents.writing.writer import Line
from bot.wiring import Troupe
from storage.unit_of_work import UnitOfWork

IN_AN_HOUR = 10
"""Questions of one persona to another."""


class Colleagues:
    """The port that agents/tasks/toolbox/people.py names."""

    def __init__(self, troupe: Troupe) -> None:
        self._troupe = troupe

    def ask(self, asker: Persona, handle: str, question: str, task: Task, call_id: str) -> str:
        """Paid out of the task's budget, to whichever of its models answers; asked once for each call.

        Raises ToolFailed where nobody of that handle is there to answer, or was asked too often.
        """
        with self._troupe.storage.reading() as work:
            asked = _reached(handle, work)
            pair = Subject("pair", f"{asker.id}-{asked.id}")
            recent = work.now - timedelta(hours=1)
            said = [recorded.event for recorded in work.events.about(pair) if recorded.at > recent]
        for event in said:
            if event.after["call"] == call_id:
                return str(event.after["answer"])
        if len(said) >= IN_AN_HOUR:
            raise ToolFailed(f"@{asked.handle} was asked {len(said)} times within an hour. Go on without it.")
        answer = self._answered(asker, asked, question, task)
        with self._troupe.storage.unit_of_work() as work:
            after = {"call": call_id, "task": task.id, "answer": answer}
            actor = Actor("persona", asked.id, asked.name)
            work.record(Event("persona.consulted", pair, actor, after=after))
        return answer

    def _answered(self, asker: Persona, asked: Persona, question: str, task: Task) -> str:
        now = self._troupe.clock().astimezone(ZoneInfo(asked.profile.zone))
        budget = self._troupe.storage.task_budget(asker, task)
        lines = (Line(f"{asker.name} (@{asker.handle}), at work on a task", question),)
        return self._troupe.writer(asked.profile).answer(asked.profile, lines, now, budget).text


def _reached(handle: str, work: UnitOfWork) -> Persona:
    try:
        found = work.personas.by_handle(handle)
    except NotFound as unknown:
        raise ToolFailed(str(unknown)) from None
    if found.state is not PersonaState.ACTIVE:
        raise ToolFailed(f"@{handle} is {found.state.value} and does not answer.")
    return found
