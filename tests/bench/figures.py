"""What a bench finds: samples, and the figures made of them."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Options:
    """databases: "sqlite", "postgresql" or both.  scale: 1.0 is the whole thing, tests take a hundredth of it."""

    databases: tuple[str, ...] = ("sqlite", "postgresql")
    scale: float = 1.0

    def count(self, full: int, least: int = 3) -> int:
        """How many of something that the whole bench has `full` of."""
        return max(least, round(full * self.scale))


@dataclass(frozen=True, slots=True)
class Sample:
    """Median and 99th percentile (nearest rank) of `n` measurements, in the figure's unit."""

    median: float
    p99: float
    n: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Self:
        ranked = sorted(values)
        return cls(statistics.median(ranked), ranked[-(-99 * len(ranked) // 100) - 1], len(ranked))


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table.

    value: what is held against `limit`, in `of` ("ratio", "p99", "median", "count"); a limit of None only informs.
    bare: the peer that does the same without us, measured in turns with `ours`.
    """

    part: str
    what: str
    value: float
    of: str
    limit: float | None
    unit: str
    ours: Sample
    bare: Sample | None = None
    note: str = ""

    @property
    def met(self) -> bool | None:
        return None if self.limit is None else self.value <= self.limit

    @property
    def ratio(self) -> float | None:
        """Of the medians."""
        return self.ours.median / self.bare.median if self.bare and self.bare.median else None


def against(
    part: str,
    what: str,
    ours: Sequence[float],
    bare: Sequence[float],
    limit: float | None,
    *,
    unit: str = "ms",
    note: str = "",
) -> Figure:
    """Held against its peer: the ratio of the medians."""
    mine, peer = Sample.of(ours), Sample.of(bare)
    return Figure(part, what, mine.median / peer.median, "ratio", limit, unit, mine, peer, note)


def at_most(
    part: str,
    what: str,
    ours: Sequence[float],
    limit: float | None,
    *,
    of: str = "p99",
    unit: str = "ms",
    bare: Sequence[float] = (),
    note: str = "",
) -> Figure:
    """Held against a number of its own; a peer shows what the machine had to give at that time."""
    mine = Sample.of(ours)
    value = mine.p99 if of == "p99" else mine.median
    return Figure(part, what, value, of, limit, unit, mine, Sample.of(bare) if bare else None, note)


def in_turns(rounds: int, *sides: Callable[[], float]) -> list[list[float]]:
    """Every side once a round: what drifts on a busy machine drifts for all alike. One list for each side.

    The order is drawn anew for each round, else what comes back every so often, such as a checkpoint of SQLite's, would
    always hit the same side.
    """
    taken: list[list[float]] = [[] for _ in sides]
    order = list(range(len(sides)))
    for _ in range(rounds):
        random.shuffle(order)
        for number in order:
            taken[number].append(sides[number]())
    return taken


def timed_ms(action: Callable[[], object]) -> float:
    begun = time.perf_counter()
    action()
    return (time.perf_counter() - begun) * 1000
