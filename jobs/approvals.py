"""What happens to an approval that nobody decides: a reminder, an escalation, its end."""

from __future__ import annotations

from agents.approvals.approval import ApprovalState
from agents.approvals.ask import tell_approvers
from agents.events import TROUPE, Event, Subject
from agents.oncall.kinds import AlertKind
from agents.writing.post import State
from bot.wiring import Troupe


def remind(troupe: Troupe, subject: Subject) -> None:
    """Tells everybody who may decide again, in their own channel and in the draft's thread."""
    with troupe.storage.unit_of_work() as work:
        approval = work.approvals.get(subject.id)
        if approval.state is not ApprovalState.PENDING:
            return
        variant = work.posts.variant(approval.subject.id)
        tell_approvers(approval, work)
        work.record(Event("approval.reminded", variant.subject, TROUPE, after={"version": approval.version}))
        origin = work.posts.post(variant.post_id).origin
        if origin:
            text = "Still waiting for a decision. The buttons are on the card."
            work.messages.say(origin, str(variant.subject), TROUPE, text, work.now)


def escalate(troupe: Troupe, subject: Subject) -> None:
    """Half of the time is gone: the person named in the policy is told, and an alert says so."""
    with troupe.storage.unit_of_work() as work:
        approval = work.approvals.get(subject.id)
        to = approval.policy.escalate_to
        if approval.state is not ApprovalState.PENDING or not to:
            return
        variant = work.posts.variant(approval.subject.id)
        person = work.people.get(to)
        work.tell(person.id, variant.subject)
        work.record(Event("approval.escalated", variant.subject, TROUPE, after={"to": person.name}))
        work.raise_alert(
            AlertKind.APPROVAL_ESCALATED,
            variant.subject,
            f"A post has been waiting for approval since {approval.created_at:%Y-%m-%d %H:%M} UTC; {person.name} was told.",
            kept="The draft waits as it is.",
            remedy=f"Decide on its card before {approval.expires_at:%Y-%m-%d %H:%M} UTC, when it expires.",
            persona_id=variant.persona_id,
        )


def expire(troupe: Troupe, subject: Subject) -> None:
    """Nobody decided in time, and that is a no: nothing goes out."""
    with troupe.storage.unit_of_work() as work:
        approval = work.approvals.get(subject.id)
        variant = work.posts.variant(approval.subject.id)
        if approval.state is not ApprovalState.PENDING or variant.approval_id != approval.id:
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
