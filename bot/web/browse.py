"""Questions of a page that change nothing: completions, older messages, a thread, and what it missed so far."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from agents.people import Person
from bot.calls import Place
from bot.web import completion
from bot.web.drawing import items, redrawn

if TYPE_CHECKING:
    from bot.wiring import Troupe
    from storage.unit_of_work import UnitOfWork

AT_ONCE = 30
"""Messages that a page begins with, and that it fetches more at once."""
CATCH_UP = 500
"""Events between a page and its script; if there were more, every card is drawn again."""

Said = Mapping[str, Any]
Look = Callable[[Said, Place, Person, "UnitOfWork", "Troupe"], dict[str, Any]]


def complete(said: Said, place: Place, person: Person, work: UnitOfWork, troupe: Troupe) -> dict[str, Any]:
    text = said.get("text")
    options = completion.complete(text if isinstance(text, str) else "", troupe, work, person)
    return {"options": [[option.value, option.label] for option in options]}


def older(said: Said, place: Place, person: Person, work: UnitOfWork, troupe: Troupe) -> dict[str, Any]:
    found = work.messages.in_channel(
        place.channel, person.id, limit=AT_ONCE, before_id=_number(said.get("before"))
    )
    return {
        "html": str(items(found, work, person)),
        "more": len(found) == AT_ONCE,
        "shows": list(map(str, redrawn(found))),
    }


def thread(said: Said, place: Place, person: Person, work: UnitOfWork, troupe: Troupe) -> dict[str, Any]:
    """Everything said about one thing; without one, what was open is closed."""
    if not place.thread:
        return {}
    found = work.messages.in_thread(place.thread, person.id)
    return {
        "html": str(items(found, work, person, threads=False)),
        "shows": list(map(str, redrawn(found))),
    }


def watch(said: Said, place: Place, person: Person, work: UnitOfWork, troupe: Troupe) -> dict[str, Any]:
    """What the page shows, and up to which event (mark) and message (newest) it is the present.

    Answers what came since. A page that comes back names no event: all its cards are drawn again.
    """
    cards = said.get("cards")
    shown = {c for c in cards if isinstance(c, str) and ":" in c} if isinstance(cards, list) else set()
    mark, newest = _number(said.get("mark")), _number(said.get("newest"))
    since = work.events.after(mark, limit=CATCH_UP) if mark is not None else None
    if since is not None and len(since) < CATCH_UP:
        changed = shown & {str(subject) for _, subject in since}
    else:
        changed = shown
    missed = []
    if place.channel and newest is not None:
        last = work.messages.in_channel(place.channel, person.id, limit=AT_ONCE)
        missed = [message for message in last if message.id > newest]
    return {
        "items": str(items(missed, work, person)),
        "reload": len(missed) == AT_ONCE and bool(newest),
        "shows": [*shown, *map(str, redrawn(missed))],
        "redraw": sorted(changed),
    }


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and 0 <= value < 2**63 else None


OPERATIONS: Mapping[str, Look] = {"complete": complete, "older": older, "thread": thread, "watch": watch}
