"""A step that leaves the workspace: proposed by a persona, approved by a person who sees exactly it, and then done once.

What makes it once: its effect is claimed by compare-and-set and committed before anything is done; a claim of one that
was begun before (`effect.attempts` above 1) looks outside first; where nobody can tell, a person is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from agents.approvals.approval import Approval, ApprovalState, Verdict
from agents.approvals.ask import tell_approvers
from agents.effects.effect import Effect, EffectKind, EffectState
from agents.errors import Conflict, Forbidden, Stale
from agents.events import TROUPE, Event
from agents.people import Person
from agents.tasks import asking
from agents.tasks.action import Action, ActionState
from agents.tasks.moves import Stopped, acting, arrived, forget, must_be_free_to_work, present, say, show
from agents.tasks.task import State, Task, Wait
from agents.tasks.tools import Wish
from agents.work import Work


def propose(
    task: Task, tool_name: str, call_id: str, arguments: Mapping[str, Any], wish: Wish, work: Work
) -> Action:
    """The step of this call, waiting for a person; the task waits with it. The same call gives the same step, as it stands."""
    now = present(task, work)
    action = work.actions.of_call(task.id, call_id) or _proposed(
        now, tool_name, call_id, arguments, wish, work
    )
    if action.state in (ActionState.PROPOSED, ActionState.UNKNOWN):
        _let_wait(now, work)
    return action


def approve(action_id: str, by: Person, seen: str, work: Work, via: str = "") -> Action:
    """One person's yes; with the policy's quorum the step is owed, and its task goes on.

    Raises Forbidden, Stale or Conflict, saying what is true instead.
    """
    action, task, approval = _open(action_id, "approve it", work)
    if approval.fingerprint != action.fingerprint:
        raise Stale("The step is not what was asked about; nothing was decided.", remedy="Refuse it.")
    after = asking.decide(approval, by, Verdict.APPROVE, seen, work, via=via)
    _note("action.approved", action, approval, after, by, via, work)
    if after.state is not ApprovalState.APPROVED:
        return work.actions.swap(action)
    effect = Effect(
        id=work.new_id(),
        kind=EffectKind.ACT,
        subject=action.subject,
        approval_id=approval.id,
        fingerprint=approval.fingerprint,
        state=EffectState.DUE,
        not_before=work.now,
    )
    work.effects.add(effect, work.now)
    approved = work.actions.swap(action, state=ActionState.APPROVED)
    arrived(task.id, Wait.STEP, work)
    return approved


def refuse(action_id: str, by: Person, seen: str, reason: str, work: Work, via: str = "") -> Action:
    """It is not done; the persona is told why, and goes on without it. What was approved can be taken back until it begins."""
    action, task, approval = _open(action_id, "refuse it", work)
    begins = action.state is ActionState.APPROVED
    verdict = Verdict.VETO if begins else Verdict.REJECT
    after = asking.decide(approval, by, verdict, seen, work, note=reason, via=via)
    if begins:
        _take_back(action, work)
    _note("action.refused", action, approval, after, by, via, work, reason=reason)
    told = f"{by.name} refused it" + (f": {reason}" if reason else ".")
    refused = work.actions.swap(action, state=ActionState.REFUSED, result=told)
    arrived(task.id, Wait.STEP, work)
    return refused


def expired(action_id: str, work: Work) -> Action:
    """Nobody decided in time, and that is a no: the persona is told, and goes on without it."""
    action = work.actions.get(action_id)
    task = work.tasks.get(action.task_id)
    told = "Nobody decided in time, and that is a no."
    after = work.actions.swap(action, state=ActionState.EXPIRED, result=told)
    work.record(Event("action.expired", action.subject, TROUPE))
    say(task, f"Nobody decided about “{action.title}” in time, so it is not done.", work)
    arrived(task.id, Wait.STEP, work)
    return after


def claim(action: Action, fingerprint: str, work: Work) -> Effect:
    """The step in the hands of this worker, to be committed before anything is done.

    fingerprint: of the very arguments and files that are about to be used.  Where the effect's `attempts` come back above
    1 an earlier worker may have done it: look outside first.
    Raises Later while Troupe is halted, Stopped if the task is not this worker's any more, Stale if what is about to
    happen is not what was approved, Conflict if it is not approved.
    """
    now = work.actions.get(action.id)
    task = work.tasks.get(now.task_id)
    if task.state is not State.WORKING or task.persona_id != now.persona_id:
        raise Stopped("The task was stopped or changed meanwhile, so the step was not done.")
    must_be_free_to_work(task, work)
    approval, effect = work.approvals.get(now.approval_id), asking.effect_of(now, work)
    begun = now.state in (ActionState.APPROVED, ActionState.RUNNING)
    if effect is None or approval.state is not ApprovalState.APPROVED or not begun:
        raise Conflict(f"The step is {now.state.value}, so it was not done.", remedy="Ask for it again.")
    if {fingerprint, now.fingerprint, approval.fingerprint, effect.fingerprint} != {fingerprint}:
        raise Stale(
            "What is about to happen is not what was approved, so it was not done.",
            remedy="Ask for it again as it is now.",
        )
    work.actions.swap(now, state=ActionState.RUNNING)
    if now.state is ActionState.APPROVED:
        begun_with = {"tool": now.tool, "fingerprint": fingerprint, "attempt": effect.attempts + 1}
        work.record(Event("action.started", now.subject, acting(task, work), after=begun_with))
    work.touch(task.subject)
    return work.effects.swap(effect, state=EffectState.SENDING, attempts=effect.attempts + 1)


def done(action: Action, effect: Effect, result: str, work: Work) -> Action:
    """It happened. Noting it twice is fine.  result: what the persona is told."""
    now, there = work.actions.get(action.id), work.effects.get(effect.id)
    if now.state is ActionState.DONE:
        return now
    if there.state is not EffectState.DONE:
        work.effects.swap(there, state=EffectState.DONE, error="")
    after = work.actions.swap(now, state=ActionState.DONE, result=result)
    work.resolve_about(action.subject, "Troupe")
    work.record(
        Event("action.done", action.subject, TROUPE, after={"tool": action.tool, "result": result[:300]})
    )
    arrived(action.task_id, Wait.STEP, work)
    return after


def failed(action: Action, effect: Effect, why: str, work: Work) -> Action:
    """It definitely did not happen: the persona reads why, and goes on."""
    now, there = work.actions.get(action.id), work.effects.get(effect.id)
    if now.state is ActionState.FAILED:
        return now
    work.effects.swap(there, state=EffectState.FAILED, error=why)
    after = work.actions.swap(now, state=ActionState.FAILED, result=why)
    work.resolve_about(action.subject, "Troupe")
    work.record(Event("action.failed", action.subject, TROUPE, after={"tool": action.tool, "why": why}))
    arrived(action.task_id, Wait.STEP, work)
    return after


def changed(action: Action, why: str, work: Work) -> Action:
    """What would run is not what was approved any more, so it is not done; the persona may ask for it anew."""
    asking.cancel(action, work, why)
    after = work.actions.swap(action, state=ActionState.REFUSED, result=why)
    work.record(Event("action.changed", action.subject, TROUPE, after={"why": why}))
    return after


def unsure(action: Action, effect: Effect, why: str, work: Work) -> Action:
    """It may have happened, and nobody can look: the task waits for a person who can."""
    now, there = work.actions.get(action.id), work.effects.get(effect.id)
    task = work.tasks.get(action.task_id)
    if now.state is not ActionState.RUNNING:
        return now
    after = asking.doubt(now, there, why, task, work)
    _let_wait(task, work)
    return after


def happened(action_id: str, by: Person, work: Work) -> Action:
    """A person looked: it happened. Nothing is done again."""
    action, effect = _unknown(action_id, by, "say that it happened", work)
    work.effects.swap(effect, state=EffectState.DONE, error="")
    told = f"{by.name} looked: it happened."
    after = work.actions.swap(action, state=ActionState.DONE, result=told)
    return _looked(after, "action.found", by, work)


def did_not(action_id: str, by: Person, work: Work) -> Action:
    """A person looked: it did not happen. It is done again under the same approval, unless its task has ended."""
    action, effect = _unknown(action_id, by, "have it done again", work)
    if work.tasks.get(action.task_id).is_open:
        work.effects.swap(effect, state=EffectState.SENDING, attempts=0, not_before=work.now)
        after = work.actions.swap(action, state=ActionState.APPROVED, result="")
    else:
        told = f"{by.name} looked: it did not happen."
        work.effects.swap(effect, state=EffectState.FAILED, error=told)
        after = work.actions.swap(action, state=ActionState.FAILED, result=told)
    return _looked(after, "action.found_missing", by, work)


def _looked(action: Action, event: str, by: Person, work: Work) -> Action:
    work.resolve_about(action.subject, by.name)
    work.record(Event(event, action.subject, by.actor, after={"fingerprint": action.fingerprint}))
    arrived(action.task_id, Wait.STEP, work)
    return action


def _proposed(
    task: Task, tool: str, call_id: str, arguments: Mapping[str, Any], wish: Wish, work: Work
) -> Action:
    action = Action(
        id=work.new_id(),
        task_id=task.id,
        persona_id=task.persona_id,
        call_id=call_id,
        tool=tool,
        title=wish.title,
        arguments=arguments,
        shown=wish.shown,
        created_at=work.now,
        attachments=wish.attachments,
    )
    approval = asking.ask(action.subject, 1, action.fingerprint, task, work)
    if not work.actions.add(replace(action, approval_id=approval.id)):
        raise Conflict("The same step was proposed at the same moment.")
    show(task, action.subject, work)
    tell_approvers(approval, work)
    after = {"tool": tool, "title": wish.title, "fingerprint": approval.fingerprint}
    work.record(Event("action.proposed", action.subject, acting(task, work), after=after))
    return work.actions.get(action.id)


def _let_wait(task: Task, work: Work) -> None:
    """A task that was stopped or paused meanwhile stays so."""
    if task.state is State.WORKING or (task.state is State.WAITING and task.waits_for is not Wait.STEP):
        forget(task, work)
        work.tasks.swap(task, "wait", state=State.WAITING, waits_for=Wait.STEP)
        work.touch(task.subject)


def _open(action_id: str, doing: str, work: Work) -> tuple[Action, Task, Approval]:
    action = work.actions.get(action_id)
    task = work.tasks.get(action.task_id)
    if not task.is_open:
        raise asking.late(task, doing)
    return action, task, work.approvals.get(action.approval_id)


def _take_back(action: Action, work: Work) -> None:
    effect = asking.effect_of(action, work)
    if effect is None or effect.state is not EffectState.DUE:
        raise Conflict("Too late to refuse it: it has begun.", remedy="Its card shows how it ends.")
    work.effects.swap(effect, state=EffectState.CANCELLED)


def _unknown(action_id: str, by: Person, doing: str, work: Work) -> tuple[Action, Effect]:
    action = work.actions.get(action_id)
    effect = asking.effect_of(action, work)
    if action.state is not ActionState.UNKNOWN or effect is None:
        raise Conflict(
            f"The step is {action.state.value}, so you cannot {doing}.",
            remedy="Its card shows how it stands.",
        )
    policy = work.approvals.get(action.approval_id).policy
    if by.via and not policy.keys_may_decide:
        raise Forbidden(f"The API key {by.via} may not decide about steps.", remedy="Decide in the console.")
    if not policy.may_approve(by):
        raise Forbidden("Only who may approve this step can do that.", remedy="Ask one of them.")
    return action, effect


def _note(
    name: str,
    action: Action,
    before: Approval,
    after: Approval,
    by: Person,
    via: str,
    work: Work,
    **more: str,
) -> None:
    was, is_now = asking.noted(before, after, **more)
    work.record(Event(name, action.subject, by.acting(via or by.via), before=was, after=is_now))
