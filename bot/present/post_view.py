"""What a post's card shows, read from the present state."""

from __future__ import annotations

from agents.approvals.approval import ApprovalState, Verdict
from agents.errors import NotFound
from agents.events import Subject
from bot.platforms import RULES
from bot.present.post import PostView
from storage.unit_of_work import UnitOfWork


def post_view(id: str, work: UnitOfWork) -> PostView:
    """What a post's card shows. Raises NotFound."""
    variant = work.posts.variant(id)
    post = work.posts.post(variant.post_id)
    approval = work.approvals.get(variant.approval_id) if variant.approval_id else None
    effect = work.effects.of_approval(approval.id) if approval else None
    halted = work.switches.halted
    return PostView(
        post=post,
        variant=variant,
        persona=work.personas.get(variant.persona_id),
        account=work.accounts.get(variant.account_id),
        rules=RULES[variant.platform],
        requester=name_of(post.requested_by, work),
        now=work.now,
        version=work.posts.version(id, variant.version) if variant.version else None,
        before=work.posts.version(id, variant.version - 1) if variant.version > 1 else None,
        approval=approval,
        segments_out=len(effect.sent) if effect else 0,
        voided=_voided(id, work) if approval and approval.state is ApprovalState.PENDING else (),
        halted_by=str(halted.get("by", "somebody")) if halted else "",
    )


def _voided(variant_id: str, work: UnitOfWork) -> tuple[str, ...]:
    """Who had approved what an edit made void, if that is what the newest decided approval came to."""
    decided = [a for a in work.approvals.history(Subject("post", variant_id)) if a.decisions]
    if not decided or decided[-1].state is not ApprovalState.VOID:
        return ()
    yes = [d.person_name for d in decided[-1].decisions if d.verdict is Verdict.APPROVE]
    return tuple(dict.fromkeys(yes))


def name_of(person_id: str, work: UnitOfWork) -> str:
    try:
        return work.people.get(person_id).name
    except NotFound:
        return "somebody who left"
