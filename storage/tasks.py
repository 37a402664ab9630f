"""Tasks, their plans, and what shows that they are done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select

from agents.errors import Conflict
from agents.money import MicroUSD
from agents.tasks.plan import Check, Outline, Plan, Tick, Verdict
from agents.tasks.task import HELD, WORDS, Stage, State, Task, Wait, may_move
from storage.columns import UtcDateTime
from storage.rows import Sent, by_prefix, one, put, put_unless_there, swap
from storage.tables import CheckRow, PlanRow, TaskRow, VerdictRow

_FIELDS = tuple(f.name for f in fields(Task))
_TASKS = select(*(TaskRow.__table__.c[name] for name in _FIELDS))
_TASK = _TASKS.where(TaskRow.id == bindparam("is_"))
_REVISION = select(TaskRow.revision).where(TaskRow.id == bindparam("is_"))
_ENUMS = {"stage": Stage, "state": State, "waits_for": Wait}


class Tasks:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, task: Task) -> None:
        put(self._connection, TaskRow, **_values(asdict(task)))

    def get(self, id: str) -> Task:
        return _task(one(self._connection, _TASK, f"There is no task {id}.", is_=id))

    def find(self, prefix: str) -> Task:
        """By the beginning of its id, as a person types it. Raises NotFound, or Invalid if several begin so."""
        row = by_prefix(self._connection, _TASKS, TaskRow.id, prefix, "task", listed="/task list")
        return _task(row)

    def swap(self, before: Task, doing: str, **changes: Any) -> Task:
        """Compare-and-set on the revision; a change of state or stage must be allowed.  doing: "pause it".

        Raises Conflict naming both states, or Raced for whoever was second.
        """
        after = replace(before, **changes, revision=before.revision + 1)
        if "state" in changes:
            before.must(after.state, doing)
        if after.stage is not before.stage and not may_move(before.stage, after.stage):
            raise Conflict(f"A task in {before.stage.value} cannot go to {after.stage.value}.")
        swap(
            self._connection,
            TaskRow,
            TaskRow.id == before.id,
            TaskRow.revision == before.revision,
            values=_values({**changes, "revision": after.revision}),
            lost=f"The task has changed at the same moment; it was {WORDS[before.state]}.",
        )
        return after

    def in_states(self, states: Iterable[State], *, limit: int = 200) -> list[Task]:
        """Most urgent first, and of those the oldest."""
        query = _TASKS.where(TaskRow.state.in_([state.value for state in states]))
        ordered = query.order_by(TaskRow.priority.desc(), TaskRow.created_at).limit(limit)
        return [_task(row) for row in self._connection.execute(ordered)]

    def count_for_people(self) -> int:
        """How many go on only when a person does something."""
        waiting = TaskRow.state.in_([State.WAITING.value, State.BLOCKED.value])
        query = select(func.count()).where(waiting, TaskRow.waits_for != Wait.PARTS.value)
        return int(self._connection.execute(query).scalar_one())

    def latest(self, *, limit: int = 20, offset: int = 0) -> list[Task]:
        """Newest first."""
        query = _TASKS.order_by(TaskRow.created_at.desc(), TaskRow.id).limit(limit).offset(offset)
        return [_task(row) for row in self._connection.execute(query)]

    def parts(self, task_id: str) -> list[Task]:
        """The tasks that it was split into, oldest first."""
        query = _TASKS.where(TaskRow.parent_id == task_id).order_by(TaskRow.created_at, TaskRow.id)
        return [_task(row) for row in self._connection.execute(query)]

    def held_by(self, persona_id: str) -> list[Task]:
        """What the persona has, and what of it waits for its parts, too."""
        query = _TASKS.where(
            TaskRow.persona_id == persona_id, TaskRow.state.in_([state.value for state in HELD])
        )
        return [_task(row) for row in self._connection.execute(query.order_by(TaskRow.created_at))]

    def load(self) -> dict[str, int]:
        """How many tasks are in hand of each persona that has any, by its id."""
        held = TaskRow.state.in_([state.value for state in HELD])
        in_hand = (held, TaskRow.persona_id != "", TaskRow.waits_for != Wait.PARTS.value)  # Task.is_in_hand
        query = select(TaskRow.persona_id, func.count()).where(*in_hand)
        counted = self._connection.execute(query.group_by(TaskRow.persona_id))
        return {row[0]: row[1] for row in counted}

    def busy_until(self) -> dict[str, datetime]:
        """When each persona last began or finished a task, by its id."""
        last = func.max(func.coalesce(TaskRow.finished_at, TaskRow.started_at), type_=UtcDateTime())
        query = select(TaskRow.persona_id, last).where(TaskRow.started_at.is_not(None))
        rows = self._connection.execute(query.group_by(TaskRow.persona_id))
        return {id: at for id, at in rows if id and at}

    def add_plan(self, plan: Plan) -> None:
        values = {**asdict(plan), "outline": plan.outline.model_dump(mode="json")}
        put(self._connection, PlanRow, **values)

    def plan(self, task: Task) -> Plan | None:
        """The present one."""
        query = select(PlanRow.__table__).where(PlanRow.task_id == task.id, PlanRow.number == task.plan)
        row = self._connection.execute(query).first()
        if row is None:
            return None
        outline = Outline.model_validate(row.outline)
        return Plan(row.task_id, row.number, outline, tuple(map(Tick, row.ticks)), row.created_at)

    def tick(self, plan: Plan, ticks: tuple[Tick, ...]) -> Plan:
        swap(
            self._connection,
            PlanRow,
            PlanRow.task_id == plan.task_id,
            PlanRow.number == plan.number,
            values={"ticks": [tick.value for tick in ticks]},
            lost="There is no such plan.",
        )
        return replace(plan, ticks=ticks)

    def add_check(self, task: Task, check: Check) -> None:
        put(self._connection, CheckRow, task_id=task.id, round=task.round, **asdict(check))

    def checks(self, task: Task) -> list[Check]:
        """Those of its present round, oldest first."""
        query = select(CheckRow.__table__).where(CheckRow.task_id == task.id, CheckRow.round == task.round)
        rows = self._connection.execute(query.order_by(CheckRow.id))
        return [Check(row.command, row.exit, row.output, row.at) for row in rows]

    def set_verdict(self, task: Task, verdict: Verdict) -> None:
        """The last word on a criterion of the present plan counts."""
        key = {"task_id": task.id, "plan": task.plan, "number": verdict.number}
        said = {"met": verdict.met, "evidence": verdict.evidence}
        if not put_unless_there(self._connection, VerdictRow, **key, **said):
            where = [getattr(VerdictRow, name) == value for name, value in key.items()]
            swap(self._connection, VerdictRow, *where, values=said, lost="There is no such criterion.")

    def forget_verdicts(self, task: Task) -> None:
        """What was answered about a result that is going to change."""
        self._connection.execute(delete(VerdictRow).where(VerdictRow.task_id == task.id))

    def verdicts(self, task: Task) -> list[Verdict]:
        query = select(VerdictRow.__table__).where(
            VerdictRow.task_id == task.id, VerdictRow.plan == task.plan
        )
        rows = self._connection.execute(query.order_by(VerdictRow.number))
        return [Verdict(row.number, row.met, row.evidence) for row in rows]


def _values(changes: dict[str, Any]) -> dict[str, Any]:
    """As the columns keep them."""
    lists = ("criteria", "formats")
    return {name: list(value) if name in lists else value for name, value in changes.items()}


def ask_for_revision(id: str, connection: Connection) -> Sent:
    return Sent(connection, _REVISION, {"is_": id})


def _task(row: Any) -> Task:
    values = {name: getattr(row, name) for name in _FIELDS}
    for name, kind in _ENUMS.items():
        values[name] = kind(values[name])
    values["criteria"], values["formats"] = tuple(row.criteria), tuple(row.formats)
    return Task(**{**values, "budget": MicroUSD(row.budget)})
