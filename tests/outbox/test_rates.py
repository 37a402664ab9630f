"""Allowances, in virtual time: never more than is allowed, never less than could be."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.outbox import rates
from bot.outbox.rates import Rate, Rates


class VirtualLoop(asyncio.SelectorEventLoop):
    """Sleeps take no time: the clock jumps to what is due next."""

    now = 0.0

    def time(self) -> float:
        return self.now

    def _run_once(self) -> None:
        scheduled = self._scheduled  # type: ignore[attr-defined]
        if not self._ready and scheduled:  # type: ignore[attr-defined]
            self.now = max(self.now, heapq.nsmallest(1, scheduled)[0].when())
        super()._run_once()  # type: ignore[misc]


@pytest.fixture
def virtual() -> Iterator[VirtualLoop]:
    with virtually() as loop:
        yield loop


def times(loop: VirtualLoop, allowed: Rates, turns: Sequence[tuple[float, tuple[str, ...]]]) -> list[float]:
    """When each got its turn.  turns: (when it asks, keys)."""

    async def one(at: float, keys: tuple[str, ...]) -> float:
        await asyncio.sleep(at)
        await allowed.turn(*keys)
        return loop.time()

    async def all_of_them() -> list[float]:
        return await asyncio.gather(*(one(at, keys) for at, keys in turns))

    return loop.run_until_complete(all_of_them())


@contextmanager
def virtually() -> Iterator[VirtualLoop]:
    loop = VirtualLoop()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rates, "monotonic", loop.time)
        yield loop
    loop.close()


def test_a_burst_then_the_rate(virtual: VirtualLoop) -> None:
    got = times(virtual, Rates({"post": Rate(2.0, 3)}), [(0.0, ("post:C1",))] * 6)
    assert got == pytest.approx([0, 0, 0, 0.5, 1.0, 1.5])


def test_a_rest_fills_the_burst_and_no_more(virtual: VirtualLoop) -> None:
    asked = [(0.0, ("post:C1",))] * 3 + [(100.0, ("post:C1",))] * 4
    got = sorted(times(virtual, Rates({"post": Rate(1.0, 2)}), asked))
    assert got == pytest.approx([0, 0, 1, 100, 100, 101, 102])


def test_channels_wait_for_themselves_and_for_the_workspace(virtual: VirtualLoop) -> None:
    allowed = Rates({"post": Rate(1.0, 1), "posts": Rate(4.0, 2)})
    asked = [(0.0, (f"post:C{number % 4}", "posts")) for number in range(8)]
    got = sorted(times(virtual, allowed, asked))
    assert got[:4] == pytest.approx([0, 0, 0.25, 0.5])
    assert all(later - earlier >= 1.0 - 1e-9 for earlier, later in zip(got, got[4:], strict=False))


def test_what_is_held_waits_and_others_do_not(virtual: VirtualLoop) -> None:
    allowed = Rates({"post": Rate(10.0, 5)})
    allowed.hold("post:C1", 30.0)
    allowed.hold("post:C1", 5.0)  # a shorter wait does not shorten a longer one
    got = times(virtual, allowed, [(0.0, ("post:C1",)), (0.0, ("post:C2",))])
    assert got == pytest.approx([30.0, 0.0])


def test_a_turn_that_was_not_used_is_somebody_elses(virtual: VirtualLoop) -> None:
    allowed = Rates({"update": Rate(0.5, 1)})
    times(virtual, allowed, [(0.0, ("update",))])
    allowed.give_back("update")
    assert times(virtual, allowed, [(0.0, ("update",))]) == pytest.approx([0.0])


RATE = st.builds(Rate, st.floats(0.2, 20.0), st.integers(1, 10))


@given(rate=RATE, asked=st.lists(st.floats(0.0, 20.0), min_size=1, max_size=40))
def test_never_more_than_the_burst_and_the_rate_in_any_time(rate: Rate, asked: list[float]) -> None:
    with virtually() as loop:
        got = sorted(times(loop, Rates({"post": rate}), [(at, ("post:C1",)) for at in asked]))
    for first in range(len(got)):
        for last in range(first, len(got)):
            most = rate.burst + (got[last] - got[first]) * rate.per_s
            assert last - first + 1 <= most + 1e-6
    assert all(given_at >= at - 1e-9 for given_at, at in zip(got, sorted(asked), strict=True))
    assert got[-1] <= max(asked) + len(asked) / rate.per_s + 1e-6, "nobody waits without need"


def test_keys_that_nobody_used_for_long_are_forgotten(virtual: VirtualLoop) -> None:
    allowed = Rates({"post": Rate(1.0, 1)})
    times(virtual, allowed, [(0.0, (f"post:C{number}",)) for number in range(rates.KEPT + 50)])
    assert len(allowed._buckets) == rates.KEPT
