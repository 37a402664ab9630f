"""What a task that waits for money lacks: noted when it stops, so that it goes on by itself as soon as that is there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agents.errors import BudgetExhausted
from agents.events import Subject


@dataclass(frozen=True, slots=True)
class Lack:
    """whose: a task's money, a persona's or the team's for a month.  limit: of all of it, in micro-dollars.

    needs: how much of it has to be unspent before the task goes on by itself: what the refused call may take, and more
    than there was then. Spending only makes it less, so nothing but a raise or a new month brings it back, and no task
    goes to and fro between working and waiting while others take from the same money.
    """

    whose: Subject
    limit: int
    needs: int

    @classmethod
    def of(cls, refused: BudgetExhausted, whose: Subject, limit: int, spent: int) -> Lack:
        return cls(whose, limit, max(refused.wanted, limit - spent + 1, 1))

    @classmethod
    def read(cls, noted: Mapping[str, Any]) -> Lack | None:
        """Out of what an event holds; None where nobody said whose money it was."""
        if "whose" not in noted:
            return None
        return cls(Subject.parse(noted["whose"]), int(noted["limit"]), int(noted["needs"]))

    @property
    def noted(self) -> dict[str, Any]:
        return {"whose": str(self.whose), "limit": self.limit, "needs": self.needs}

    @property
    def comes_with_a_month(self) -> bool:
        """Whether a month in which nothing is spent yet is enough."""
        return self.whose.kind != "task" and self.limit >= self.needs

    def is_there(self, limit: int, spent: int) -> bool:
        """limit, spent: of the same money as it is now."""
        return limit - spent >= self.needs
