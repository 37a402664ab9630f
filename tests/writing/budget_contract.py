"""What every Budget keeps to. A test class inherits from `BudgetContract` and says how one is opened."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import NamedTuple

import pytest

from agents.errors import BudgetExhausted
from agents.money import FREE, MicroUSD
from agents.writing.writer import Budget, Usage


class Opened(NamedTuple):
    """A budget with nothing spent.  spent, reserved: what its ledger says at present, in micro-dollars."""

    budget: Budget
    spent: Callable[[], int]
    reserved: Callable[[], int]


def usage(cost: int) -> Usage:
    return Usage("openai", "gpt-5-mini", 1000, 100, MicroUSD(cost))


class BudgetContract(ABC):
    @abstractmethod
    def open(self, limit: int) -> Opened:
        """limit: micro-dollars."""

    def test_what_was_settled_is_spent_and_the_rest_is_free_again(self) -> None:
        budget, spent, reserved = self.open(1_000)
        with budget.reserve(MicroUSD(900), "m") as reservation:
            assert (spent(), reserved()) == (0, 900)
            reservation.settle(usage(300))
        assert (spent(), reserved()) == (300, 0)
        with budget.reserve(MicroUSD(700), "m"):
            assert reserved() == 700

    def test_what_is_not_settled_is_given_back(self) -> None:
        budget, spent, reserved = self.open(1_000)
        with budget.reserve(MicroUSD(1_000), "m"):
            pass
        assert (spent(), reserved()) == (0, 0)

    def test_a_call_that_does_not_fit_is_refused_and_changes_nothing(self) -> None:
        budget, spent, reserved = self.open(1_000)
        with budget.reserve(MicroUSD(600), "m"):
            with pytest.raises(BudgetExhausted), budget.reserve(MicroUSD(401), "m"):
                pytest.fail("the call was made")
            assert (spent(), reserved()) == (0, 600)

    def test_an_error_gives_the_money_back_unless_it_was_spent(self) -> None:
        budget, spent, reserved = self.open(1_000)
        with pytest.raises(ZeroDivisionError), budget.reserve(MicroUSD(500), "m"):
            raise ZeroDivisionError
        assert (spent(), reserved()) == (0, 0)
        with pytest.raises(ZeroDivisionError), budget.reserve(MicroUSD(500), "m") as reservation:
            reservation.settle(usage(200))
            raise ZeroDivisionError
        assert (spent(), reserved()) == (200, 0)

    def test_what_was_dearer_than_reserved_is_booked_as_it_was(self) -> None:
        budget, spent, reserved = self.open(1_000)
        with budget.reserve(MicroUSD(900), "m") as reservation:
            reservation.settle(usage(1_200))
        assert (spent(), reserved()) == (1_200, 0)

    def test_what_costs_nothing_always_fits(self) -> None:
        budget, spent, _ = self.open(100)
        with budget.reserve(MicroUSD(100), "m") as reservation:
            reservation.settle(usage(150))
        with budget.reserve(FREE, "llama3.2") as reservation:
            reservation.settle(usage(0))
        assert spent() == 150

    def test_twenty_at_once_never_take_more_than_there_is(self) -> None:
        budget, spent, reserved = self.open(1_000)
        start, refused = threading.Barrier(20), []

        def call() -> None:
            start.wait()
            try:
                with budget.reserve(MicroUSD(150), "m") as reservation:
                    reservation.settle(usage(150))
            except BudgetExhausted as error:
                refused.append(error)

        callers = [threading.Thread(target=call) for _ in range(20)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()
        assert spent() == 150 * (20 - len(refused))
        assert spent() <= 1_000
        assert spent() > 1_000 - 150
        assert reserved() == 0
