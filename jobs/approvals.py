"""What happens to an approval that nobody decides: a reminder, an escalation, its end. For posts, tasks and their steps."""

from __future__ import annotations

from dataclasses import dataclass

from agents.approvals.approval import Approval, ApprovalState
from agents.approvals.ask import tell_approvers
from agents.events import TROUPE, Event, Subject
from agents.oncall.kinds import AlertKind
from agents.tasks import decide, steps
from agents.tasks.task import Task, Wait
from agents.writing.post import State
from bot.wiring import Troupe
from storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class _Asked:
    """What an approval is about.  what: "A post".  origin, thread: where it is talked about.  kept: while it waits."""

    what: str
    origin: str
    thread: str
    persona_id: str
    kept: str


def remind(troupe: Troupe, subject: Subject) -> None:
    """Tells everybody who may decide again, in their own channel and in the thread."""
    with troupe.storage.unit_of_work() as work:
        approval = work.approvals.get(subject.id)
        if approval.state is not ApprovalState.PENDING:
            return
        asked = _asked(approval, work)
        tell_approvers(approval, work)
        work.record(Event("approval.reminded", approval.subject, TROUPE, after={"version": approval.version}))
        if asked.origin:
            text = "Still waiting for a decision. The buttons are on the card."
            work.messages.say(asked.origin, asked.thread, TROUPE, text, work.now)


def escalate(troupe: Troupe, subject: Subject) -> None:
    """Half of the time is gone: the person named in the policy is told, and an alert says so."""
    with troupe.storage.unit_of_work() as work:
        approval = work.approvals.get(subject.id)
        to = approval.policy.escalate_to
        if approval.state is not ApprovalState.PENDING or not to:
            return
        asked = _asked(approval, work)
        person = work.people.get(to)
        work.tell(person.id, approval.subject)
        work.record(Event("approval.escalated", approval.subject, TROUPE, after={"to": person.name}))
        work.raise_alert(
            AlertKind.APPROVAL_ESCALATED,
            approval.subject,
            f"{asked.what} has been waiting for approval since {approval.created_at:%Y-%m-%d %H:%M} UTC; {person.name} was told.",
            kept=asked.kept,
            remedy=f"Decide on its card before {approval.expires_at:%Y-%m-%d %H:%M} UTC, when it expires.",
            persona_id=asked.persona_id,
        )


def expire(troupe: Troupe, subject: Subject) -> None:
    """Nobody decided in time, and that is a no: nothing goes out, nothing is built, no step is done."""
    with troupe.storage.unit_of_work() as work:
        approval = work.approvals.get(subject.id)
        if approval.state is not ApprovalState.PENDING:
            return
        match approval.subject.kind:
            case "post":
                _expire_post(approval, work)
            case "task":
                work.approvals.swap(approval, approval.moved(ApprovalState.EXPIRED))
                decide.expired(approval.subject.id, approval, work)
            case "action":
                work.approvals.swap(approval, approval.moved(ApprovalState.EXPIRED))
                steps.expired(approval.subject.id, work)


def _expire_post(approval: Approval, work: UnitOfWork) -> None:
    variant = work.posts.variant(approval.subject.id)
    if variant.approval_id != approval.id:
        return
    work.approvals.swap(approval, approval.moved(ApprovalState.EXPIRED))
    work.posts.swap(variant, "let it expire", state=State.EXPIRED)
    work.resolve_about(variant.subject, "Troupe")
    work.record(Event("post.expired", variant.subject, TROUPE, after={"version": approval.version}))
    work.raise_alert(
        AlertKind.APPROVAL_EXPIRED,
        variant.subject,
        "Nobody decided about a post before its approval expired.",
        kept="The draft is kept; nothing was published.",
        remedy="Press Ask again on its card for another round.",
        persona_id=variant.persona_id,
    )


def _asked(approval: Approval, work: UnitOfWork) -> _Asked:
    id = approval.subject.id
    match approval.subject.kind:
        case "post":
            variant = work.posts.variant(id)
            origin = work.posts.post(variant.post_id).origin
            return _Asked(
                "A post", origin, str(variant.subject), variant.persona_id, "The draft waits as it is."
            )
        case "action":
            action = work.actions.get(id)
            return _of_task(work.tasks.get(action.task_id), f"A step ({action.title})")
    task = work.tasks.get(id)
    about = "The plan" if task.waits_for is Wait.PLAN else "The result"
    return _of_task(task, f"{about} of “{task.title}”")


def _of_task(task: Task, what: str) -> _Asked:
    return _Asked(what, task.origin, task.thread, task.persona_id, "The task waits as it is.")
