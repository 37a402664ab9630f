"""Tasks that wait for money: what they lack is noted when they stop; the clock's round looks whether it is there."""

from __future__ import annotations

from contextlib import suppress

from agents.errors import BudgetExhausted, Conflict
from agents.tasks.lack import Lack
from agents.tasks.money import is_back, waits_for_money
from agents.tasks.task import State, Task
from bot.wiring import Troupe
from storage.unit_of_work import UnitOfWork

MOST = 1_000
"""Tasks looked at in one round; the most urgent first."""


def lack(task: Task, refused: BudgetExhausted, troupe: Troupe, work: UnitOfWork) -> Lack | None:
    """None where nobody said whose money it was: then the task waits for a person."""
    for purse in troupe.storage.purses(task, work):
        if purse.owner == refused.owner:
            spent = work.budgets.in_purse(purse).spent
            return Lack.of(refused, purse.owner, purse.month, purse.limit, spent)
    return None


def look(troupe: Troupe) -> None:
    """Whatever waits for money that is there again goes on: a budget was raised, or a month began."""
    with troupe.storage.reading() as work:
        waiting = filter(waits_for_money, work.tasks.in_states((State.WAITING,), limit=MOST))
        able = [task for task in waiting if _is_there(task, troupe, work)]
    for task in able:
        with suppress(Conflict), troupe.storage.unit_of_work() as work:  # somebody else moved it meanwhile
            is_back(task.id, work)


def _is_there(task: Task, troupe: Troupe, work: UnitOfWork) -> bool:
    """Also where that money does not matter to it any more, because its persona is gone or the team has no limit now."""
    noted = work.events.last(task.subject, "task.waiting")
    lack = Lack.read(noted.after) if noted else None
    if lack is None:
        return False
    purses = troupe.storage.purses(task, work) if task.persona_id else ()
    return all(
        lack.is_there(purse.month, purse.limit, work.budgets.in_purse(purse).spent)
        for purse in purses
        if purse.owner == lack.whose
    )
