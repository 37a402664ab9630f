"""When a persona goes round in circles: the rules by which that is seen, on what it did and what came of it.

Source: OpenHands' stuck detector (controller/stuck.py), whose thresholds these are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SAME, SAME_ERROR, SWINGS = 4, 3, 6
"""The same thing with the same result this often; the same error this often; two things in turn over this many."""


@dataclass(frozen=True, slots=True)
class Move:
    """One call of a tool.  did: name and arguments.  saw: what came of it.  failed: whether that was an error."""

    did: str
    saw: str
    failed: bool


def circling(moves: Sequence[Move]) -> str:
    """In which circle the last moves run, in words; "" when they lead somewhere.  moves: oldest first."""
    if _all_same(moves[-SAME:], SAME):
        return f"It did the same thing {SAME} times with the same result: {_brief(moves[-1].did)}"
    errors = moves[-SAME_ERROR:]
    if _all_same(errors, SAME_ERROR) and errors[-1].failed:
        return f"It ran into the same error {SAME_ERROR} times: {_brief(errors[-1].saw)}"
    swings = moves[-SWINGS:]
    if len(swings) == SWINGS and len({*swings[::2]}) == len({*swings[1::2]}) == 1:
        return f"It went back and forth between the same two things: {_brief(swings[0].did)} and {_brief(swings[1].did)}"
    return ""


def _all_same(moves: Sequence[Move], count: int) -> bool:
    return len(moves) == count and len(set(moves)) == 1


def _brief(text: str, limit: int = 160) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"
