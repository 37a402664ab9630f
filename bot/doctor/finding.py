"""What a check found, in words, and what mends it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    OK = "ok"
    WARN = "warn"
    """It works, and somebody should know."""
    FAIL = "fail"
    """Something of Troupe does not work."""


@dataclass(frozen=True, slots=True)
class Finding:
    """name: what was looked at.  words: what was seen.  remedy: the command or step that mends it, "" for none."""

    name: str
    state: State
    words: str
    remedy: str = ""


def ok(name: str, words: str, remedy: str = "") -> Finding:
    """remedy: what could be made of it, where it is a choice."""
    return Finding(name, State.OK, words, remedy)


def warn(name: str, words: str, remedy: str) -> Finding:
    return Finding(name, State.WARN, words, remedy)


def fail(name: str, words: str, remedy: str) -> Finding:
    return Finding(name, State.FAIL, words, remedy)
