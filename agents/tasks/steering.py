"""The words that steer a task, said in its thread as a whole message."""

from __future__ import annotations

HALT = frozenset({"stop", "pause", "halt", "stop it", "wait", "hold on"})
"""A word halts only for now: to end a task for good is asked back, and that is what its button does."""
GO_ON = frozenset({"go on", "resume", "continue"})


def halts(text: str) -> bool:
    return _plain(text) in HALT


def lets_go_on(text: str) -> bool:
    return _plain(text) in GO_ON


def is_steering(text: str) -> bool:
    """Whether it is nothing but such a word, so that whoever works on the task need not read it."""
    return halts(text) or lets_go_on(text)


def _plain(text: str) -> str:
    words = " ".join(text.lower().replace(",", " ").split()).strip(" .!")
    return words.removeprefix("please ").removesuffix(" please")
