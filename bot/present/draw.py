"""From a subject to its card: reads the present state and presents it. Every surface draws through here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from agents.approvals.approval import ApprovalState, Verdict
from agents.errors import NotFound
from agents.events import Subject
from agents.people import Person
from bot.cards import Button, Card, Tone
from bot.platforms import RULES
from bot.present import alert as alert_card
from bot.present import guest as guest_card
from bot.present import person as person_card
from bot.present import persona as persona_card
from bot.present import post as post_card
from bot.present import status as status_card
from bot.present.post import PostView
from storage.unit_of_work import UnitOfWork

Drawer = Callable[[str, UnitOfWork, Person], Card]


def draw(subject: Subject, work: UnitOfWork, reader: Person) -> Card:
    """The subject's card as it is now. A subject that is gone says so; it never breaks the page it stands on."""
    drawer = DRAWERS.get(subject.kind)
    if drawer is None:
        return Card(f"There is no card for a {subject.kind}.", tone=Tone.BAD, subject=subject)
    try:
        return replace(drawer(subject.id, work, reader), subject=subject)
    except NotFound as error:
        return Card(error.what, tone=Tone.NEUTRAL, badge="gone", subject=subject)


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
        requester=_name(post.requested_by, work),
        now=work.now,
        version=work.posts.version(id, variant.version) if variant.version else None,
        before=work.posts.version(id, variant.version - 1) if variant.version > 1 else None,
        approval=approval,
        segments_out=len(effect.sent) if effect else 0,
        voided=_voided(id, work) if approval and approval.state is ApprovalState.PENDING else (),
        halted_by=str(halted.get("by", "somebody")) if halted else "",
    )


def post_cards(ids: Iterable[str], work: UnitOfWork) -> list[Card]:
    return [post_card.card(post_view(id, work)) for id in ids]


def _post(id: str, work: UnitOfWork, reader: Person) -> Card:
    return post_card.card(post_view(id, work))


def _alert(id: str, work: UnitOfWork, reader: Person) -> Card:
    alert = work.alerts.get(id)
    remedies: tuple[Button, ...] = ()
    if alert.subject.kind == "post":
        remedies = tuple(b for b in draw(alert.subject, work, reader).buttons if b.action)[:3]
    return alert_card.card(alert, remedies)


def _voided(variant_id: str, work: UnitOfWork) -> tuple[str, ...]:
    """Who had approved what an edit made void, if that is what the newest decided approval came to."""
    decided = [a for a in work.approvals.history(variant_id) if a.decisions]
    if not decided or decided[-1].state is not ApprovalState.VOID:
        return ()
    yes = [d.person_name for d in decided[-1].decisions if d.verdict is Verdict.APPROVE]
    return tuple(dict.fromkeys(yes))


def _name(person_id: str, work: UnitOfWork) -> str:
    try:
        return work.people.get(person_id).name
    except NotFound:
        return "somebody who left"


DRAWERS: dict[str, Drawer] = {
    "post": _post,
    "alert": _alert,
    "guest": guest_card.draw,
    "persona": persona_card.draw,
    "person": person_card.draw,
    "system": status_card.draw,
}
"""By the subject's kind; a new kind of card is a line here."""

SHARED = frozenset({"post", "alert", "guest"})
"""Kinds whose card is the same for every reader, so that it is drawn once for all. Any other may show one what it does
not show another."""
