"""What programs send and get of tasks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from agents.tasks.action import Action
from agents.tasks.artifact import Artifact
from agents.tasks.asking import deliverables
from agents.tasks.plan import Plan, Verdict
from agents.tasks.question import Question
from agents.tasks.request import CRITERION_LIMIT
from agents.tasks.task import BRIEF_LIMIT, CRITERIA_LIMIT, TITLE_LIMIT, Stage, State, Task, Wait
from bot.present.task_view import persona_of, spent, task_view
from bot.web.api.shapes import Name
from storage.unit_of_work import UnitOfWork

Dollars = Annotated[Decimal, Field(ge=0, le=100_000, max_digits=12, decimal_places=6)]
Rank = Annotated[int, Field(ge=1, le=10)]
Decided = Literal[
    "approve_plan", "change_plan", "accept", "change_result", "pause", "resume", "retry", "stop"
]


class TaskIn(BaseModel):
    """A piece of work for a persona."""

    model_config = ConfigDict(extra="forbid")
    brief: str = Field(
        min_length=1,
        max_length=BRIEF_LIMIT,
        description="What is to be done.",
        examples=["Compare three queue libraries for a small team. One page."],
    )
    title: str = Field("", max_length=TITLE_LIMIT, description="The brief's first sentence unless given.")
    persona: Name = Field(
        "", description="Handle of who is to do it; whoever is free unless given.", examples=["ada"]
    )
    criteria: list[Annotated[str, Field(max_length=CRITERION_LIMIT)]] = Field(
        [], max_length=CRITERIA_LIMIT, description="How anybody can tell that it is done."
    )
    complexity: Rank | None = Field(None, description="How hard it is; estimated unless given.")
    priority: Rank = Field(5, description="10 comes first.")
    deadline: AwareDatetime | None = Field(
        None, description="With its offset.", examples=["2026-11-30T17:00:00Z"]
    )
    formats: list[Annotated[str, Field(max_length=10)]] = Field(
        [], max_length=10, description="Endings of the files wanted.", examples=[["pdf", "csv"]]
    )
    budget_usd: Dollars | None = Field(None, description="What its persona gives one task unless given.")
    reviewed: bool | None = Field(None, description="Whether a person accepts the result.")
    channel: Name = Field("", description="Name or id of the channel where its card is to stand.")


class DecisionIn(BaseModel):
    """What a person would press under the task's card."""

    model_config = ConfigDict(extra="forbid")
    decision: Decided
    fingerprint: str = Field(
        "",
        max_length=64,
        description="Of the task, as it was looked at: the first four decide on exactly that.",
        examples=["9c1f0b7e9c1f0b7e"],
    )
    words: str = Field("", max_length=4000, description="What should be different; or why it is stopped.")


class CriterionOut(BaseModel):
    text: str
    met: bool | None = Field(description="None before it was answered.")
    evidence: str


class PlannedOut(BaseModel):
    title: str
    state: Literal["open", "doing", "done"]


class PlanOut(BaseModel):
    number: int
    approach: str
    steps: list[PlannedOut]
    files: list[str]
    risks: list[str]


class StepOut(BaseModel):
    """Something beyond its workspace; `POST /api/actions` decides with `action.approve:ID:FINGERPRINT`."""

    id: str
    tool: str
    title: str
    state: str
    shown: str = Field(description="Exactly what would happen.")
    fingerprint: str
    result: str


class QuestionOut(BaseModel):
    """`POST /api/actions` answers with `question.answer:ID:` and the value `answer`."""

    id: str
    text: str
    options: list[str]
    answer: str
    answered_by: str


class FileOut(BaseModel):
    id: str
    path: str
    kind: str
    size: int
    sha256: str
    url: str = Field(description="Where it is fetched, with the key.")


class TaskOut(BaseModel):
    id: str
    title: str
    state: State
    stage: Stage
    waits_for: Wait = Field(description='What a waiting task waits for; "" for nothing.')
    persona: str = Field(description='Handle of who has it; "" while nobody does.')
    requested_by: str = Field(description="Id of the person.")
    complexity: int
    estimated: bool
    priority: int
    deadline: datetime | None
    budget_usd: Decimal
    spent_usd: Decimal
    trouble: str = Field(description='What went wrong last, in words; "" for nothing.')
    created_at: datetime
    finished_at: datetime | None


class WholeTaskOut(TaskOut):
    """Everything about one."""

    brief: str
    formats: list[str]
    reviewed: bool
    fingerprint: str = Field(
        description='What a decision is bound to; "" while there is nothing to decide on.'
    )
    criteria: list[CriterionOut]
    plan: PlanOut | None
    steps: list[StepOut]
    questions: list[QuestionOut]
    files: list[FileOut]
    parts: list[str] = Field(description="Ids of the tasks that it was split into.")


def task_of(task: Task, work: UnitOfWork) -> TaskOut:
    return TaskOut(**_line(task, work))


def whole_task(id: str, work: UnitOfWork) -> WholeTaskOut:
    """Raises NotFound."""
    view = task_view(id, work)
    task, plan = view.task, view.plan
    return WholeTaskOut(
        **_line(task, work),
        brief=task.brief,
        formats=list(task.formats),
        reviewed=task.reviewed,
        fingerprint=view.seen,
        criteria=_criteria(plan.outline.criteria if plan else task.criteria, view.verdicts),
        plan=_plan(plan) if plan else None,
        steps=[_step(step) for step in work.actions.of_task(id)],
        questions=[_question(question) for question in work.questions.of_task(id)],
        files=[_file(file) for file in deliverables(task, work)],
        parts=[part.id for part in view.parts],
    )


def _line(task: Task, work: UnitOfWork) -> dict[str, Any]:
    persona = persona_of(task.persona_id, work)
    names = ("id", "title", "state", "stage", "waits_for", "requested_by", "complexity", "estimated")
    more = ("priority", "deadline", "trouble", "created_at", "finished_at")
    return {name: getattr(task, name) for name in (*names, *more)} | {
        "persona": persona.handle if persona else "",
        "budget_usd": Decimal(task.budget) / 1_000_000,
        "spent_usd": Decimal(spent(task, work)) / 1_000_000,
    }


def _criteria(texts: Sequence[str], verdicts: Sequence[Verdict]) -> list[CriterionOut]:
    answered = {verdict.number: verdict for verdict in verdicts}
    return [
        CriterionOut(text=text, met=said.met if said else None, evidence=said.evidence if said else "")
        for text, said in ((text, answered.get(n)) for n, text in enumerate(texts, 1))
    ]


def _plan(plan: Plan) -> PlanOut:
    outline = plan.outline
    steps = zip(outline.steps, plan.ticks, strict=True)
    return PlanOut(
        number=plan.number,
        approach=outline.approach,
        steps=[PlannedOut(title=step.title, state=tick.value) for step, tick in steps],
        files=list(outline.files),
        risks=list(outline.risks),
    )


def _step(step: Action) -> StepOut:
    return StepOut(
        id=step.id,
        tool=step.tool,
        title=step.title,
        state=step.state.value,
        shown=step.shown,
        fingerprint=step.fingerprint,
        result=step.result,
    )


def _question(question: Question) -> QuestionOut:
    return QuestionOut(
        id=question.id,
        text=question.text,
        options=list(question.options),
        answer=question.answer,
        answered_by=question.answered_by,
    )


def _file(file: Artifact) -> FileOut:
    return FileOut(
        id=file.id,
        path=file.path,
        kind=file.kind,
        size=file.size,
        sha256=file.sha256,
        url=f"/api/tasks/{file.task_id}/files/{file.id}",
    )
