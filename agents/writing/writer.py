"""The port to whatever writes: a chain of language models, or the rehearsal model at its end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from agents.errors import TroupeError
from agents.money import MicroUSD
from agents.personas.persona import Profile
from agents.publishing.platform import Rules


class ContentType(StrEnum):
    POST = "post"
    """Short: one segment."""
    THREAD = "thread"
    ANNOUNCEMENT = "announcement"
    ARTICLE = "article"
    """Shares a link and says why it is worth reading."""
    REPLY = "reply"


@dataclass(frozen=True, slots=True)
class Source:
    """A page that the post is about, as it was fetched: data, never instructions."""

    url: str
    title: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Assignment:
    """Everything a writer needs to know; nothing else reaches the model."""

    profile: Profile
    rules: Rules
    type: ContentType
    brief: str
    now: datetime
    """In the persona's own zone, so that "today" is right."""
    source: Source | None = None
    reply_to: str = ""
    """The message that is answered, with its author's name in front."""
    previous: str = ""
    """The version that people want changed."""
    feedback: tuple[str, ...] = ()
    """All of it, oldest first."""
    recent: tuple[str, ...] = ()
    """The persona's last posts, newest first: not to be repeated."""


@dataclass(frozen=True, slots=True)
class Line:
    """One message of a conversation that a persona takes part in."""

    author: str
    text: str
    own: bool = False
    """True if this persona said it."""


class Lack(StrEnum):
    """Why the rehearsal model stood in for the models that were asked."""

    SILENCE = "silence"
    """None of them answered: an outage, a limit, a key that is not valid."""
    NONSENSE = "nonsense"
    """They answered, but with nothing that can be used: it may be the brief."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What a piece of writing took."""

    provider: str
    """openai, openrouter, …, or rehearsal."""
    model: str
    input_tokens: int
    output_tokens: int
    cost: MicroUSD
    rehearsal: bool = False
    lack: Lack | None = None
    notes: tuple[str, ...] = ()
    """What went otherwise than planned, in words ("gpt-5-mini: too many requests, twice; asked gpt-4.1-mini")."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a writer made of an assignment: one text per segment."""

    segments: tuple[str, ...]
    usage: Usage


@dataclass(frozen=True, slots=True)
class Answer:
    text: str
    usage: Usage


Tell = Callable[[str], None]
"""Is told what there is of an answer so far: all of it, each time. Whoever starts over tells a shorter one again."""


def untold(text: str) -> None:
    """Nobody watches."""


class WritingFailed(TroupeError):
    """No link of the chain could write; `notes` say what each one answered. Nothing was changed."""

    code = "writing_failed"

    def __init__(self, what: str, *, remedy: str = "", notes: Sequence[str] = ()) -> None:
        super().__init__(what, remedy=remedy)
        self.notes = tuple(notes)


@dataclass(slots=True)
class Reservation:
    """Money set aside before a call. `settle` it with what the call really took; unsettled it is given back."""

    amount: MicroUSD
    spent: MicroUSD | None = field(default=None)
    usage: Usage | None = field(default=None)

    def settle(self, usage: Usage) -> None:
        self.spent, self.usage = usage.cost, usage


class Budget(Protocol):
    """A persona's money for this month."""

    def reserve(self, amount: MicroUSD, model: str) -> AbstractContextManager[Reservation]:
        """Sets `amount` aside in a transaction of its own, before the call; on leaving, the ledger has what was
        settled and the rest is free again. Raises BudgetExhausted when it does not fit."""


class Writer(Protocol):
    """Writes in a persona's voice. Blocks for seconds; raises WritingFailed or BudgetExhausted."""

    def write(self, assignment: Assignment, budget: Budget) -> Draft: ...

    def answer(
        self,
        profile: Profile,
        conversation: Sequence[Line],
        now: datetime,
        budget: Budget,
        tell: Tell = untold,
    ) -> Answer:
        """conversation: oldest first; the last line is what is answered.  tell: hears the answer as it grows."""
