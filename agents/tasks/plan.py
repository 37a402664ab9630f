"""A plan: what a persona means to do before it does it. Each change of it is a new version; what is ticked off is not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Sentence = Annotated[str, Field(min_length=1, max_length=300)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Step(Strict):
    """tools: names of those it will need."""

    title: Sentence
    tools: Annotated[tuple[str, ...], Field(max_length=20)] = ()


class Outline(Strict):
    """What a persona writes, and a person approves."""

    approach: Annotated[str, Field(min_length=1, max_length=3_000)]
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=20)]
    files: Annotated[tuple[Sentence, ...], Field(max_length=20)] = ()
    """Paths below output/ that there will be in the end."""
    criteria: Annotated[tuple[Sentence, ...], Field(min_length=1, max_length=20)]
    """How anybody can tell that it is done: those of the task, or the persona's own where it has none."""
    risks: Annotated[tuple[Sentence, ...], Field(max_length=10)] = ()


class Tick(StrEnum):
    OPEN = "open"
    DOING = "doing"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Plan:
    """ticks: one for each step."""

    task_id: str
    number: int
    outline: Outline
    ticks: tuple[Tick, ...]
    created_at: datetime

    @property
    def done(self) -> int:
        return sum(tick is Tick.DONE for tick in self.ticks)


@dataclass(frozen=True, slots=True)
class Verdict:
    """An acceptance criterion, answered.  number: from 1.  evidence: what shows it: a file, a check."""

    number: int
    met: bool
    evidence: str


@dataclass(frozen=True, slots=True)
class Check:
    """A check that ran.  output: its last part.  exit: 0 is good."""

    command: str
    exit: int
    output: str
    at: datetime
