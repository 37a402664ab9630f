"""Where tasks are kept, and everything that belongs to them: the ports that `storage` implements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from agents.tasks.action import Action, ActionState
from agents.tasks.artifact import Artifact, Note, Source
from agents.tasks.plan import Check, Plan, Tick, Verdict
from agents.tasks.question import Question
from agents.tasks.task import State, Task


class Tasks(Protocol):
    """`swap` is a compare-and-set: it raises Conflict for a move that is not allowed, Raced for whoever was second."""

    def add(self, task: Task) -> None: ...
    def get(self, id: str) -> Task: ...
    def swap(self, before: Task, doing: str, **changes: Any) -> Task: ...
    def in_states(self, states: Iterable[State], *, limit: int = 200) -> Sequence[Task]:
        """Most urgent first, and of those the oldest."""

    def parts(self, task_id: str) -> Sequence[Task]:
        """The tasks that it was split into, oldest first."""

    def held_by(self, persona_id: str) -> Sequence[Task]:
        """What the persona has, and what of it waits for its parts, too."""

    def load(self) -> Mapping[str, int]:
        """How many tasks are in hand of each persona that has any, by its id."""

    def busy_until(self) -> Mapping[str, datetime]:
        """When each persona last began or finished a task, by its id."""

    def add_plan(self, plan: Plan) -> None: ...
    def plan(self, task: Task) -> Plan | None:
        """The present one."""

    def tick(self, plan: Plan, ticks: tuple[Tick, ...]) -> Plan: ...
    def add_check(self, task: Task, check: Check) -> None: ...
    def checks(self, task: Task) -> Sequence[Check]:
        """Those of its present round, oldest first."""

    def set_verdict(self, task: Task, verdict: Verdict) -> None: ...
    def verdicts(self, task: Task) -> Sequence[Verdict]: ...
    def forget_verdicts(self, task: Task) -> None: ...


class Actions(Protocol):
    def add(self, action: Action) -> bool:
        """False, and no change, if this call was proposed already."""

    def get(self, id: str) -> Action: ...
    def of_call(self, task_id: str, call_id: str) -> Action | None: ...
    def of_task(
        self, task_id: str, states: Iterable[ActionState] = tuple(ActionState)
    ) -> Sequence[Action]: ...
    def swap(self, before: Action, **changes: Any) -> Action: ...


class Questions(Protocol):
    def add(self, question: Question) -> bool:
        """False, and no change, if this call asked already."""

    def get(self, id: str) -> Question: ...
    def of_call(self, task_id: str, call_id: str) -> Question | None: ...
    def of_task(self, task_id: str) -> Sequence[Question]: ...
    def answer(self, question: Question, answer: str, by: str, at: datetime) -> bool:
        """False if somebody answered before."""


class Artifacts(Protocol):
    def put(self, artifact: Artifact, data: bytes) -> None:
        """Takes the place of an earlier one with the same path."""

    def get(self, id: str) -> Artifact: ...
    def data(self, id: str) -> bytes: ...
    def of_task(self, task_id: str) -> Sequence[Artifact]: ...


class Sources(Protocol):
    def cite(self, task_id: str, url: str, title: str, now: datetime) -> Source:
        """The same page keeps its number."""

    def of_task(self, task_id: str) -> Sequence[Source]: ...
    def see(self, task_id: str, urls: Iterable[str]) -> None:
        """Addresses that it was shown; the same again is fine."""

    def seen(self, task_ids: Sequence[str], url: str) -> bool:
        """By any of these tasks."""


class Notes(Protocol):
    def add(self, persona_id: str, task_id: str, text: str, now: datetime) -> Note: ...
    def find(self, persona_id: str, task_id: str, words: str) -> Sequence[Note]: ...
