"""A task's money: what people are told of it on the way, and that the task goes on when there is some again."""

from __future__ import annotations

from agents.events import TROUPE, Event
from agents.money import MicroUSD, dollars
from agents.tasks.moves import go_on, say
from agents.tasks.task import State, Task, Wait
from agents.work import Work


def tell(task: Task, whose: str, level: int, limit: MicroUSD, work: Work) -> None:
    """whose: "The task “Compare queues”", "@ada", "The team".  level: 50, 80 or 100 % of the limit."""
    if level >= 100:
        text = (
            f"{whose} has spent all of {dollars(limit)}. The next call that costs something waits for more."
        )
    else:
        text = f"{whose} has spent {level} % of {dollars(limit)}."
    say(task, text, work)
    work.record(Event("task.money_noticed", task.subject, TROUPE, after={"whose": whose, "percent": level}))


def waits_for_money(task: Task) -> bool:
    return task.state is State.WAITING and task.waits_for is Wait.BUDGET


def is_back(task_id: str, work: Work) -> None:
    """There is enough again of what it lacked: it goes on by itself. Nothing where somebody was faster."""
    task = work.tasks.get(task_id)
    if waits_for_money(task):
        work.resolve_about(task.subject, "Troupe, because there is money again")
        go_on(task, "go on", work)
        work.record(Event("task.money_is_back", task.subject, TROUPE))
