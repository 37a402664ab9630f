"""One link of the chain: a model that may be asked, and the four ways in which asking can fail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from agents.money import MicroUSD
from agents.writing.prompts import DraftOut, Message
from agents.writing.writer import Tell, untold

T = TypeVar("T")

MAX_OUTPUT_TOKENS = 8_000
"""What a call may answer at most. A thread of 25 full segments takes 2,500; models that think first need the rest."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a call took, as the provider reports it. `cached` are those of the input that were cheaper."""

    input: int = 0
    output: int = 0
    cached: int = 0
    billed: MicroUSD | None = None
    """The price, where the provider names it itself (OpenRouter)."""


NOTHING = Tokens()


@dataclass(frozen=True, slots=True)
class Reply(Generic[T]):
    value: T
    tokens: Tokens | None
    """None if the server did not say."""


class CallFailed(Exception):
    """A call did not end well. The class says whether to try again, `reason` says why, in words for a card.

    spent: what it took all the same: NOTHING if the model never worked, None where nobody can tell.
    """

    def __init__(self, reason: str, *, spent: Tokens | None = NOTHING) -> None:
        super().__init__(reason)
        self.reason, self.spent = reason, spent


class Again(CallFailed):
    """Not now.  retry_after_s: ≥ 0, what the provider asked for; None if it named nothing."""

    def __init__(
        self, reason: str, *, retry_after_s: float | None = None, spent: Tokens | None = NOTHING
    ) -> None:
        super().__init__(reason, spent=spent)
        self.retry_after_s = retry_after_s


class Never(CallFailed):
    """This link will not do it, however often it is asked."""


class Refused(Never):
    """It would do other things: it is what was asked that it does not do."""


class TimedOut(CallFailed):
    """No answer in time. The model may have worked for nothing, and be paid for it."""


class Malformed(CallFailed):
    """An answer came that cannot be read as what was asked for.  answered: its text, as far as there is one."""

    def __init__(self, reason: str, *, answered: str = "", spent: Tokens | None = NOTHING) -> None:
        super().__init__(reason, spent=spent)
        self.answered = answered


class Price(Protocol):
    """What a model takes for its tokens."""

    @property
    def note(self) -> str:
        """What people should know about this price; "" if it is the listed one."""

    def cost(self, tokens: Tokens) -> MicroUSD: ...


class Link(Protocol):
    """A model that may be asked. Both verbs block for at most about `timeout_s` and raise only CallFailed."""

    provider: str
    model: str
    price: Price
    timeout_s: float

    def draft(self, messages: Sequence[Message], *, timeout_s: float) -> Reply[DraftOut]: ...

    def answer(self, messages: Sequence[Message], *, timeout_s: float, tell: Tell = untold) -> Reply[str]: ...
