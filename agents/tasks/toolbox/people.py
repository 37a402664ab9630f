"""Tools to work with other personas: a question, and a part of the task."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Protocol

from pydantic import AfterValidator, Field, WithJsonSchema

from agents.errors import TroupeError
from agents.money import from_dollars
from agents.personas.persona import Handle, Persona
from agents.tasks.family import Family
from agents.tasks.task import BRIEF_LIMIT, PARTS_LIMIT, TITLE_LIMIT, WORDS, Stage, State, Task, Wait
from agents.tasks.toolbox.base import Arguments, adapter, tool
from agents.tasks.toolbox.fenced import data
from agents.tasks.toolbox.files import one_per_line
from agents.tasks.tools import Bench, Part, Risk, ToolFailed, Waits

PERSONAS = "personas"
"""Its name in `Bench.outside`."""


class Colleagues(Protocol):
    """The other personas of the team, as one of them reaches them."""

    def ask(self, asker: Persona, handle: str, question: str, task: Task, call_id: str) -> str:
        """What @handle answers, out of what it knows, without tools; paid out of the task's budget.

        The same call is asked and paid once. Raises ToolFailed: no such persona, not active, or asked too often by this one
        (two personas never talk in a circle).
        """


class AskPersona(Arguments):
    handle: Handle = Field(description="The persona's handle, like ada.")
    question: str = Field(
        min_length=1,
        max_length=2_000,
        description="One question with all it takes to answer it: the other one does not see your task or your files.",
    )


@tool(Family.PEOPLE, Risk.READ, needs=PERSONAS)
def ask_persona(given: AskPersona, bench: Bench) -> str:
    """Asks another persona of the team for what it knows; it answers at once, and does no work. It may be wrong: check what
    matters."""
    if given.handle == bench.persona.handle:
        raise ToolFailed("That is you yourself.", remedy="Ask somebody else, or decide.")
    colleagues: Colleagues = adapter(PERSONAS, bench)
    answer = colleagues.ask(bench.persona, given.handle, given.question, bench.task, bench.call_id)
    return data(f"answer of @{given.handle}", answer)


Dollars = Annotated[
    Decimal,
    Field(ge=0, le=1_000),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1_000}),
]


def _plain(handle: str) -> str:
    return handle.strip().removeprefix("@").lower()


MaybeHandle = Annotated[str, AfterValidator(_plain), Field(max_length=32)]
"""Whether there is such a persona is found out when the part is handed on."""


class GivenPart(Arguments):
    title: str = Field(
        min_length=1, max_length=TITLE_LIMIT, description="What is to be done, in a few words."
    )
    brief: str = Field(
        min_length=1,
        max_length=BRIEF_LIMIT,
        description="All that one who knows nothing of your task needs to do it.",
    )
    persona: MaybeHandle = Field(
        "", description="Handle of the one to do it; leave it out for whoever fits and is free."
    )
    budget_usd: Dollars = Field(
        Decimal(0),
        description="What it may cost in US dollars, out of what your task has left; 0 for an even share.",
    )


class Delegate(Arguments):
    parts: tuple[GivenPart, ...] = Field(
        min_length=1, max_length=PARTS_LIMIT, description="At most 5, independent of each other."
    )


@tool(Family.PEOPLE, Risk.WRITE, (Stage.BUILD,))
def delegate(given: Delegate, bench: Bench) -> str:
    """Hands parts of this task to other personas, all at once, waits until every part has ended, and returns how. Use it only
    where parts are large and independent of each other."""
    parts = [
        Part(part.title, part.brief, part.persona, from_dollars(part.budget_usd)) for part in given.parts
    ]
    tasks = bench.record.split(bench.call_id, parts)
    if any(task.is_open for task in tasks):
        raise Waits(Wait.PARTS)
    done = sum(task.state is State.COMPLETE for task in tasks)
    return f"All parts have ended; {done} of {len(tasks)} are complete.\n{data('how the parts ended', _ends(tasks))}\n{_shared(bench)}"


def _ends(tasks: Sequence[Task]) -> str:
    return "\n".join(
        f"{number}. {task.title}: {WORDS[task.state]}{f' ({task.trouble})' if task.trouble else ''}"
        for number, task in enumerate(tasks, 1)
    )


def _shared(bench: Bench) -> str:
    try:
        files = [entry.path for entry in bench.workspace.list("shared") if not entry.is_folder]
    except TroupeError as error:
        return f"What is in shared/ cannot be listed: {error.what}"
    return data("files in shared/", one_per_line(files)) if files else "There are no files in shared/."


TOOLS = (ask_persona, delegate)
