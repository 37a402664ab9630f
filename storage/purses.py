"""Whose money a call is paid out of: the task's, that of the tasks it is a part of, its persona's and the team's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, bindparam, select

from agents.errors import NotFound
from agents.events import Subject
from agents.money import from_dollars
from agents.personas.persona import Persona
from storage.rows import Sent
from storage.tables import PersonaRow, TaskRow

TEAM = Subject("team", "troupe")
_TASK = select(TaskRow.title, TaskRow.budget, TaskRow.parent_id).where(TaskRow.id == bindparam("is_"))
_PAYER = select(PersonaRow.handle, PersonaRow.profile).where(PersonaRow.id == bindparam("is_"))


@dataclass(frozen=True, slots=True)
class Purse:
    """A budget that a call is paid out of.  limit: in micro-dollars.  name: "@ada".  remedy: how to get more."""

    owner: Subject
    month: str
    limit: int
    name: str
    remedy: str

    @property
    def key(self) -> str:
        return f"{self.owner}/{self.month}"


Purses = Callable[[], Sequence[Purse]]
"""Reads them, once what was asked for is there."""


def month_of(now: datetime) -> str:
    """Budgets run by calendar months in UTC."""
    return f"{now:%Y-%m}"


def purse_of(persona: Persona, now: datetime) -> Purse:
    """A persona's own, for this month."""
    return _purse_of(persona.id, persona.handle, persona.profile.monthly_budget_usd, now)


def _purse_of(persona_id: str, handle: str, dollars_a_month: Decimal, now: datetime) -> Purse:
    remedy = f"Raise the budget with /persona edit @{handle}, or wait for the next month."
    limit = from_dollars(dollars_a_month)
    return Purse(Subject("persona", persona_id), month_of(now), limit, f"@{handle}", remedy)


def ask_for_purses(
    task_id: str, persona_id: str, team: int | None, now: datetime, connection: Connection
) -> Purses:
    """Out of which a call for a task is paid: the innermost first, always in this order, so that no two wait for each other.

    Its own, that of each task it is a part of, the persona's, and everybody's for a month.  team: None without a limit.
    What is returned raises NotFound.
    """
    asked = Sent(connection, _TASK, {"is_": task_id})
    whose = Sent(connection, _PAYER, {"is_": persona_id})

    def purses() -> tuple[Purse, ...]:
        own = tuple(_purses_of_tasks(task_id, asked, connection))
        handle, profile = _only(whose, "persona")
        persona = _purse_of(persona_id, handle, Decimal(profile["monthly_budget_usd"]), now)
        return (*own, persona, *purse_of_team(team, now))

    return purses


def _purses_of_tasks(id: str, asked: Sent, connection: Connection) -> Iterator[Purse]:
    while id:
        title, budget, parent_id = _only(asked, "task")
        remedy = "Press Raise budget… on its card."
        yield Purse(Subject("task", id), "", budget, f"The task “{title}”", remedy)
        if id := parent_id:
            asked = Sent(connection, _TASK, {"is_": id})


def _only(asked: Sent, noun: str) -> Sequence[Any]:
    if not asked.rows:
        raise NotFound(f"There is no such {noun}.", remedy="It may have been removed.")
    row: Sequence[Any] = asked.rows[0]
    return row


def purse_of_team(limit: int | None, now: datetime) -> tuple[Purse, ...]:
    """() without a limit."""
    if limit is None:
        return ()
    remedy = "Raise TEAM_MONTHLY_BUDGET_USD, or wait for the next month."
    return (Purse(TEAM, month_of(now), limit, "The team", remedy),)
