"""The words that steer a task, said in its thread as a whole message."""

from __future__ import annotations

from enum import StrEnum


class Steer(StrEnum):
    STOP = "stop"
    PAUSE = "pause"
    GO_ON = "go on"


_WORDS = {
    "stop": Steer.STOP,
    "stop it": Steer.STOP,
    "stop this": Steer.STOP,
    "cancel": Steer.STOP,
    "pause": Steer.PAUSE,
    "wait": Steer.PAUSE,
    "hold on": Steer.PAUSE,
    "go on": Steer.GO_ON,
    "resume": Steer.GO_ON,
    "continue": Steer.GO_ON,
}


def steering(text: str) -> Steer | None:
    """What a message means when it is nothing but such a word, politely or not; None for any other."""
    plain = " ".join(text.lower().replace(",", " ").split()).strip(" .!🛑")
    plain = plain.removeprefix("please ").removesuffix(" please")
    return Steer.STOP if text.strip() == "🛑" else _WORDS.get(plain)


def is_steering(text: str) -> bool:
    return steering(text) is not None
