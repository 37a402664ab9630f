"""A Troupe in this very process whose clock a test moves, whose bell nobody hears, and whose stage does what it is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from agents.publishing.platform import Publisher
from bot.wiring import Troupe
from storage.unit_of_work import Committed
from tests.publishing.fake import FakePublisher
from tests.storage.cast import Now


@dataclass(frozen=True)
class Timed(Troupe):
    now: Now = field(default_factory=Now)
    fake: FakePublisher = field(default_factory=FakePublisher)
    rung: list[str] = field(default_factory=list)
    """Ids of rows that commits owed at once, in order."""

    @cached_property
    def publishers(self) -> Mapping[str, Publisher]:
        return {"stage": self.fake}

    def clock(self) -> datetime:
        return self.now()

    def _ring(self, committed: Committed) -> None:
        self.rung.extend(owed.id for owed in committed.owed)
