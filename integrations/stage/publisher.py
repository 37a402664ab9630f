"""Publishes on the stage. To the rest of the product it is an outside platform like any other: it can be slow, it can
die between the post and the answer, and what counts is what the feed shows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import ClassVar, Protocol
from uuid import uuid4

from agents.publishing.platform import Account, Minted, OutcomeUnknown, Rules, Sent
from agents.writing.content import Content, Segment
from integrations.stage.rules import RULES


class Feed(Protocol):
    """Where the stage keeps its posts; each call stands for itself, in no transaction of ours."""

    def put(self, key: str, account_id: str, segment: Segment, reply_to: str, created_at: datetime) -> None:
        """The same key twice is one post."""

    def has(self, key: str) -> bool: ...
    def remove(self, key: str) -> None: ...


class StagePublisher:
    """Implements agents.publishing.platform.Publisher."""

    idempotent: ClassVar[bool] = True
    rules: Rules = RULES

    def __init__(self, feed: Feed, public_url: str) -> None:
        self._feed, self._public_url = feed, public_url

    def mint(self, content: Content, now: datetime) -> tuple[Minted, ...]:
        step = timedelta(milliseconds=1)
        return tuple(Minted(i, uuid4().hex[:16], now + i * step) for i in range(len(content.segments)))

    def send(self, account: Account, content: Content, plan: Minted, before: Sequence[Sent]) -> Sent:
        reply_to = before[-1].ref if before else ""
        try:
            segment = content.segments[plan.position]
            self._feed.put(plan.key, account.id, segment, reply_to, plan.created_at)
        except OSError as error:
            raise OutcomeUnknown("The stage did not answer.") from error
        return self._sent(plan)

    def find(self, account: Account, plan: Minted) -> Sent | None:
        return self._sent(plan) if self._feed.has(plan.key) else None

    def delete(self, account: Account, sent: Sent) -> None:
        self._feed.remove(sent.ref)
        if self._feed.has(sent.ref):
            raise OutcomeUnknown("The stage still shows the post.")

    def _sent(self, plan: Minted) -> Sent:
        return Sent(plan.position, plan.key, "", f"{self._public_url}/stage/{plan.key}")
