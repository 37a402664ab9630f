"""The posts of the story: drafts with texts that nobody else writes, and a person's program that approves them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import httpx

from agents.money import FREE
from agents.people import Role
from agents.publishing.platform import Account
from agents.work import Work
from agents.writing.content import Content, Segment
from agents.writing.draft import written
from agents.writing.post import Post, State, Variant
from agents.writing.writer import ContentType, Draft, Usage
from bot.cards import action
from storage.unit_of_work import Storage

THREAD, EVERY = 3, 4
"""Each fourth post is a thread of three."""
PRESS_S, AGAIN_S = 60.0, 0.2
USAGE = Usage("rehearsal", "chaos", 0, 0, FREE, rehearsal=True)


@dataclass(frozen=True, slots=True)
class Planned:
    """One post on one account, and the button that approves exactly this text."""

    id: str
    approval_id: str
    account: Account
    texts: tuple[str, ...]
    approve: str


def plan(count: int, accounts: Sequence[Account], storage: Storage) -> list[Planned]:
    """That many drafts that wait for approval, in turn EVERY on each account."""
    return [_draft(number, accounts[number // EVERY % len(accounts)], storage) for number in range(count)]


def _draft(number: int, account: Account, storage: Storage) -> Planned:
    parts = THREAD if number % EVERY == 0 else 1
    texts = tuple(f"Post {number}, part {part + 1} of {parts}." for part in range(parts))
    with storage.unit_of_work() as work:
        owner = next(person for person in work.people.everyone() if person.role is Role.OWNER)
        variant = _requested(account, owner.id, work)
        variant = written(variant, Draft(texts, USAGE), Content(tuple(map(Segment, texts))), (), work)
        seen = work.approvals.get(variant.approval_id).fingerprint
    return Planned(variant.id, variant.approval_id, account, texts, action("post.approve", variant.id, seen))


def _requested(account: Account, person_id: str, work: Work) -> Variant:
    """As `/post draft` makes it, without owing a writer: its text is here already."""
    post = Post(work.new_id(), account.persona_id, ContentType.POST, "chaos", person_id, "", work.now)
    id, persona = work.new_id(), account.persona_id
    variant = Variant(id, post.id, persona, account.id, account.platform, State.WRITING, 0, 1, work.now)
    work.posts.add(post, (variant,))
    return variant


def approve(post: Planned, api: httpx.Client) -> int:
    """Presses Approve until somebody answers; how often nobody did.

    A press without an answer may have been committed: then the next one is told that the post is approved already.
    """
    give_up, unanswered = time.monotonic() + PRESS_S, 0
    while time.monotonic() < give_up:
        try:
            answer = api.post("/api/actions", json={"action": post.approve})
        except httpx.TransportError:
            unanswered += 1
            time.sleep(AGAIN_S)
            continue
        if answer.is_success or (unanswered and answer.status_code == httpx.codes.CONFLICT):
            return unanswered
        raise AssertionError(f"Approve was answered with {answer.status_code}: {answer.text}")
    raise AssertionError(f"nobody answered Approve for {PRESS_S:g} s")
