"""What people are told of a task's money on the way."""

from __future__ import annotations

from agents.events import TROUPE, Event
from agents.money import MicroUSD, dollars
from agents.tasks.moves import say
from agents.tasks.task import Task
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
