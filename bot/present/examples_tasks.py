"""Examples of the cards about tasks, in every state. Nothing in here is real."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from agents.approvals.approval import Approval, ApprovalState, Decision
from agents.approvals.approval import Verdict as Decided
from agents.approvals.policy import Policy
from agents.events import Subject
from agents.money import MicroUSD, from_dollars
from agents.people import Person, Role
from agents.personas.persona import Persona
from agents.personas.templates import template
from agents.tasks.action import Action, ActionState
from agents.tasks.artifact import Artifact
from agents.tasks.lack import Lack
from agents.tasks.plan import Outline, Plan, Step, Tick, Verdict
from agents.tasks.question import Question
from agents.tasks.task import Stage, State, Task, Wait
from bot.cards import Card
from bot.present import action as action_card
from bot.present import question as question_card
from bot.present import task as task_card
from bot.present.action import ActionView
from bot.present.question import QuestionView
from bot.present.task import TaskView

NOW = datetime(2026, 11, 21, 14, 30, tzinfo=UTC)
STEVE = Persona(
    id="steve", profile=template("developer-advocate").model_copy(update={"name": "Steve", "handle": "steve"})
)
ALICE = Person("alice", "Alice", Role.OWNER, "Europe/Berlin")
S, W = State, Wait

TASK = Task(
    id="t4sk9v7x2a",
    title="Compare three queue libraries",
    brief="Compare RQ, Celery and Dramatiq for a small team: retries, scheduling, what happens when Redis is wiped. One page.",
    requested_by=ALICE.id,
    origin="c",
    created_at=NOW - timedelta(hours=1),
    persona_id=STEVE.id,
    complexity=6,
    estimated=True,
    formats=("pdf", "csv"),
    deadline=NOW + timedelta(hours=20),
    budget=MicroUSD(from_dollars(1)),
    stage=Stage.BUILD,
    state=S.WORKING,
    plan=1,
)
OUTLINE = Outline(
    approach="Read the documentation of each, run the same small job on all three, and write down what differs.",
    steps=(
        Step(title="Collect sources", tools=("search_web", "read_page")),
        Step(title="Run the same job on all three", tools=("run_python",)),
        Step(title="Write the table and the report", tools=("make_report",)),
    ),
    files=("report.pdf", "queues.csv"),
    criteria=("Each library is judged on the same three points", "Every claim names its source"),
    risks=("Documentation may be older than the code.",),
)
FILES = (
    Artifact("f1", TASK.id, "queues.csv", "text/csv", 1_240, "a" * 64, NOW),
    Artifact("f2", TASK.id, "report.pdf", "application/pdf", 84_310, "b" * 64, NOW, "example"),
)
MET = (
    Verdict(1, True, "queues.csv has three rows and the same columns for each."),
    Verdict(2, False, "The claim about wiping Redis has none yet."),
)
STEP = Action(
    id="a1",
    task_id=TASK.id,
    persona_id=STEVE.id,
    call_id="call_1",
    tool="send_email",
    title="Send an e-mail to max@example.com",
    arguments={"to": "max@example.com", "subject": "Three queue libraries"},
    shown="To: max@example.com\nSubject: Three queue libraries\n\nHello Max,\nthe comparison you asked for is attached.",
    created_at=NOW - timedelta(minutes=2),
    attachments={"output/report.pdf": "b" * 64},
)
QUESTION = Question(
    "q1", TASK.id, "call_2", "Which version of Celery should I compare with?", NOW, ("5.5", "The newest one")
)


def examples() -> Mapping[str, tuple[Card, ...]]:
    """By what they show, in the order of a gallery."""
    return {
        "Tasks": tuple(task_card.card(view(state)) for state in State),
        "Tasks, waiting": tuple(task_card.card(view(S.WAITING, wait)) for wait in Wait if wait),
        "Tasks, special": (
            task_card.card(replace(view(S.WORKING), plan=None)),
            task_card.card(replace(view(S.WORKING), parts=_parts())),
            *(task_card.card(_without_money(lack)) for lack in LACKS),
        ),
        "Steps beyond the workspace": tuple(action_card.card(step(state)) for state in ActionState),
        "Questions": (
            question_card.card(QuestionView(QUESTION, view(S.WAITING, W.ANSWER).task, STEVE)),
            question_card.card(
                QuestionView(replace(QUESTION, options=()), view(S.WAITING, W.ANSWER).task, STEVE)
            ),
            question_card.card(QuestionView(_answered(), TASK, STEVE)),
        ),
    }


_TROUBLES = {
    S.BLOCKED: "The tests do not pass after three tries: the sandbox has no network, and one of them wants it.",
    S.FAILED: "No model answered for an hour. What it made is kept.",
}


def view(state: State, wait: Wait = W.NOTHING) -> TaskView:
    """A task in that state, as plain as such a task can be."""
    over = state in (S.COMPLETE, S.FAILED, S.CANCELLED)
    queued = state is S.QUEUED
    review = wait is W.REVIEW or state is S.COMPLETE
    task = replace(
        TASK,
        state=state,
        waits_for=wait,
        persona_id="" if queued else STEVE.id,
        plan=0 if queued else 1,
        stage=Stage.DESIGN if queued or wait is W.PLAN else Stage.REVIEW if review else Stage.BUILD,
        trouble=_TROUBLES.get(state, ""),
        finished_at=NOW if over else None,
    )
    return TaskView(
        task=task,
        now=NOW,
        requester=ALICE.name,
        persona=None if queued else STEVE,
        plan=None if queued else Plan(TASK.id, 1, OUTLINE, _ticks(wait, review), NOW),
        verdicts=MET if review else (),
        files=() if queued or wait is W.PLAN else FILES,
        parts=_parts() if wait is W.PARTS else (),
        questions=(QUESTION,) if wait is W.ANSWER else (),
        steps=(STEP.id,) if wait is W.STEP else (),
        spent=from_dollars("0.0412") if wait is not W.BUDGET else from_dollars(1),
        models="" if queued else "gpt-5-mini",
        seen="9c1f0b7e" * 4 if wait in (W.PLAN, W.REVIEW) else "",
        decides="A manager or above" if wait in (W.PLAN, W.REVIEW, W.STEP) else "",
        asked_for="Steve (@steve)" if queued else "",
    )


LACKS = (
    Lack(Subject("persona", STEVE.id), "2026-11", limit=25_000_000, left=20_000, wanted=310_000),
    Lack(Subject("team", "troupe"), "2026-11", limit=200_000, left=200_000, wanted=310_000),
    Lack(Subject("task", "t8wz3c5n1b"), "", limit=2_000_000, left=20_000, wanted=310_000),
)
"""The money of others than the task itself. The team's is less than one call may take."""


def _without_money(lack: Lack) -> TaskView:
    whose = {
        "persona": "@steve has $0.02 left of $25.00 for 2026-11",
        "team": "The team has $0.20 left of $0.20 for 2026-11",
    }
    said = whose.get(lack.whose.kind, "The task “Choose a queue” has $0.02 left of $2.00")
    waiting = view(S.WAITING, W.BUDGET)
    task = replace(waiting.task, trouble=f"{said}, and this call may take $0.31.")
    return replace(waiting, task=task, spent=from_dollars("0.0412"), lack=lack)


def _ticks(wait: Wait, review: bool) -> tuple[Tick, ...]:
    if wait is W.PLAN:
        return (Tick.OPEN,) * 3
    return (Tick.DONE,) * 3 if review else (Tick.DONE, Tick.DOING, Tick.OPEN)


def _parts() -> tuple[Task, ...]:
    part = replace(TASK, parent_id=TASK.id, depth=2)
    return (
        replace(part, id="p1", title="Read up on RQ", state=S.COMPLETE),
        replace(part, id="p2", title="Read up on Celery", state=S.WORKING),
        replace(part, id="p3", title="Read up on Dramatiq", state=S.QUEUED),
    )


_RESULTS = {
    ActionState.DONE: "Sent to max@example.com.",
    ActionState.FAILED: "The mail server refused the address.",
    ActionState.REFUSED: "Alice: not before Monday.",
}


def step(state: ActionState) -> ActionView:
    """Decided by Alice where it is decided."""
    verdicts = {ActionState.REFUSED: Decided.REJECT, ActionState.PROPOSED: None, ActionState.EXPIRED: None}
    decided = verdicts.get(state, Decided.APPROVE)
    states = {ActionState.PROPOSED: ApprovalState.PENDING, ActionState.EXPIRED: ApprovalState.EXPIRED}
    approval = Approval(
        id="ap",
        subject=STEP.subject,
        version=1,
        fingerprint=STEP.fingerprint,
        policy=Policy(),
        state=states.get(state, ApprovalState.APPROVED),
        requested_by=ALICE.id,
        authors=frozenset(),
        created_at=STEP.created_at,
        expires_at=NOW + timedelta(days=3),
        decisions=(Decision(ALICE.id, ALICE.name, decided, NOW),) if decided else (),
    )
    shown = replace(STEP, state=state, result=_RESULTS.get(state, ""))
    waiting = replace(TASK, state=S.WAITING, waits_for=W.STEP)
    return ActionView(shown, waiting, STEVE, approval, "A manager or above")


def _answered() -> Question:
    return replace(QUESTION, answer="5.5", answered_by="Alice", answered_at=NOW)
