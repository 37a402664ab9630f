"""Money is counted in whole micro-dollars, so that sums are exact."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import NewType

MicroUSD = NewType("MicroUSD", int)
"""1,000,000 = one US dollar."""

FREE = MicroUSD(0)


def from_dollars(dollars: Decimal | str | int) -> MicroUSD:
    """Rounds half up to the next micro-dollar."""
    return MicroUSD(int((Decimal(dollars) * 1_000_000).quantize(Decimal(1), ROUND_HALF_UP)))


def dollars(amount: int) -> str:
    """As a person reads it: "$12.50"; below a cent with as many digits as it takes: "$0.0004"; free: "$0"."""
    if amount == 0:
        return "$0"
    value = Decimal(amount) / 1_000_000
    if abs(value) >= Decimal("0.01"):
        return f"${value:,.2f}"
    return f"${value.quantize(Decimal('0.000001')).normalize():f}"
