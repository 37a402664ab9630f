"""What a kind of parameter is made of, and the kinds that know nothing of Troupe: words, choices, numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Generic, TypeVar

from agents.errors import Invalid, NotFound
from bot.forms import Option

if TYPE_CHECKING:
    from bot.ports import Ports

MOST = 25
"""Choices offered at once: Discord's limit for autocompletion."""

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)
Offer = Callable[["Ports"], Iterable[Option]]


@dataclass(frozen=True, slots=True)
class Reads(Generic[T]):
    """A kind made of two functions.  offer: all that may stand there, whatever was typed of it so far."""

    word: str
    read: Callable[[str, Ports], T]
    offer: Offer | None = None
    rest: bool = False
    choices: tuple[str, ...] = ()
    bounds: tuple[int, int] | None = None

    @property
    def completes(self) -> bool:
        return self.offer is not None

    def parse(self, text: str, ports: Ports) -> T:
        return self.read(text, ports)

    def offers(self, ports: Ports) -> list[Option]:
        return list(self.offer(ports)) if self.offer else []


def fitting(options: Iterable[Option], prefix: str) -> list[Option]:
    """At most 25 of them (Discord's limit), in their order.  prefix: what was typed so far."""
    wanted = prefix.strip().lstrip('"@#').lower()
    return [option for option in options if _fits(option, wanted)][:MOST]


def _fits(option: Option, wanted: str) -> bool:
    """The value begins so, or a word of the label does."""
    value = option.value.lstrip('"@#').lower()
    return value.startswith(wanted) or any(word.startswith(wanted) for word in option.label.lower().split())


def CHOICE(*words: str, word: str = "") -> Reads[str]:  # noqa: N802  reads as the kinds beside it do
    """One of these words. word: its name in usage text, the choices themselves unless given."""
    return Reads(
        word or "|".join(words),
        lambda text, _: nearest(word or "choice", text, words),
        lambda _: [Option(w, w) for w in words],
        choices=words,
    )


def ONE_OF(enum: type[E], word: str) -> Reads[E]:  # noqa: N802
    return Reads(
        word,
        lambda text, _: enum(nearest(word, text, [e.value for e in enum])),
        lambda _: [Option(e.value, e.value) for e in enum],
        choices=tuple(e.value for e in enum),
    )


def INT(low: int, high: int, noun: str = "number") -> Reads[int]:  # noqa: N802
    """A whole number from `low` to `high`, both included.  noun: what it is, for the sentence."""

    def read(text: str, _: Ports) -> int:
        if not re.fullmatch(r"-?[0-9]{1,12}", text) or not low <= int(text) <= high:
            raise Invalid(f"{text} is no {noun} from {low} to {high}.", remedy=f"Write one, such as {low}.")
        return int(text)

    return Reads("number", read, bounds=(low, high))


def nearest(noun: str, text: str, known: Sequence[str]) -> str:
    """Raises NotFound with the nearest one, where it is none of them."""
    if text.lower() not in known:
        raise NotFound.named(noun, text, known)
    return text.lower()


def several(noun: str, text: str, known: Mapping[str, T]) -> tuple[T, ...]:
    """Several of them, with commas, "and" or nothing in between; "none" for none. A name may hold spaces itself.

    known: by name in lower case.  Raises NotFound with the nearest name.
    """
    rest = " ".join(text.lower().replace(",", " ").split())
    if rest in ("none", "nobody"):
        return ()
    found: dict[str, T] = {}
    while rest:
        fitting = [name for name in known if f"{rest.lstrip('@#')} ".startswith(f"{name} ")]
        if not fitting and not rest.startswith("and "):
            raise NotFound.named(noun, rest.split()[0], known)
        taken = max(fitting, key=len) if fitting else "and"
        if fitting:
            found[taken] = known[taken]
        rest = rest.lstrip("@#")[len(taken) :].strip()
    return tuple(found.values())
