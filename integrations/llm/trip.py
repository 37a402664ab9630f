"""One request on its way down the chain: its time, its money, its tries, and what went otherwise than planned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from agents.money import FREE, MicroUSD
from agents.writing.prompts import Message
from agents.writing.writer import Budget, Usage
from integrations.llm.link import (
    NOTHING,
    Again,
    CallFailed,
    Link,
    Malformed,
    Never,
    Refused,
    Reply,
    TimedOut,
    Tokens,
)
from integrations.llm.prices import most_tokens

T = TypeVar("T")
Call = Callable[[Link, Sequence[Message], float], Reply[T]]
"""Asks a link with these messages and this many seconds; raises CallFailed."""

TRIES = 3
"""How often one link is asked the same thing at most."""
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 10.0
"""Who asks us to wait longer than this is not waited for: the next link may answer at once."""
SHORTEST_CALL_S = 1.0
"""With less time than this left, no call is begun."""


@dataclass(slots=True)
class Pace:
    """Time, handed in.  clock: seconds, monotonic.  jitter: 0 ≤ … < 1, so that workers do not come back together."""

    clock: Callable[[], float]
    sleep: Callable[[float], None]
    jitter: Callable[[], float]


@dataclass(slots=True)
class Trip:
    """ends_at: on the clock of `pace`."""

    budget: Budget
    pace: Pace
    ends_at: float
    notes: list[str] = field(default_factory=list)
    tokens: Tokens = NOTHING
    cost: MicroUSD = FREE
    answered: bool = False
    """Whether any model said anything, of use or not."""

    def left_s(self) -> float:
        return self.ends_at - self.pace.clock()

    def note(self, text: str) -> None:
        if text and text not in self.notes:
            self.notes.append(text)

    def ask(
        self, link: Link, messages: Sequence[Message], call: Call[T], *, links_after: int
    ) -> Reply[T] | None:
        """Asks until there is an answer or no point in asking; None, and a note, when this link gives none.

        links_after: how many could be asked after this one, for whom time must be left.
        Raises BudgetExhausted when a call does not fit; Malformed for an answer that cannot be read.
        """
        failures: list[CallFailed] = []
        while self.left_s() >= SHORTEST_CALL_S:
            try:
                reply = self._call(link, messages, call)
            except (Again, TimedOut) as failed:
                failures.append(failed)
                pause = self._pause(failed, len(failures), link, links_after)
                if pause is None:
                    break
                self.pace.sleep(pause)
            except Never as failed:
                self.answered = self.answered or isinstance(failed, Refused)
                failures.append(failed)
                break
            except Malformed:
                self.answered = True
                self.note(_told(link, failures))
                raise
            else:
                self.answered = True
                self.note(_told(link, failures))
                self.note(link.price.note)
                return reply
        self.note(_told(link, failures) or f"{link.model}: no time was left to ask it")
        return None

    def usage(self, link: Link) -> Usage:
        """What the whole trip took, as the answer of this link."""
        return Usage(
            provider=link.provider,
            model=link.model,
            input_tokens=self.tokens.input,
            output_tokens=self.tokens.output,
            cost=self.cost,
            notes=tuple(self.notes),
        )

    def _call(self, link: Link, messages: Sequence[Message], call: Call[T]) -> Reply[T]:
        """One call: reserved before, settled after, whatever it comes to."""
        most = most_tokens(messages)
        failure: Exception | None = None
        with self.budget.reserve(link.price.cost(most), link.model) as reservation:
            try:
                reply = call(link, messages, min(link.timeout_s, self.left_s()))
                spent = reply.tokens
            except CallFailed as failed:
                failure, spent = failed, failed.spent
            except Exception as stopped:  # whoever was told of the answer could not take it; the model worked
                failure, spent = stopped, None
            reservation.settle(self._paid(link, most, spent))
        if (
            failure is not None
        ):  # raised out here: settling must not look like an error to the ledger's transaction
            raise failure
        return reply

    def _paid(self, link: Link, most: Tokens, spent: Tokens | None) -> Usage:
        """What goes into the ledger for one call. What nobody can tell is counted at its most."""
        if spent is None:
            spent = most
            self.note(f"{link.model}: nobody can tell what a call took, so it is counted at its most")
        cost = link.price.cost(spent)
        self.tokens = replace(
            self.tokens, input=self.tokens.input + spent.input, output=self.tokens.output + spent.output
        )
        self.cost = MicroUSD(self.cost + cost)
        return Usage(link.provider, link.model, spent.input, spent.output, cost)

    def _pause(self, failed: CallFailed, tries: int, link: Link, links_after: int) -> float | None:
        """How long to wait before the same link is asked again; None when it is not."""
        if tries >= TRIES:
            return None
        pause = FIRST_PAUSE_S * 2 ** (tries - 1) * (1 + self.pace.jitter())
        if isinstance(failed, Again) and failed.retry_after_s is not None:
            pause = max(pause, failed.retry_after_s)
        # A link that hangs would eat the time of those after it, so it is asked again only if each still gets its own.
        needed = link.timeout_s * (1 + links_after) if isinstance(failed, TimedOut) else SHORTEST_CALL_S
        return pause if pause <= LONGEST_PAUSE_S and self.left_s() - pause >= needed else None


def _told(link: Link, failures: Sequence[CallFailed]) -> str:
    """ "gpt-5-mini: too many requests (429), twice" """
    counted = Counter(failed.reason for failed in failures)
    times = {1: "", 2: ", twice"}
    said = "; ".join(reason + times.get(n, f", {n} times") for reason, n in counted.items())
    return f"{link.model}: {said}" if said else ""
