"""What waits for a decision: for the reader first, then what went wrong, then for others, then what is planned."""

from __future__ import annotations

from agents.approvals.ask import may_decide
from agents.writing.post import State, Variant
from bot.web.pages.channels import example
from bot.web.site import Page, View, page

TROUBLED = (State.UNKNOWN, State.MISSED, State.FAILED, State.WRITE_FAILED)
SHOWN = 30
"""Cards in one part; the parts come in the order in which they matter."""


@page("/queue")
def queue(view: View) -> Page:
    posts, work = view.work.posts, view.work
    waiting = posts.in_states([State.IN_REVIEW])
    approvals = work.approvals.many(v.approval_id for v in waiting)
    mine = [
        v
        for v in waiting
        if v.approval_id in approvals and may_decide(approvals[v.approval_id], view.person, work)
    ]
    others = [v for v in waiting if v not in mine]
    planned = sorted(posts.in_states([State.SCHEDULED]), key=lambda v: v.publish_at or v.created_at)
    sections = [
        ("Waiting for you", "", _subjects(mine)),
        (
            "Needs somebody",
            "These did not go as planned; their cards say what to press.",
            _subjects(posts.in_states(TROUBLED)),
        ),
        ("Waiting for others", "", _subjects(others)),
        ("Planned", "Approved for a time to come.", _subjects(planned)),
    ]
    return Page(
        "Review queue",
        view.render(
            "queue.html", sections=sections, any_left=any(s for *_, s in sections), example=example(work)
        ),
    )


def _subjects(variants: list[Variant]) -> list[object]:
    return [variant.subject for variant in variants[:SHOWN]]
