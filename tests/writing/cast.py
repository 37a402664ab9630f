"""Who is in these stories: Ada, a persona; her platform; a budget in memory; a model that says what it is told to."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from agents.errors import BudgetExhausted
from agents.money import FREE, MicroUSD
from agents.personas.persona import Disclosure, Guardrails, Profile, Voice
from agents.publishing.platform import Rules
from agents.writing.content import Content, Segment
from agents.writing.facts import Facts
from agents.writing.length import graphemes
from agents.writing.prompts import DraftOut, Message
from agents.writing.writer import Assignment, ContentType, Reservation, Tell, untold
from integrations.llm.chain import Chain
from integrations.llm.link import CallFailed, Reply, Tokens
from integrations.llm.prices import Rates
from integrations.llm.rehearsal import Rehearsal

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=ZoneInfo("Europe/Berlin"))

SKY = Rules("sky", "Sky", limit=300, unit="graphemes", length=graphemes, max_bytes=3000)


def profile(
    *,
    voice: Mapping[str, Any] | None = None,
    guardrails: Mapping[str, Any] | None = None,
    label: bool = False,
    **fields: Any,
) -> Profile:
    known = {"topics": ("open source", "developer experience"), **(voice or {})}
    return Profile(
        name="Ada",
        handle="ada",
        role="Developer Advocate",
        voice=Voice(**known),
        guardrails=Guardrails(**(guardrails or {})),
        disclosure=Disclosure.LABEL if label else Disclosure.NONE,
        **fields,
    )


def assignment(brief: str = "our new release", **facts: Any) -> Assignment:
    known: dict[str, Any] = {
        "profile": profile(),
        "rules": SKY,
        "type": ContentType.POST,
        "now": NOW,
        **facts,
    }
    return Assignment(brief=brief, **known)


def content(*texts: str) -> Content:
    return Content(tuple(Segment(text) for text in texts))


def facts(**known: Any) -> Facts:
    return Facts(**{"profile": profile(), "rules": SKY, **known})


class Purse:
    """A Budget in memory.  limit: micro-dollars."""

    def __init__(self, limit: int = 1_000_000) -> None:
        self.limit, self.spent, self.reserved = limit, 0, 0
        self.ledger: list[Reservation] = []
        self._lock = threading.Lock()

    @contextmanager
    def reserve(self, amount: MicroUSD, model: str) -> Iterator[Reservation]:
        with self._lock:
            if amount and self.spent + self.reserved + amount > self.limit:
                raise BudgetExhausted(f"{model} may take {amount}, and less is left.")
            self.reserved += amount
        reservation = Reservation(amount)
        try:
            yield reservation
        finally:
            with self._lock:
                self.reserved -= amount
                self.spent += reservation.spent or 0
                self.ledger.append(reservation)


class Time:
    """A clock that only sleeping and slow answers move."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now_s += seconds


Step = str | Sequence[str] | CallFailed
SPENT = Tokens(1000, 100)


class Scripted:
    """A link that does what its script says, step by step; a time-out takes its time. Costs a micro-dollar a token."""

    def __init__(
        self, model: str, *script: Step, time: Time | None = None, price: Rates | None = None
    ) -> None:
        self.provider, self.model, self.timeout_s = "scripted", model, 20.0
        self.price = price or Rates(1_000_000, 1_000_000)
        self.asked: list[tuple[Message, ...]] = []
        self.timeouts: list[float] = []
        self._script, self._time = list(script), time

    def draft(self, messages: Sequence[Message], *, timeout_s: float) -> Reply[DraftOut]:
        step = self._next(messages, timeout_s)
        return Reply(DraftOut(segments=[step] if isinstance(step, str) else list(step)), SPENT)

    def answer(self, messages: Sequence[Message], *, timeout_s: float, tell: Tell = untold) -> Reply[str]:
        """Tells its first half, as far as it comes to it."""
        text = str(self._next(messages, timeout_s))
        tell(text[: len(text) // 2])
        return Reply(text, SPENT)

    def _next(self, messages: Sequence[Message], timeout_s: float) -> str | Sequence[str]:
        self.asked.append(tuple(messages))
        self.timeouts.append(timeout_s)
        step = self._script.pop(0) if len(self._script) > 1 else self._script[0]
        if isinstance(step, CallFailed):
            if self._time is not None and type(step).__name__ == "TimedOut":
                self._time.now_s += timeout_s
            raise step
        return step


def chain(
    *links: Any, time: Time | None = None, jitter: Callable[[], float] = lambda: 0.0, **options: Any
) -> Chain:
    time = time or Time()
    return Chain(links, Rehearsal(), clock=time.clock, sleep=time.sleep, jitter=jitter, **options)


__all__ = [
    "FREE",
    "NOW",
    "SKY",
    "SPENT",
    "Purse",
    "Scripted",
    "Time",
    "assignment",
    "chain",
    "content",
    "facts",
    "profile",
]
