"""Asking a persona to do something: from a mention, a command, a form, the API, or another task."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from agents.errors import Conflict, Invalid
from agents.events import Event
from agents.jobs import JobName
from agents.money import MicroUSD, dollars, from_dollars
from agents.people import Person, Role
from agents.personas.persona import Delegation, Persona
from agents.tasks import digest
from agents.tasks.moves import show
from agents.tasks.task import BRIEF_LIMIT, CRITERIA_LIMIT, DEPTH_LIMIT, TITLE_LIMIT, Task
from agents.work import Work

CRITERION_LIMIT = 300
FORMATS_LIMIT = 10
FARTHEST = timedelta(days=366)
SOON = timedelta(hours=24)
"""How long before its deadline people are told of it."""
LARGEST_BUDGET = from_dollars(100_000)
_ENDING = re.compile(r"[a-z0-9]{1,10}")
_FIRST = re.compile(r"^\s*(.+?(?:[.!?](?=\s|$)|(?=\n)|$))", re.DOTALL)
_HARD = re.compile(
    r"\b(build|implement|migrat\w*|refactor\w*|integrat\w*|architect\w*|deploy\w*|analy[sz]e|research|compare"
    r"|benchmark\w*|security|database|api|test\w*|pull request)\b",
    re.IGNORECASE,
)
_EASY = re.compile(
    r"\b(typo|rename|list|summari[sz]e|translate|format|shorten|look up|proofread)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Request:
    """asked_for: None for whoever is free.  complexity: 1–10, None to have it estimated.  priority: 1–10, 10 first.

    formats: file endings wanted.  budget: None for what its persona gives one task.  reviewed: whether a person accepts
    the result, None for what the persona says.  via: the API key it came through.  parent: the task it is a part of.
    """

    by: Person
    title: str
    brief: str
    origin: str
    asked_for: Persona | None = None
    criteria: tuple[str, ...] = ()
    complexity: int | None = None
    priority: int = 5
    deadline: datetime | None = None
    formats: tuple[str, ...] = ()
    budget: MicroUSD | None = None
    reviewed: bool | None = None
    via: str = ""
    parent: Task | None = None


def request(ask: Request, work: Work, *, id: str = "") -> Task:
    """The task, queued; a persona is looked for at once.  id: where the caller must know it, as a part's.

    Raises Forbidden, Invalid for the first thing that cannot be, Conflict for a persona that is archived.
    """
    ask.by.must_be(Role.EDITOR, "give a persona a task")
    if ask.asked_for is not None:
        ask.asked_for.must_not_be_archived()
    task = _made(ask, id or work.new_id(), work.now)
    work.tasks.add(task)
    after = {
        "title": task.title,
        "complexity": task.complexity,
        "priority": task.priority,
        "budget": task.budget,
        **({"persona": f"@{ask.asked_for.handle}"} if ask.asked_for else {}),
        **({"deadline": task.deadline.isoformat()} if task.deadline else {}),
        **({"part_of": task.parent_id} if task.parent_id else {}),
    }
    work.record(Event("task.requested", task.subject, ask.by.acting(ask.via or ask.by.via), after=after))
    show(task, task.subject, work)
    work.owe(JobName.ASSIGN, task.subject)
    owe_deadline(task, work)
    digest.owe_all(work)
    return task


def owe_deadline(task: Task, work: Work) -> None:
    """People are told when the deadline is near, and when it is over."""
    work.jobs.forget(task.subject, JobName.TASK_DUE)
    if task.deadline is None:
        return
    early = task.deadline - SOON
    work.owe(JobName.TASK_DUE, task.subject, early if early > work.now else task.deadline)


def title_of(text: str) -> str:
    """The first sentence, at most TITLE_LIMIT characters. "" for nothing."""
    found = _FIRST.match(text)
    sentence = " ".join((found.group(1) if found else "").split()).rstrip(".")
    if len(sentence) <= TITLE_LIMIT:
        return sentence
    return sentence[: TITLE_LIMIT - 1].rsplit(" ", 1)[0].rstrip(",;:") + "…"


def estimate(brief: str, criteria: tuple[str, ...] = (), formats: tuple[str, ...] = ()) -> int:
    """How hard it looks, 1–10: by length, by what must be true of it, by words. People correct it."""
    points = 2.0
    points += min(len(brief.split()) / 60, 3)
    points += min(len(criteria) / 2, 2) + min(len(formats) / 2, 1)
    points += min(len({word.lower() for word in _HARD.findall(brief)}), 3)
    points -= min(len({word.lower() for word in _EASY.findall(brief)}), 2)
    return max(1, min(10, round(points)))


def must_be_ahead(deadline: datetime, now: datetime) -> None:
    """Raises Invalid for a deadline that nobody could keep, or that is too far off to mean anything."""
    if deadline <= now:
        raise Invalid(
            "That deadline has passed.", remedy="Choose one that is still to come.", field="deadline"
        )
    if deadline > now + FARTHEST:
        raise Invalid(
            "That deadline is more than a year ahead.", remedy="Choose one within a year.", field="deadline"
        )


def must_be_rank(value: int, field: str) -> None:
    """field: "complexity" or "priority"; both go from 1 to 10."""
    if not 1 <= value <= 10:
        raise Invalid(f"The {field} is a number from 1 to 10.", field=field)


def must_be_affordable(amount: int) -> None:
    if not 0 <= amount <= LARGEST_BUDGET:
        raise Invalid(f"A budget is from $0 to {dollars(LARGEST_BUDGET)}.", field="budget")


def _made(ask: Request, id: str, now: datetime) -> Task:
    brief = ask.brief.strip()
    title = " ".join(ask.title.split()) or title_of(brief)
    if not brief and not title:
        raise Invalid("Say what should be done.", field="brief")
    brief = brief or title
    if len(title) > TITLE_LIMIT:
        raise Invalid(f"A title has at most {TITLE_LIMIT} characters.", field="title")
    if len(brief) > BRIEF_LIMIT:
        raise Invalid(
            f"That is {len(brief) - BRIEF_LIMIT} characters too long; a brief may have {BRIEF_LIMIT}.",
            remedy="Shorten it, or put the details into a page and give its address.",
            field="brief",
        )
    if ask.deadline is not None:
        must_be_ahead(ask.deadline, now)
    criteria, formats = _criteria(ask.criteria), _formats(ask.formats)
    rules = ask.asked_for.profile.tasks if ask.asked_for else Delegation()
    budget = from_dollars(rules.task_budget_usd) if ask.budget is None else ask.budget
    must_be_affordable(budget)
    complexity = estimate(brief, criteria, formats) if ask.complexity is None else ask.complexity
    must_be_rank(complexity, "complexity")
    must_be_rank(ask.priority, "priority")
    depth = ask.parent.depth + 1 if ask.parent else 1
    if depth > DEPTH_LIMIT:
        raise Conflict(f"A task is split {DEPTH_LIMIT - 1} times at most, so this one has no parts.")
    return Task(
        id=id,
        title=title,
        brief=brief,
        requested_by=ask.by.id,
        origin=ask.origin,
        created_at=now,
        asked_for=ask.asked_for.id if ask.asked_for else "",
        criteria=criteria,
        complexity=complexity,
        estimated=ask.complexity is None,
        priority=ask.priority,
        formats=formats,
        deadline=ask.deadline,
        budget=budget,
        reviewed=rules.reviewed if ask.reviewed is None else ask.reviewed,
        parent_id=ask.parent.id if ask.parent else "",
        depth=depth,
    )


def _criteria(given: tuple[str, ...]) -> tuple[str, ...]:
    criteria = tuple(dict.fromkeys(" ".join(one.split()) for one in given if one.strip()))
    if len(criteria) > CRITERIA_LIMIT or any(len(one) > CRITERION_LIMIT for one in criteria):
        raise Invalid(
            f"There are at most {CRITERIA_LIMIT} criteria, of {CRITERION_LIMIT} characters each.",
            remedy="Put together what belongs together.",
            field="criteria",
        )
    return criteria


def _formats(given: tuple[str, ...]) -> tuple[str, ...]:
    formats = tuple(dict.fromkeys(one.strip().lower().lstrip(".") for one in given if one.strip()))
    if len(formats) > FORMATS_LIMIT or not all(_ENDING.fullmatch(one) for one in formats):
        raise Invalid(
            f"A format is a file's ending, such as pdf or csv; there are {FORMATS_LIMIT} at most.",
            field="formats",
        )
    return formats
