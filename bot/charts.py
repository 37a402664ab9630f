"""A chart in words: a bar of signs for each value, and the value itself."""

from __future__ import annotations

import math
from collections.abc import Iterable

from bot.cards import Chart

BAR = 16
"""Signs that the largest value takes: a line with a label of 12 fits a telephone."""
_EIGHTHS = " ▏▎▍▌▋▊▉"


def drawn(chart: Chart) -> str:
    """Lines for a fixed-width font. A pie also says each part's share."""
    largest = max((abs(v) for _, values in chart.series for v in values if math.isfinite(v)), default=0.0)
    wide = max(map(len, chart.labels), default=0)
    lines: list[str] = []
    for name, values in chart.series:
        lines.append(name)
        shares = _shares(values) if chart.kind == "pie" else [""] * len(values)
        lines += [
            f"{label:<{wide}} {bar(value, largest)} {value:g}{share}"
            for label, value, share in zip(chart.labels, values, shares, strict=True)
        ]
    return "\n".join(lines)


def bar(value: float, largest: float) -> str:
    """`BAR` signs wide; empty for what cannot be drawn (no number, or below zero)."""
    if not math.isfinite(value) or value <= 0 or largest <= 0:
        return " " * BAR
    eighths = max(1, round(value / largest * BAR * 8))
    return ("█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()).ljust(BAR)


def progress(done: int, total: int, width: int = 10) -> str:
    """ "▰▰▰▰▱▱▱▱▱▱" for 2 of 5.  total: > 0."""
    full = max(0, min(width, done * width // total))
    return "▰" * full + "▱" * (width - full)


def _shares(values: Iterable[float]) -> list[str]:
    positive = [v if math.isfinite(v) and v > 0 else 0.0 for v in values]
    whole = sum(positive)
    return [f" ({v / whole:.0%})" if whole else "" for v in positive]
