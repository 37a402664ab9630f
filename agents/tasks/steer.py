"""What people do with a task while it is under way: pause it, stop it, give it to another, correct it, pay for more."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from agents.errors import Conflict, Invalid
from agents.events import Event
from agents.jobs import JobName
from agents.money import MicroUSD, dollars
from agents.people import Person
from agents.personas.persona import Persona, PersonaState
from agents.tasks import asking, decide
from agents.tasks.asking import late, must_decide, must_steer
from agents.tasks.assign import pass_on
from agents.tasks.money import waits_for_money
from agents.tasks.moves import close, forget, freed, go_on, outstanding, show
from agents.tasks.request import must_be_affordable, must_be_ahead, must_be_rank, owe_deadline
from agents.tasks.task import State, Task, Wait
from agents.work import Work

ASKS = (Wait.PLAN, Wait.REVIEW)
"""What has an approval of the task's own."""


def pause(task_id: str, by: Person, work: Work) -> Task:
    """Nobody works on it from this commit on; whoever does ends within two seconds. It keeps its place and its workspace."""
    task = work.tasks.get(task_id)
    must_steer(task, by, "pause this task", work)
    if task.state is State.PAUSED:
        raise late(task, "pause it")
    forget(task, work)
    after = work.tasks.swap(task, "pause it", state=State.PAUSED)
    return _noted("task.paused", task, after, by, work)


def resume(task_id: str, by: Person, work: Work) -> Task:
    """It goes on where it was; what it waited for it still waits for. What is blocked tries again."""
    task = work.tasks.get(task_id)
    if task.state is not State.PAUSED:
        return retry(task_id, by, work)
    must_steer(task, by, "let this task go on", work)
    return _noted("task.resumed", task, _again(task, by, work), by, work)


def stop(task_id: str, by: Person, work: Work, reason: str = "") -> Task:
    """It ends here, with all its parts. What it made is kept."""
    task = work.tasks.get(task_id)
    must_steer(task, by, "stop this task", work)
    if not task.is_open:
        raise late(task, "stop it")
    why = f"{by.name} stopped it" + (f": {reason.strip()}" if reason.strip() else ".")
    after = close(task, State.CANCELLED, by.actor, work, why=why)
    work.resolve_about(task.subject, by.name)
    return _noted("task.stopped", task, after, by, work, reason=reason.strip())


def retry(task_id: str, by: Person, work: Work) -> Task:
    """What is blocked, waits for money or was given up tries again; a question about which nobody decided is asked again.

    Whoever may steer it may look whether there is money again: that allows it nothing that it may not spend anyway.
    """
    task = work.tasks.get(task_id)
    for_money = waits_for_money(task)
    if for_money:
        must_steer(task, by, "let this task try again", work)
    else:
        must_decide(task, by, "", "let this task try again", work)
    if task.state not in (State.BLOCKED, State.FAILED) and not for_money:
        raise late(task, "let it go on")
    if task.state is State.FAILED and task.deadline is not None and task.deadline > work.now:
        owe_deadline(task, work)
    after = _again(task, by, work)
    work.resolve_about(task.subject, by.name)
    return _noted("task.retried", task, after, by, work)


def give(task_id: str, by: Person, persona: Persona, work: Work) -> Task:
    """Another persona takes it, with its workspace, as soon as it has a place. What waits for a person goes on waiting.

    Raises Conflict for a persona that is not at work, or has it already.
    """
    task = work.tasks.get(task_id)
    must_decide(task, by, "", "give this task to another persona", work)
    if persona.state is not PersonaState.ACTIVE:
        raise Conflict(f"@{persona.handle} is {persona.state.value}.", remedy="Choose one that is at work.")
    if persona.id == task.persona_id and task.is_open:
        raise Conflict(f"@{persona.handle} has this task already.")
    if not task.is_open and task.state is not State.FAILED:
        raise late(task, "give it to another persona")
    if task.state is State.FAILED:
        after = go_on(task, "give it to another", work, asked_for=persona.id)
    elif waits_for_money(task):
        after = go_on(replace(task, persona_id=""), "give it to another", work, asked_for=persona.id)
        if task.persona_id:
            freed(task.persona_id, work)
    else:
        after = pass_on(task, persona.id, work)
    if task.state in (State.BLOCKED, State.FAILED) or task.waits_for is Wait.BUDGET:
        work.resolve_about(task.subject, by.name)
    show(after, after.subject, work)
    return _noted("task.given", task, after, by, work, persona=f"@{persona.handle}")


def correct(
    task_id: str,
    by: Person,
    work: Work,
    complexity: int | None = None,
    priority: int | None = None,
    deadline: datetime | None = None,
) -> Task:
    """None leaves a value as it is. A task that waits for a persona looks for one anew."""
    task = work.tasks.get(task_id)
    must_steer(task, by, "correct this task", work)
    if not task.is_open:
        raise late(task, "correct it")
    changes = _corrections(complexity, priority, deadline, work.now)
    if not changes:
        raise Invalid("Say what is to be corrected.", remedy="Complexity, priority or deadline.")
    after = work.tasks.swap(task, "correct it", **changes)
    if deadline is not None:
        owe_deadline(after, work)
    if after.state is State.QUEUED:
        forget(after, work)
        work.owe(JobName.ASSIGN, after.subject)
    was = {name: _plain(getattr(task, name)) for name in changes}
    now = {name: _plain(value) for name, value in changes.items()}
    work.record(Event("task.corrected", task.subject, by.actor, before=was, after=now))
    return after


def raise_budget(task_id: str, by: Person, amount: MicroUSD, work: Work) -> Task:
    """amount: what it may spend in all from here on. What waited for money goes on; a plan under approval is asked about
    anew, because what it may cost is a part of it.
    """
    task = work.tasks.get(task_id)
    must_decide(task, by, "", "raise this task's budget", work)
    if not task.is_open and task.state is not State.FAILED:
        raise late(task, "raise its budget")
    must_be_affordable(amount)
    if amount <= task.budget:
        raise Invalid(
            f"It may spend {dollars(task.budget)} already.", remedy="Give a larger amount.", field="amount"
        )
    after = work.tasks.swap(task, "raise its budget", budget=amount)
    was, now = {"budget": task.budget}, {"budget": amount}
    work.record(Event("task.budget_raised", task.subject, by.actor, before=was, after=now))
    if waits_for_money(after):
        work.resolve_about(task.subject, by.name)
        return go_on(after, "go on", work)
    if after.state is State.WAITING and after.waits_for is Wait.PLAN:
        return asking.ask_about(after, Wait.PLAN, "ask again", work)
    return after


def _again(task: Task, by: Person, work: Work) -> Task:
    """What it waited for before it was paused or blocked it waits for again, unless that came meanwhile."""
    wait = task.waits_for
    if task.state in (State.PAUSED, State.BLOCKED) and wait in ASKS:
        if task.state is State.PAUSED and _pending(task, work):
            return work.tasks.swap(task, "go on", state=State.WAITING)
        return decide.ask_again(task, by, work)
    if task.state is State.PAUSED and wait is not Wait.BUDGET and outstanding(task, wait, work):
        return work.tasks.swap(task, "go on", state=State.WAITING)
    return go_on(task, "go on", work)


def _pending(task: Task, work: Work) -> bool:
    approval = work.approvals.get(task.approval_id)
    return approval.state.value == "pending" and work.now < approval.expires_at


def _corrections(
    complexity: int | None, priority: int | None, deadline: datetime | None, now: datetime
) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if complexity is not None:
        must_be_rank(complexity, "complexity")
        changes |= {"complexity": complexity, "estimated": False}
    if priority is not None:
        must_be_rank(priority, "priority")
        changes["priority"] = priority
    if deadline is not None:
        must_be_ahead(deadline, now)
        changes["deadline"] = deadline
    return changes


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def _noted(name: str, before: Task, after: Task, by: Person, work: Work, **more: str) -> Task:
    said = {key: value for key, value in more.items() if value}
    was, now = {"state": before.state.value}, {"state": after.state.value}
    work.record(Event(name, before.subject, by.actor, before=was, after=now | said))
    return after
