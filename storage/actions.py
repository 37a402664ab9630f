"""What personas want to do beyond their workspace, and what they ask people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from agents.errors import Conflict
from agents.tasks.action import ALLOWED, Action, ActionState
from agents.tasks.question import Question
from storage.rows import attempt, one, put_unless_there, swap
from storage.tables import ActionRow, QuestionRow

_ACTIONS = select(ActionRow.__table__)
_QUESTIONS = select(QuestionRow.__table__)


class Actions:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, action: Action) -> bool:
        """False, and no change, if this call was proposed already."""
        values = {**asdict(action), "arguments": dict(action.arguments)}
        return put_unless_there(self._connection, ActionRow, **values)

    def get(self, id: str) -> Action:
        return _action(one(self._connection, _ACTIONS.where(ActionRow.id == id), "There is no such step."))

    def of_call(self, task_id: str, call_id: str) -> Action | None:
        query = _ACTIONS.where(ActionRow.task_id == task_id, ActionRow.call_id == call_id)
        row = self._connection.execute(query).first()
        return _action(row) if row else None

    def of_task(self, task_id: str, states: Iterable[ActionState] = tuple(ActionState)) -> list[Action]:
        """Oldest first."""
        among = ActionRow.state.in_([state.value for state in states])
        query = _ACTIONS.where(ActionRow.task_id == task_id, among)
        rows = self._connection.execute(query.order_by(ActionRow.created_at, ActionRow.id))
        return [_action(row) for row in rows]

    def in_states(self, states: Iterable[ActionState], *, limit: int = 500) -> list[Action]:
        """Of all tasks, oldest first."""
        query = _ACTIONS.where(ActionRow.state.in_([state.value for state in states]))
        rows = self._connection.execute(query.order_by(ActionRow.created_at, ActionRow.id).limit(limit))
        return [_action(row) for row in rows]

    def swap(self, before: Action, **changes: Any) -> Action:
        """Compare-and-set on the revision; a change of state must be allowed. Raises Conflict or Raced."""
        after = replace(before, **changes, revision=before.revision + 1)
        if "state" in changes and after.state not in ALLOWED[before.state]:
            raise Conflict(f"A step that is {before.state.value} cannot become {after.state.value}.")
        swap(
            self._connection,
            ActionRow,
            ActionRow.id == before.id,
            ActionRow.revision == before.revision,
            values={**changes, "revision": after.revision},
            lost="Somebody else moved this step at the same moment.",
        )
        return after


class Questions:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, question: Question) -> bool:
        """False, and no change, if this call asked already."""
        values = {**asdict(question), "options": list(question.options)}
        return put_unless_there(self._connection, QuestionRow, **values)

    def get(self, id: str) -> Question:
        query = _QUESTIONS.where(QuestionRow.id == id)
        return _question(one(self._connection, query, "There is no such question."))

    def of_call(self, task_id: str, call_id: str) -> Question | None:
        query = _QUESTIONS.where(QuestionRow.task_id == task_id, QuestionRow.call_id == call_id)
        row = self._connection.execute(query).first()
        return _question(row) if row else None

    def of_task(self, task_id: str) -> list[Question]:
        """Oldest first."""
        query = _QUESTIONS.where(QuestionRow.task_id == task_id)
        return [_question(row) for row in self._connection.execute(query.order_by(QuestionRow.asked_at))]

    def unanswered(self, *, limit: int = 500) -> list[Question]:
        """Of all tasks, oldest first."""
        query = _QUESTIONS.where(QuestionRow.answered_at.is_(None)).order_by(QuestionRow.asked_at)
        return [_question(row) for row in self._connection.execute(query.limit(limit))]

    def answer(self, question: Question, answer: str, by: str, at: datetime) -> bool:
        """False if somebody answered before."""
        values = {"answer": answer, "answered_by": by, "answered_at": at}
        here = (QuestionRow.id == question.id, QuestionRow.answered_at.is_(None))
        return attempt(self._connection, QuestionRow, *here, values=values)


def _action(row: Any) -> Action:
    values = {f.name: getattr(row, f.name) for f in fields(Action)}
    return Action(**{**values, "state": ActionState(row.state)})


def _question(row: Any) -> Question:
    values = {f.name: getattr(row, f.name) for f in fields(Question)}
    return Question(**{**values, "options": tuple(row.options)})
