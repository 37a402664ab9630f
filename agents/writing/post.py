"""A post is one thing to say; a variant is it on one account; a version is one immutable wording of a variant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from agents.errors import Conflict
from agents.events import Actor, Subject
from agents.money import FREE, MicroUSD
from agents.writing.content import Content
from agents.writing.facts import Check
from agents.writing.writer import ContentType


class State(StrEnum):
    """Where a variant stands."""

    WRITING = "writing"
    WRITE_FAILED = "write_failed"
    IN_REVIEW = "in_review"
    REJECTED = "rejected"
    EXPIRED = "expired"
    """Nobody decided in time; asking again makes a new approval."""
    SCHEDULED = "scheduled"
    """Approved for a moment to come."""
    APPROVED = "approved"
    """Approved for now; the effect is owed and not claimed yet."""
    PUBLISHING = "publishing"
    """A worker holds the effect. Back to APPROVED when the platform asks us to wait."""
    PUBLISHED = "published"
    FAILED = "failed"
    """Definitely not (or not wholly) out, and not tried again without a person."""
    UNKNOWN = "unknown"
    """It may be out; a person is asked."""
    MISSED = "missed"
    """Its time passed while nothing could go out; a person is asked."""
    TAKING_DOWN = "taking_down"
    TAKEN_DOWN = "taken_down"


S = State
ALLOWED: Mapping[State, frozenset[State]] = {
    S.WRITING: frozenset({S.IN_REVIEW, S.WRITE_FAILED}),
    S.WRITE_FAILED: frozenset({S.WRITING, S.IN_REVIEW, S.REJECTED}),
    S.IN_REVIEW: frozenset({S.IN_REVIEW, S.WRITING, S.REJECTED, S.EXPIRED, S.SCHEDULED, S.APPROVED}),
    S.REJECTED: frozenset({S.IN_REVIEW, S.WRITING}),
    S.EXPIRED: frozenset({S.IN_REVIEW, S.WRITING, S.REJECTED}),
    S.SCHEDULED: frozenset(
        {S.IN_REVIEW, S.SCHEDULED, S.APPROVED, S.PUBLISHING, S.MISSED, S.REJECTED, S.FAILED}
    ),
    S.APPROVED: frozenset({S.IN_REVIEW, S.SCHEDULED, S.PUBLISHING, S.MISSED, S.REJECTED, S.FAILED}),
    S.PUBLISHING: frozenset({S.PUBLISHED, S.FAILED, S.UNKNOWN, S.APPROVED}),
    S.PUBLISHED: frozenset({S.TAKING_DOWN}),
    S.FAILED: frozenset({S.APPROVED, S.IN_REVIEW, S.REJECTED, S.TAKING_DOWN}),
    S.UNKNOWN: frozenset({S.PUBLISHED, S.PUBLISHING}),
    S.MISSED: frozenset({S.APPROVED, S.SCHEDULED, S.REJECTED, S.IN_REVIEW}),
    S.TAKING_DOWN: frozenset({S.TAKEN_DOWN, S.PUBLISHED, S.FAILED}),
    S.TAKEN_DOWN: frozenset(),
}
"""Every move that a variant may make; there is no other."""

WORDS: Mapping[State, str] = {
    S.WRITING: "being written",
    S.WRITE_FAILED: "not written",
    S.IN_REVIEW: "waiting for approval",
    S.REJECTED: "rejected",
    S.EXPIRED: "expired",
    S.SCHEDULED: "scheduled",
    S.APPROVED: "approved and about to go out",
    S.PUBLISHING: "being published",
    S.PUBLISHED: "published",
    S.FAILED: "failed",
    S.UNKNOWN: "perhaps published",
    S.MISSED: "missed",
    S.TAKING_DOWN: "being taken down",
    S.TAKEN_DOWN: "taken down",
}
"""What people call each state."""


@dataclass(frozen=True, slots=True)
class Post:
    """origin: the channel it was asked for in, "" when there is none."""

    id: str
    persona_id: str
    type: ContentType
    brief: str
    requested_by: str
    """A person's id."""
    origin: str
    created_at: datetime
    source_url: str = ""
    reply_to: str = ""


@dataclass(frozen=True, slots=True)
class Variant:
    """A post on one account."""

    id: str
    post_id: str
    persona_id: str
    account_id: str
    platform: str
    state: State
    version: int
    """Number of the current version, 0 before there is one."""
    revision: int
    """Goes up by one with every change; what compare-and-set compares."""
    created_at: datetime
    publish_at: datetime | None = None
    approval_id: str = ""
    """The approval of the current version, "" while there is none."""
    trouble: str = ""
    """What went wrong last, in words."""
    url: str = ""
    published_at: datetime | None = None

    @property
    def subject(self) -> Subject:
        return Subject("post", self.id)

    def may(self, to: State) -> bool:
        return to in ALLOWED[self.state]

    def must(self, to: State, doing: str) -> None:
        """Raises Conflict naming both states unless the move is allowed.  doing: "schedule it", for the sentence."""
        if not self.may(to):
            raise Conflict(
                f"The post is {WORDS[self.state]}, so you cannot {doing}: it cannot become {WORDS[to]}.",
                remedy="Its card shows what can be done with it now.",
            )


@dataclass(frozen=True, slots=True)
class Version:
    """One wording, never changed. `authors` are the ids of the people who wrote any part of it."""

    variant_id: str
    number: int
    content: Content
    by: Actor
    authors: frozenset[str]
    created_at: datetime
    note: str = ""
    """The feedback it answers, or why a person edited it."""
    checks: tuple[Check, ...] = ()
    model: str = ""
    rehearsal: bool = False
    cost: MicroUSD = FREE
    writing_notes: tuple[str, ...] = ()

    @property
    def blocked(self) -> tuple[Check, ...]:
        """What keeps it from being approved."""
        return tuple(check for check in self.checks if check.blocks)


class Posts(Protocol):
    """Where posts, variants and versions are kept. Getters raise NotFound; `swap` raises Conflict."""

    def add(self, post: Post, variants: tuple[Variant, ...]) -> None: ...
    def post(self, id: str) -> Post: ...
    def variant(self, id: str) -> Variant: ...
    def version(self, variant_id: str, number: int) -> Version: ...
    def versions(self, variant_id: str) -> list[Version]: ...
    def add_version(self, version: Version) -> None: ...

    def set_checks(self, variant_id: str, number: int, checks: tuple[Check, ...]) -> None:
        """The only thing about a version that is filled in later: what was pending has been looked at."""

    def swap(self, variant: Variant, doing: str, **changes: Any) -> Variant:
        """Compare-and-set on the revision; a change of `state` must be allowed. doing: for the sentence of Conflict."""

    def recent_texts(self, persona_id: str, *, limit: int, but: str = "") -> list[str]:
        """Texts of the persona's last approved or published variants, newest first, without those of post `but`."""
