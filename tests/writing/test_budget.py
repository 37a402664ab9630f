"""The purse of these stories keeps to the same contract as the ledger that is shipped."""

from __future__ import annotations

from tests.writing.budget_contract import BudgetContract, Opened
from tests.writing.cast import Purse


class TestPurse(BudgetContract):
    def open(self, limit: int) -> Opened:
        purse = Purse(limit)
        return Opened(purse, lambda: purse.spent, lambda: purse.reserved)
