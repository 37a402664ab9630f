"""A task: delegated work that a persona takes from a brief to files, stage by stage, in a workspace of its own.

Where it stands is two words: the stage it is in, and whether it moves. Both move only as the tables below say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from agents.errors import Conflict
from agents.events import Subject
from agents.money import FREE, MicroUSD

TITLE_LIMIT, BRIEF_LIMIT, CRITERIA_LIMIT = 100, 8_000, 20
DEPTH_LIMIT = 3
"""How deep a task may be split: a task, its parts, and their parts."""
PARTS_LIMIT = 5
"""Into how many parts one task may be split."""


class Stage(StrEnum):
    DESIGN = "design"
    """A written plan."""
    BUILD = "build"
    """Files."""
    TEST = "test"
    """Checks that ran, and the acceptance criteria answered one by one."""
    REVIEW = "review"
    """A last look of its own, then a person's."""


STAGES = tuple(Stage)


class State(StrEnum):
    """Whether a task moves, and if not, why not."""

    QUEUED = "queued"
    """Nobody has it: no persona whose range fits is free."""
    WORKING = "working"
    WAITING = "waiting"
    """For what `waits_for` says. It costs no worker."""
    PAUSED = "paused"
    """A person stopped it for now."""
    BLOCKED = "blocked"
    """It cannot go on by itself; an alert says why, and a person can let it try again."""
    COMPLETE = "complete"
    FAILED = "failed"
    """Given up: what it made is kept."""
    CANCELLED = "cancelled"


class Wait(StrEnum):
    """What a waiting task waits for."""

    NOTHING = ""
    PLAN = "plan"
    """Somebody to approve the plan."""
    STEP = "step"
    """Somebody to approve what leaves the workspace."""
    ANSWER = "answer"
    """Somebody to answer a question."""
    BUDGET = "budget"
    """Somebody to raise the budget."""
    REVIEW = "review"
    """Somebody to accept the result."""
    PARTS = "parts"
    """The tasks that it was split into."""


S = State
_ENDS = frozenset({S.FAILED, S.CANCELLED})
ALLOWED: Mapping[State, frozenset[State]] = {
    S.QUEUED: frozenset({S.WORKING, S.PAUSED, S.CANCELLED}),
    S.WORKING: frozenset({S.WORKING, S.QUEUED, S.WAITING, S.PAUSED, S.BLOCKED, S.COMPLETE}) | _ENDS,
    S.WAITING: frozenset({S.WORKING, S.WAITING, S.QUEUED, S.PAUSED, S.BLOCKED, S.COMPLETE}) | _ENDS,
    S.PAUSED: frozenset({S.WORKING, S.WAITING, S.QUEUED}) | _ENDS,
    S.BLOCKED: frozenset({S.WORKING, S.WAITING, S.QUEUED, S.PAUSED}) | _ENDS,
    S.COMPLETE: frozenset({S.QUEUED}),
    S.FAILED: frozenset({S.QUEUED}),
    S.CANCELLED: frozenset(),
}
"""Every move that a task may make. A finished one works again only when a person asks for changes, or to try again; it gave
its persona free, so it queues like any other."""

WORDS: Mapping[State, str] = {
    S.QUEUED: "waiting for a free persona",
    S.WORKING: "being worked on",
    S.WAITING: "waiting for you",
    S.PAUSED: "paused",
    S.BLOCKED: "blocked",
    S.COMPLETE: "complete",
    S.FAILED: "given up",
    S.CANCELLED: "cancelled",
}
"""What people call each state."""

OPEN = frozenset(State) - {S.COMPLETE, S.FAILED, S.CANCELLED}
HELD = frozenset({S.WORKING, S.WAITING, S.PAUSED, S.BLOCKED})
"""States in which a task keeps its persona."""


def next_stage(stage: Stage) -> Stage | None:
    """None after the last."""
    at = STAGES.index(stage) + 1
    return STAGES[at] if at < len(STAGES) else None


def may_move(stage: Stage, to: Stage) -> bool:
    """One forward, or one back."""
    return abs(STAGES.index(stage) - STAGES.index(to)) == 1


@dataclass(frozen=True, slots=True)
class Task:
    """origin: the channel it was asked for in, "" when there is none.  persona_id: "" while nobody has it.

    asked_for: the persona that was named, "" if any will do.  complexity: 1–10; estimated while nobody said it.
    priority: 1–10, 10 first.  criteria: what must be true of the result.  formats: file endings wanted ("pdf", "csv").
    round: how often its present stage was begun.  plan: number of its present plan, 0 before there is one.
    """

    id: str
    title: str
    brief: str
    requested_by: str
    origin: str
    created_at: datetime
    asked_for: str = ""
    persona_id: str = ""
    criteria: tuple[str, ...] = ()
    complexity: int = 5
    estimated: bool = False
    priority: int = 5
    formats: tuple[str, ...] = ()
    deadline: datetime | None = None
    budget: MicroUSD = FREE
    reviewed: bool = True
    """Whether a person has to accept the result."""
    parent_id: str = ""
    depth: int = 1
    stage: Stage = Stage.DESIGN
    state: State = State.QUEUED
    waits_for: Wait = Wait.NOTHING
    round: int = 1
    plan: int = 0
    approval_id: str = ""
    """The approval of its plan or its result, "" while none is asked for."""
    trouble: str = ""
    """What went wrong last, in words."""
    started_at: datetime | None = None
    finished_at: datetime | None = None
    archived_at: datetime | None = None
    revision: int = 1

    @property
    def subject(self) -> Subject:
        return Subject("task", self.id)

    @property
    def thread(self) -> str:
        """Where everything about it is said."""
        return str(self.subject)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def is_in_hand(self) -> bool:
        """Whether it takes up its persona. One that waits for its parts does not: they may need the very place that it
        would keep, and then nobody would ever move.
        """
        return bool(self.persona_id) and self.state in HELD and self.waits_for is not Wait.PARTS

    def may(self, to: State) -> bool:
        return to in ALLOWED[self.state]

    def must(self, to: State, doing: str) -> None:
        """Raises Conflict naming both states unless the move is allowed.  doing: "pause it", for the sentence."""
        if not self.may(to):
            raise Conflict(
                f"The task is {WORDS[self.state]}, so you cannot {doing}: it cannot become {WORDS[to]}.",
                remedy="Its card shows what can be done with it now.",
            )
