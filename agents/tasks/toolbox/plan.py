"""Tools of the plan: what is meant to be done, what is done, what shows it. Every persona has them."""

from __future__ import annotations

import shlex
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, ValidationError

from agents.tasks.family import Family
from agents.tasks.plan import Check, Outline, Tick, Verdict
from agents.tasks.task import Stage, Wait
from agents.tasks.toolbox.base import Arguments, mistakes, tool
from agents.tasks.toolbox.fenced import data, shorten, visible
from agents.tasks.toolbox.paths import FolderPath, OutputPath
from agents.tasks.toolbox.terminal import Argv, Seconds, told
from agents.tasks.tools import Bench, Risk, ToolFailed, Waits

CHECK_KEPT = 4_000
"""Characters of a check's output that are kept with the task."""
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]


class PlannedStep(Arguments):
    title: Line = Field(description="What is done in this step, as one sentence.")
    tools: tuple[str, ...] = Field((), max_length=20, description="Names of the tools that it needs.")


class WritePlan(Arguments):
    approach: str = Field(
        min_length=1, max_length=3_000, description="How you will go about it, and why so; plain text."
    )
    steps: tuple[PlannedStep, ...] = Field(min_length=1, max_length=20, description="In the order of work.")
    files: tuple[OutputPath, ...] = Field(
        (), max_length=20, description="Every file that will be handed over, like output/report.pdf."
    )
    criteria: tuple[Line, ...] = Field(
        (),
        max_length=20,
        description="How anybody can tell that it is done. Only where the task names no acceptance criteria; "
        "otherwise those of the task count, and these are left aside.",
    )
    risks: tuple[Line, ...] = Field((), max_length=10, description="What could go wrong or is not known.")


@tool(Family.PLAN, Risk.WRITE, (Stage.DESIGN,))
def write_plan(given: WritePlan, bench: Bench) -> str:
    """Writes the plan of this task; a later call replaces it. People read it, and may have to approve it before you build."""
    criteria = bench.task.criteria or given.criteria
    if not criteria:
        raise ToolFailed(
            "The task names no acceptance criteria and the plan has none, so no plan was written.",
            remedy="Give criteria: one to twenty sentences by which anybody can tell that it is done.",
        )
    try:
        outline = Outline.model_validate({**given.model_dump(), "criteria": criteria})
    except ValidationError as error:
        raise ToolFailed(f"The plan was not written: {mistakes(error)}.", remedy="Call it again.") from None
    plan = bench.record.plan(outline)
    listed = "\n".join(f"{number}. {text}" for number, text in enumerate(plan.outline.criteria, 1))
    return (
        f"Plan {plan.number} is written: {len(outline.steps)} steps. It is done when these criteria are met.\n"
        f"{data('acceptance criteria', listed)}"
    )


class TickStep(Arguments):
    step: int = Field(ge=1, le=20, description="Number of the step in the plan, from 1.")
    state: Literal["doing", "done"] = Field(
        "done", description='"doing" when you begin it, "done" when it is finished.'
    )


@tool(Family.PLAN, Risk.WRITE, (Stage.BUILD, Stage.TEST, Stage.REVIEW))
def tick(given: TickStep, bench: Bench) -> str:
    """Shows people where you are: marks a step of the plan as begun or finished. Mark each one as you go."""
    plan = bench.record.tick(given.step, Tick(given.state))
    left = [str(number) for number, state in enumerate(plan.ticks, 1) if state is not Tick.DONE]
    rest = f"Not finished: {', '.join(left)}." if left else "All steps are finished."
    return f"Step {given.step} is marked {given.state}. {rest}"


class RunCheck(Arguments):
    command: Argv
    folder: FolderPath = Field("", description='Where to run it, "" for the top of the workspace.')
    timeout_s: Seconds = 60


@tool(Family.PLAN, Risk.WRITE, (Stage.BUILD, Stage.TEST))
def run_check(given: RunCheck, bench: Bench) -> str:
    """Runs a command that shows whether the work is right, and keeps command, exit code and output as proof for people. Exit
    code 0 means that it passed. Use commands that can fail: tests, a script that opens the file and compares what is in it."""
    ran = bench.workspace.run(given.command, folder=given.folder, timeout_s=given.timeout_s)
    passed = ran.exit == 0 and not ran.stopped
    kept = shorten(visible(ran.output), CHECK_KEPT)
    exit = 0 if passed else ran.exit or -1  # stopped is not passed, whatever it had said
    bench.record.check(Check(shlex.join(given.command), exit, kept, bench.now))
    word = "passed" if passed else "did not pass"
    return f"The check {word}, and is kept. {told(given.command[0], ran, bench)}"


class AnswerCriterion(Arguments):
    number: int = Field(ge=1, le=20, description="Number of the acceptance criterion, from 1.")
    met: bool = Field(
        description="Whether the result meets it. Say false where it does not: nothing is gained otherwise."
    )
    evidence: str = Field(
        min_length=1,
        max_length=1_000,
        description="What shows it: the file and place, the check that ran, the source.",
    )


@tool(Family.PLAN, Risk.WRITE, (Stage.TEST, Stage.REVIEW))
def answer_criterion(given: AnswerCriterion, bench: Bench) -> str:
    """Answers one acceptance criterion of the plan, with what shows it. Every one must be answered; the last answer counts."""
    bench.record.verdict(Verdict(given.number, given.met, given.evidence))
    return f"Criterion {given.number} is answered: {'met' if given.met else 'not met'}."


class AskPerson(Arguments):
    question: str = Field(
        min_length=1,
        max_length=1_000,
        description="One question that can be understood without knowing your work.",
    )
    options: tuple[Annotated[str, Field(min_length=1, max_length=75)], ...] = Field(
        (),
        max_length=5,
        description="Answers to choose from, at most 5; none for an answer in their own words.",
    )


@tool(Family.PLAN, Risk.WRITE)
def ask_person(given: AskPerson, bench: Bench) -> str:
    """Asks the people of this task, and waits until one of them answers: minutes or days. Ask only what you cannot find
    out and what changes the result; decide the rest, and say so."""
    question = bench.record.ask(bench.call_id, given.question, given.options)
    if question.answered_at is None:
        raise Waits(Wait.ANSWER)
    return data(f"answer of {question.answered_by}, a person of this team", question.answer)


class Say(Arguments):
    text: str = Field(min_length=1, max_length=2_000, description="Plain text, short.")


@tool(Family.PLAN, Risk.WRITE)
def say(given: Say, bench: Bench) -> str:
    """Says something in the task's thread, for people to read. For what they must know now: a finding, a change of plan. Ticks,
    checks and files are shown to them anyway; nobody answers it (ask_person does)."""
    bench.record.say(given.text)
    return "Said."


TOOLS = (write_plan, tick, run_check, answer_criterion, ask_person, say)
