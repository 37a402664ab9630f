"""Figures as a table for people and as JSON for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from tests.bench.figures import Figure, Sample

WIDTHS = (76, 18, 18, 6, 12)
COLUMNS = ("figure", "ours p50 / p99", "bare p50 / p99", "ratio", "target", "")


def as_json(
    figures: Sequence[Figure], machine: Mapping[str, str], unmeasured: Mapping[str, str]
) -> dict[str, Any]:
    """unmeasured: by part, why it could not be."""
    rows = [{**asdict(figure), "ratio": figure.ratio, "met": figure.met} for figure in figures]
    return {"machine": dict(machine), "figures": rows, "unmeasured": dict(unmeasured)}


def header() -> str:
    return _line(COLUMNS)


def row(figure: Figure) -> str:
    ratio = f"{figure.ratio:.2f}" if figure.ratio is not None else ""
    name = f"{figure.part}: {figure.what}"
    cells = (name, _sample(figure.ours, figure.unit), _sample(figure.bare, figure.unit), ratio)
    return _line((*cells, _target(figure), _verdict(figure))) + (
        f"\n    {figure.note}" if figure.note else ""
    )


def _line(cells: Sequence[str]) -> str:
    name, *numbers, verdict = cells
    return "  ".join(
        [f"{name:<{WIDTHS[0]}}", *(f"{n:>{w}}" for n, w in zip(numbers, WIDTHS[1:], strict=True)), verdict]
    )


def _sample(sample: Sample | None, unit: str) -> str:
    if sample is None:
        return ""
    both = f"{_number(sample.median)} / {_number(sample.p99)}" if sample.n > 1 else _number(sample.median)
    return f"{both} {unit}".rstrip()


def _number(value: float) -> str:
    return f"{value:.2f}" if value < 10 and value != int(value) else f"{value:.0f}"


def _target(figure: Figure) -> str:
    if figure.limit is None:
        return ""
    if figure.of == "ratio":
        return f"≤ {figure.limit:g} x"
    return f"{figure.of} ≤ {figure.limit:g} {figure.unit}".replace("median ", "")


def _verdict(figure: Figure) -> str:
    return {True: "met", False: "MISSED", None: ""}[figure.met]
