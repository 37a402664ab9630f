"""A task's way through its stages: what each must show before it ends, and what follows. Called by whoever works on it.

Each verb looks at the task as it stands, and raises Stopped when a person paused, stopped or moved it meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from agents.errors import Conflict, Invalid, NotFound
from agents.events import TROUPE, Event
from agents.oncall.kinds import AlertKind
from agents.tasks import asking
from agents.tasks.lack import Lack
from agents.tasks.moves import (
    Stopped,
    acting,
    close,
    forget,
    freed,
    go_on,
    must_be_free_to_work,
    outstanding,
    present,
)
from agents.tasks.plan import Outline, Plan, Tick
from agents.tasks.proof import lacking
from agents.tasks.steering import is_steering
from agents.tasks.task import STAGES, Stage, State, Task, Wait, next_stage
from agents.tasks.tools import Entry
from agents.work import Work

__all__ = [
    "Stopped",
    "back",
    "block",
    "fail",
    "feedback",
    "forward",
    "give_up",
    "lacks",
    "must_be_free_to_work",
    "tick",
    "wait",
    "write_plan",
]
ROUNDS_LIMIT = 12
"""How often a task is begun anew at some stage before a person is asked."""
SAID_LIMIT = 50
"""Messages of its thread that whoever works on a task is told of."""


def write_plan(task: Task, outline: Outline, work: Work) -> Plan:
    """The plan from here on; the task's own criteria stand in it, whatever the persona wrote. The same again changes nothing.

    Raises Conflict when the design is over.
    """
    now = present(task, work)
    if now.stage is not Stage.DESIGN:
        raise Conflict("The plan stands: its design is over.", remedy="Go back to design first.")
    if now.criteria:
        outline = outline.model_copy(update={"criteria": now.criteria})
    before = work.tasks.plan(now)
    if before is not None and before.outline == outline and not sent_back(before, now, work):
        return before
    plan = Plan(now.id, now.plan + 1, outline, (Tick.OPEN,) * len(outline.steps), work.now)
    work.tasks.add_plan(plan)
    work.tasks.swap(now, "plan it", plan=plan.number)
    noted = {"plan": plan.number, "steps": len(outline.steps)}
    work.record(Event("task.planned", now.subject, acting(now, work), after=noted))
    return plan


def tick(task: Task, number: int, tick: Tick, work: Work) -> Plan:
    """number: of the step, from 1. Raises Invalid if there is no such step."""
    now = present(task, work)
    plan = work.tasks.plan(now)
    if plan is None or not 1 <= number <= len(plan.ticks):
        steps = len(plan.ticks) if plan else 0
        raise Invalid(f"There is no step {number}; the plan has {steps}.", field="step")
    ticks = (*plan.ticks[: number - 1], tick, *plan.ticks[number:])
    work.touch(now.subject)
    return plan if ticks == plan.ticks else work.tasks.tick(plan, ticks)


def lacks(task: Task, files: Sequence[Entry], work: Work) -> tuple[str, ...]:
    """What its stage still has to show before it may end, in sentences for whoever works on it; () if nothing.

    files: everything in its workspace.
    """
    now = work.tasks.get(task.id)
    plan = work.tasks.plan(now)
    if plan is not None and now.stage is Stage.DESIGN and sent_back(plan, now, work):
        return ("The plan was sent back: write another one that does what was asked for.",)
    return lacking(now, plan, files, work.tasks.checks(now), work.tasks.verdicts(now))


def forward(task: Task, work: Work) -> Task:
    """The stage is done: the next one begins, or a person is asked first, or the task is complete."""
    now = present(task, work)
    if now.stage is Stage.DESIGN and _plan_needs_approval(now, work):
        return asking.ask_about(now, Wait.PLAN, "ask for approval", work)
    if now.stage is Stage.REVIEW:
        return (
            asking.ask_about(now, Wait.REVIEW, "ask for a look", work)
            if now.reviewed
            else complete(now, work)
        )
    return enter(now, _after(now.stage), work)


def enter(task: Task, stage: Stage, work: Work, *, anew: bool = False) -> Task:
    """anew: it was there before, so everything of that stage is done again."""
    round = task.round + 1 if anew else task.round
    if anew:
        work.tasks.forget_verdicts(task)
    after = go_on(task, f"go to {stage.value}", work, stage=stage, round=round)
    before = {"stage": task.stage.value}
    work.record(Event("task.moved", task.subject, TROUPE, before=before, after={"stage": stage.value}))
    return after


def back(task: Task, why: str, work: Work) -> Task:
    """One stage back, to be done again; after ROUNDS_LIMIT rounds a person is asked. Raises Conflict from the first stage."""
    now = present(task, work)
    if now.stage is Stage.DESIGN:
        raise Conflict("There is nothing before design.")
    if now.round >= ROUNDS_LIMIT:
        return block(now, f"It went back and forth {now.round} times, last because: {why}", work)
    earlier = STAGES[STAGES.index(now.stage) - 1]
    work.record(Event("task.went_back", now.subject, acting(now, work), after={"why": why}))
    return enter(now, earlier, work, anew=True)


def complete(task: Task, work: Work) -> Task:
    """Everything is there and accepted."""
    after = close(task, State.COMPLETE, TROUPE, work)
    work.resolve_about(task.subject, "Troupe")
    files = [file.path for file in asking.deliverables(task, work)]
    work.record(Event("task.completed", task.subject, TROUPE, after={"files": files}))
    return after


def block(task: Task, why: str, work: Work, kind: AlertKind = AlertKind.TASK_BLOCKED) -> Task:
    """It cannot go on by itself: a person is told why, and can change something and let it try again."""
    now = present(task, work)
    forget(now, work)
    after = work.tasks.swap(now, "block it", state=State.BLOCKED, trouble=why)
    work.record(Event("task.blocked", now.subject, TROUPE, after={"why": why, "stage": now.stage.value}))
    work.raise_alert(
        kind,
        now.subject,
        f"The task “{now.title}” is stuck in {now.stage.value}: {why}",
        kept="Its workspace and everything it made are kept.",
        remedy="Say in its thread what it should do differently, and press Try again; or give it to another persona.",
        persona_id=now.persona_id,
    )
    return after


def wait(task: Task, wait: Wait, work: Work, *, why: str = "", lack: Lack | None = None) -> Task:
    """It waits for `wait`, and whoever works on it is free; or it goes on at once if that came meanwhile. While it waits for
    its parts, its persona may take another.

    why, lack: where it is for money: which budget is used up, in words, and what of it the task needs to go on by itself.
    """
    now = present(task, work)
    if now.state is State.WAITING and now.waits_for in (wait, Wait.PARTS):
        return now
    if not outstanding(now, wait, work):
        return go_on(now, "go on", work)
    forget(now, work)
    after = work.tasks.swap(now, "wait", state=State.WAITING, waits_for=wait, trouble=why)
    noted = {"for": wait.value} | ({"why": why} if why else {}) | (lack.noted if lack else {})
    work.record(Event("task.waiting", now.subject, TROUPE, after=noted))
    if wait is Wait.BUDGET:
        _tell_of_budget(after, why, work)
    if wait is Wait.PARTS:
        freed(now.persona_id, work)
    return after


def fail(task: Task, why: str, work: Work) -> Task:
    """It is given up. What it made is kept, and a person can let it try again."""
    now = present(task, work)
    after = close(now, State.FAILED, TROUPE, work, why=why)
    work.record(Event("task.failed", now.subject, TROUPE, after={"why": why, "stage": now.stage.value}))
    work.raise_alert(
        AlertKind.TASK_FAILED,
        now.subject,
        f"The task “{now.title}” was given up: {why}",
        kept="Its workspace and everything it made are kept.",
        remedy="Press Try again when the cause is mended, or ask for it anew.",
        persona_id=now.persona_id,
    )
    return after


def give_up(task_id: str, why: str, work: Work) -> None:
    """Its worker stumbled again and again over something unforeseen."""
    task = work.tasks.get(task_id)
    if task.state is State.WORKING:
        block(task, why, work)


def feedback(task: Task, work: Work, since: datetime | None = None) -> tuple[str, ...]:
    """What people said in its thread, oldest first, each with its author's name ("Alice: in German, please").

    since: of what was said after that; None for the whole thread: what was said while the plan was made holds while it is
    carried out. The words that steer it ("stop") are left out.
    """
    said = work.messages.in_thread(task.thread, limit=SAID_LIMIT)
    return tuple(
        f"{message.author.name}: {message.text}"
        for message in said
        if message.author.kind == "person"
        and message.text
        and not is_steering(message.text)
        and (since is None or message.at > since)
    )


def sent_back(plan: Plan, task: Task, work: Work) -> bool:
    """Whether a person asked for another plan than this."""
    if not task.approval_id:
        return False
    approval = work.approvals.get(task.approval_id)
    return approval.version == plan.number and approval.state.value == "changes_requested"


def _plan_needs_approval(task: Task, work: Work) -> bool:
    return task.complexity >= work.personas.get(task.persona_id).profile.tasks.plan_approved_from


def _after(stage: Stage) -> Stage:
    following = next_stage(stage)
    if following is None:
        raise NotFound(f"Nothing comes after {stage.value}.")
    return following


def _tell_of_budget(task: Task, why: str, work: Work) -> None:
    work.raise_alert(
        AlertKind.TASK_BUDGET,
        task.subject,
        f"The task “{task.title}” waits for money: {why or 'its budget is used up.'}",
        kept="Its workspace and everything it made are kept; no call was made without money.",
        remedy="Its card says whose money it is, and what to press; when there is enough again, it goes on by itself.",
        persona_id=task.persona_id,
    )
