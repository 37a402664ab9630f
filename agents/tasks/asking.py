"""Asking people about a task: its plan, its result, a step that leaves its workspace. Standing approvals never count here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agents.approvals.approval import Approval, ApprovalState, Verdict
from agents.approvals.ask import TIMERS, begin, tell_approvers
from agents.approvals.fingerprint import digest
from agents.effects.effect import Effect, EffectKind, EffectState
from agents.errors import Conflict, Forbidden
from agents.events import TROUPE, Event, Subject
from agents.jobs import JobName
from agents.oncall.kinds import AlertKind
from agents.people import Person, Role
from agents.tasks.action import Action, ActionState
from agents.tasks.artifact import Artifact
from agents.tasks.plan import Plan
from agents.tasks.plan import Verdict as Answered
from agents.tasks.task import WORDS, State, Task, Wait
from agents.work import Work

PLATFORM = "tasks"
"""The policy that decides about a persona's tasks stands beside those of its platforms."""
ARCHIVE = "workspace.zip"
"""What a finished task's whole workspace is kept as. It is no deliverable."""


def ask(subject: Subject, version: int, fingerprint: str, task: Task, work: Work) -> Approval:
    """A pending approval of exactly this. Nobody is its author but the persona; whoever may decide is told."""
    policy = work.personas.policy(task.persona_id, PLATFORM)
    approval = Approval(
        id=work.new_id(),
        subject=subject,
        version=version,
        fingerprint=fingerprint,
        policy=policy,
        state=ApprovalState.PENDING,
        requested_by=task.requested_by,
        authors=frozenset(),
        created_at=work.now,
        expires_at=work.now + policy.expires_after,
    )
    begin(approval, work)
    return approval


def of_plan(plan: Plan, task: Task) -> str:
    """The fingerprint of what a person approves with a plan: what will be done, and for how much at most."""
    return digest({"outline": plan.outline.model_dump(mode="json"), "budget": task.budget})


def of_result(task: Task, work: Work) -> str:
    """The fingerprint of what a person accepts: every file, and how each criterion was answered."""
    files = {file.path: file.sha256 for file in deliverables(task, work)}
    return digest({"files": files, "verdicts": [_plain(one) for one in work.tasks.verdicts(task)]})


def deliverables(task: Task, work: Work) -> list[Artifact]:
    return [file for file in work.artifacts.of_task(task.id) if file.path != ARCHIVE]


def ask_about(task: Task, wait: Wait, doing: str, work: Work) -> Task:
    """It waits for somebody to approve its plan, or to accept its result, as they are now.

    Whatever was asked before is void.
    """
    void(task.approval_id, work)
    if wait is Wait.PLAN:
        plan = work.tasks.plan(task)
        if plan is None:
            raise Conflict("There is no plan yet, so nobody can approve it.")
        approval = ask(task.subject, plan.number, of_plan(plan, task), task, work)
    else:
        approval = ask(task.subject, task.round, of_result(task, work), task, work)
    work.jobs.forget(task.subject, JobName.WORK)
    after = work.tasks.swap(
        task, doing, state=State.WAITING, waits_for=wait, approval_id=approval.id, trouble=""
    )
    tell_approvers(approval, work)
    noted = {"about": wait.value, "fingerprint": approval.fingerprint}
    work.record(Event("task.asked", task.subject, TROUPE, after=noted))
    return after


def decide(
    approval: Approval, by: Person, verdict: Verdict, seen: str, work: Work, *, note: str = "", via: str = ""
) -> Approval:
    """One person's decision. Raises Forbidden, Stale or Conflict; with it the timers end unless more must approve."""
    alone = work.people.count_active() == 1
    after = approval.decided(by, verdict, seen, work.now, alone=alone, note=note, via=via or by.via)
    work.approvals.swap(approval, after)
    if after.state is not ApprovalState.PENDING:
        forget_timers(approval.id, work)
    return after


def noted(before: Approval, after: Approval, **more: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the event of a decision holds, before and after it."""
    return (
        {"approval": before.state.value, "approved_by": before.yes},
        {
            "approval": after.state.value,
            "approved_by": after.yes,
            "quorum": after.policy.quorum,
            "fingerprint": after.fingerprint,
            **more,
        },
    )


def void(approval_id: str, work: Work) -> None:
    """What it was asked for is not there any more. Nothing, for one that was decided against."""
    if not approval_id:
        return
    approval = work.approvals.get(approval_id)
    if approval.state in (ApprovalState.PENDING, ApprovalState.APPROVED, ApprovalState.EXPIRED):
        work.approvals.swap(approval, approval.moved(ApprovalState.VOID))
    forget_timers(approval_id, work)


def forget_timers(approval_id: str, work: Work) -> None:
    work.jobs.forget(Subject("approval", approval_id), *TIMERS)


def effect_of(action: Action, work: Work) -> Effect | None:
    """None before it was approved."""
    return work.effects.of_approval(action.approval_id, EffectKind.ACT) if action.approval_id else None


def withdraw(task: Task, work: Work) -> None:
    """The task ends: nobody is asked any more. What was under way at this moment may have happened, and a person is told."""
    if task.approval_id and task.waits_for in (Wait.PLAN, Wait.REVIEW):
        approval = work.approvals.get(task.approval_id)
        if approval.state is ApprovalState.PENDING:
            void(approval.id, work)
    for action in work.actions.of_task(task.id, (ActionState.PROPOSED, ActionState.APPROVED)):
        _drop(action, work)
    for action in work.actions.of_task(task.id, (ActionState.RUNNING,)):
        effect = effect_of(action, work)
        if effect is not None:
            doubt(action, effect, "The task was ended while this was being done.", task, work)


def doubt(action: Action, effect: Effect, why: str, task: Task, work: Work) -> Action:
    """Nobody can tell whether it happened: a person is asked, and nothing is done again before."""
    if effect.state is EffectState.SENDING:
        work.effects.swap(effect, state=EffectState.UNKNOWN, error=why)
    after = work.actions.swap(action, state=ActionState.UNKNOWN, result=why)
    work.record(Event("action.unknown", action.subject, TROUPE, after={"why": why}))
    work.raise_alert(
        AlertKind.STEP_UNKNOWN,
        action.subject,
        f"A step may or may not have happened ({action.title}): {why}",
        kept="The task and everything it made are kept; the step is not done again until you say so.",
        remedy="Look there, then press It happened, or It did not.",
        persona_id=task.persona_id,
    )
    work.touch(task.subject)
    return after


def must_decide(task: Task, by: Person, via: str, doing: str, work: Work) -> None:
    """Raises Forbidden unless the policy lets this person decide, or steer what they asked for themselves.  doing: "stop it"."""
    policy = work.personas.policy(task.persona_id or task.asked_for, PLATFORM)
    key = via or by.via
    if key and not policy.keys_may_decide:
        raise Forbidden(f"The API key {key} may not {doing}.", remedy="Do it in the console.")
    own = by.id == task.requested_by and policy.requester_may_approve
    if own:
        by.must_be(Role.EDITOR, doing)
    elif not policy.may_approve(by):
        raise Forbidden(
            f"Only who may approve this task can {doing}.", remedy="Ask one of them, or whoever asked for it."
        )


def must_steer(task: Task, by: Person, doing: str, work: Work) -> None:
    """Raises Forbidden unless it is whoever asked for it, any manager, or somebody who may decide about it."""
    policy = work.personas.policy(task.persona_id or task.asked_for, PLATFORM)
    if by.id == task.requested_by:
        by.must_be(Role.EDITOR, doing)
    elif not policy.may_approve(by):
        by.must_be(Role.MANAGER, doing)


def late(task: Task, doing: str) -> Conflict:
    return Conflict(
        f"The task is {WORDS[task.state]}, so you cannot {doing}.",
        remedy="Its card shows what can be done with it now.",
    )


def cancel(action: Action, work: Work, why: str) -> None:
    """What was not begun will not begin, and its approval counts no more."""
    effect = effect_of(action, work)
    if effect is not None and effect.state is EffectState.DUE:
        work.effects.swap(effect, state=EffectState.CANCELLED)
    elif effect is not None and effect.state is EffectState.SENDING:  # a person wanted it done again
        work.effects.swap(effect, state=EffectState.FAILED, error=why)
    void(action.approval_id, work)


def _drop(action: Action, work: Work) -> None:
    why = "The task has ended."
    cancel(action, work, why)
    work.actions.swap(action, state=ActionState.REFUSED, result=why)
    work.record(Event("action.dropped", action.subject, TROUPE))


def _plain(answered: Answered) -> Mapping[str, Any]:
    return {"number": answered.number, "met": answered.met, "evidence": answered.evidence}
