"""Tools to work with other personas: a question, and a part of the task."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Protocol

from pydantic import AfterValidator, Field, WithJsonSchema

from agents.money import from_dollars
from agents.personas.persona import Handle, Persona
from agents.tasks.artifact import Artifact
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
    """Hands parts of this task to other personas, all at once, waits until every part has ended, and returns how, with the
    files of each laid into research/parts/. Use it only where parts are large and independent of each other."""
    parts = [
        Part(part.title, part.brief, part.persona, from_dollars(part.budget_usd)) for part in given.parts
    ]
    tasks = bench.record.split(bench.call_id, parts)
    if any(task.is_open for task in tasks):
        raise Waits(Wait.PARTS)
    done = sum(task.state is State.COMPLETE for task in tasks)
    ends = one_per_line([_end(number, task, bench) for number, task in enumerate(tasks, 1)])
    return f"All parts have ended; {done} of {len(tasks)} are complete.\n{data('how the parts ended', ends)}"


def _end(number: int, part: Task, bench: Bench) -> str:
    """In one line. What it handed over is laid into the workspace on the way: it is what the task goes on with."""
    folder = f"research/parts/{part.id}"
    try:
        files = [_laid(folder, artifact, bench) for artifact in bench.record.handed_over(part)]
        made = f"files: {', '.join(files)}" if files else "no files"
    except ToolFailed as error:
        made = f"its files could not be laid into {folder}: {error.what}"
    why = f" ({part.trouble})" if part.trouble else ""
    return f"{number}. {part.title}: {WORDS[part.state]}{why}; {made}"


def _laid(folder: str, artifact: Artifact, bench: Bench) -> str:
    path = f"{folder}/{artifact.path}"
    bench.workspace.write(path, bench.record.contents(artifact))
    return path


TOOLS = (ask_persona, delegate)
