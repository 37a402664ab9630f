"""The big switch: everything stops at once, nothing is lost, and it goes on where it stopped."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Protocol

from agents.errors import Conflict
from agents.events import SYSTEM, Event, Subject
from agents.people import Person, Role
from agents.tasks.kept import Tasks
from agents.tasks.task import OPEN
from agents.writing.post import State, Variant

HALTED = "halted"
"""The switch's name."""
UNDER_WAY = (State.APPROVED, State.PUBLISHING, State.SCHEDULED, State.TAKING_DOWN, State.WRITING)
"""Whose cards say that Troupe is halted."""


class Switches(Protocol):
    @property
    def halted(self) -> dict[str, Any] | None: ...
    def set(self, name: str, value: dict[str, Any]) -> bool:
        """False if it was set already, and then nothing changed."""

    def clear(self, name: str) -> bool:
        """False if it was not set."""


class Posts(Protocol):
    def in_states(self, states: Iterable[State], *, limit: int = 100) -> list[Variant]: ...


class Work(Protocol):
    @property
    def now(self) -> datetime: ...
    @property
    def posts(self) -> Posts: ...
    @property
    def switches(self) -> Switches: ...
    @property
    def tasks(self) -> Tasks: ...
    def record(self, event: Event) -> None: ...
    def touch(self, subject: Subject) -> None: ...


def halt(reason: str, by: Person, work: Work, *, via: str = "") -> None:
    """No effect begins and no persona writes from this commit on; what is being sent at this moment ends.

    Raises Conflict, naming who was first, if it is halted already.
    """
    by.must_be(Role.MANAGER, "halt Troupe")
    value = {"by": by.name, "person_id": by.id, "at": work.now.isoformat(), "reason": reason.strip()}
    if not work.switches.set(HALTED, value):
        raise Conflict(f"Troupe was halted by {(work.switches.halted or {}).get('by', 'somebody')} already.")
    why = {"reason": value["reason"]} if value["reason"] else {}
    work.record(
        Event("system.halted", SYSTEM, by.acting(via), before={"halted": False}, after={"halted": True} | why)
    )
    _redraw(work)


def resume(by: Person, work: Work, *, via: str = "") -> None:
    """Everything goes on. Raises Conflict if nothing was halted."""
    by.must_be(Role.MANAGER, "let Troupe go on")
    if not work.switches.clear(HALTED):
        raise Conflict("Troupe is not halted.")
    work.record(
        Event("system.resumed", SYSTEM, by.acting(via), before={"halted": True}, after={"halted": False})
    )
    _redraw(work)


def _redraw(work: Work) -> None:
    for variant in work.posts.in_states(UNDER_WAY):
        work.touch(variant.subject)
    for task in work.tasks.in_states(OPEN):
        work.touch(task.subject)
