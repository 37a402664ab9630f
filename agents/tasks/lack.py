"""What a task that waits for money lacks: noted when it stops, so that it goes on by itself as soon as that is there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from agents.errors import BudgetExhausted
from agents.events import Subject


@dataclass(frozen=True, slots=True)
class Lack:
    """A call was refused. Amounts are in micro-dollars.

    whose: a task's money, a persona's or the team's.  month: in which it may be spent, "" for a task's.  limit: of all of it.
    left: what was not spent of it then, with what other calls had set aside.  wanted: what the refused call may take, 0
    where nobody said.
    """

    whose: Subject
    month: str
    limit: int
    left: int
    wanted: int

    @classmethod
    def of(cls, refused: BudgetExhausted, whose: Subject, month: str, limit: int, spent: int) -> Lack:
        return cls(whose, month, limit, limit - spent, refused.wanted)

    @classmethod
    def read(cls, noted: Mapping[str, Any]) -> Lack | None:
        """Out of what an event holds; None where nobody said whose money it was."""
        lack = noted.get("lack")
        return cls(**lack | {"whose": Subject.parse(lack["whose"])}) if lack else None

    @property
    def noted(self) -> dict[str, Any]:
        return {"lack": asdict(self) | {"whose": str(self.whose)}}

    @property
    def comes_with_a_month(self) -> bool:
        """Whether it is there when a month begins."""
        return bool(self.month) and self.limit >= self.wanted

    @property
    def is_only_held(self) -> bool:
        """Whether it is there, but set aside by other calls that are under way: they give back what they do not take."""
        return 0 < self.wanted <= self.left

    def is_there(self, month: str, limit: int, spent: int) -> bool:
        """Whether the call would fit, and there is more than there was.  The arguments say how that money stands now.

        Within a month spending only makes it less, so nothing but a raise brings it back: no task goes to and fro between
        working and waiting while others take from the same money.
        """
        left = limit - spent
        return left >= self.wanted and (month != self.month or left > self.left)
