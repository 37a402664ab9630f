"""What the rehearsal worker is told: its job, as the prompt gives it, and the words that its scripts are written in."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import regex

from agents.tasks.toolbox.fenced import HIDDEN

OPENS = regex.compile(r"# The task: .*\n")
STEP = regex.compile(r"(?m)^\d+\. \[([ ~x])\] (.+)$")
TICKS = {" ": "open", "~": "doing", "x": "done"}
SAID = regex.compile(r"Said about it: “([^”]+)”")
"""Where a plan of ours keeps what people said while it was made."""
FENCE = regex.compile(r"(?s)<<<(?P<mark>[0-9a-f]{16}) [^\n]*\n(?P<text>.*)\n(?P=mark)>>>")


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the plan, as it stands now.  tick: open, doing or done.  tools: not told later on."""

    title: str
    tick: str = "open"
    tools: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Job:
    """One stage of one task.  stage: design, build, test or review.  tools: names of those that it may call.

    criteria: of the plan.  asked: those of the task itself.
    said: what people said about it so far, oldest first: answers and feedback.  steps, files: of the plan, () before there is one.
    """

    title: str
    brief: str
    stage: str
    tools: frozenset[str]
    criteria: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    files: tuple[str, ...] = ()

    def has(self, tool: str) -> bool:
        return tool in self.tools


@dataclass(frozen=True, slots=True)
class Call:
    tool: str
    arguments: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The same for the same call."""
        return json.dumps([self.tool, self.arguments], sort_keys=True, ensure_ascii=False, default=str)


@dataclass(frozen=True, slots=True)
class Told:
    """What a tool answered.  failed: it did not do it, or was refused."""

    text: str
    failed: bool = False

    @property
    def data(self) -> str:
        """What stands in its fence; all of it where there is none."""
        found = FENCE.search(self.text)
        return str(found["text"]) if found else self.text


Script = Generator[Call, Told, str]
"""Yields what to call, is sent what came of it, returns its last words."""


def read_job(texts: Sequence[str], tools: frozenset[str]) -> Job:
    """From the first of the texts that opens a stage (agents/tasks/prompts.py); else the first text is the brief.

    Never fails: what is not there is taken as unsaid, and what nobody sees is left out.
    """
    texts = [HIDDEN.sub("", text) for text in texts]
    opening = next((text for text in texts if OPENS.match(text)), "")
    if not opening:
        brief = texts[0].strip() if texts else ""
        return Job(brief.split("\n")[0][:100], brief, _stage(tools), tools)
    rest, changes = _cut(opening, "\n# What people asked to change, oldest first; all of it counts\n")
    rest, _ = _cut(rest.rpartition("\nNow do the stage ")[0] or rest, "\n# In the workspace\n")
    rest, plan = _cut(rest, "\n# Your plan\n")
    rest, _ = _cut(rest, "\nDue by ")
    rest, formats = _cut(rest, "\nWanted as: ")
    rest, asked = _cut(rest, "\n# It is done when\n")
    title, _, brief = rest.partition("\n")
    plan, criteria = _cut(plan, "\nAcceptance criteria:\n")
    plan, files = _cut(plan, "\nFiles: ")
    stage = opening.rpartition("\nNow do the stage ")[2].strip(" .\n")
    return Job(
        title=title.removeprefix("# The task: ").strip(),
        brief=brief.strip(),
        stage=stage if stage in ("design", "build", "test", "review") else _stage(tools),
        tools=tools,
        criteria=tuple(_numbered(criteria)) or tuple(_numbered(asked)),
        asked=tuple(_numbered(asked)),
        formats=tuple(filter(None, formats.split("\n")[0].rstrip(".").split(", "))),
        said=(*(words for words in SAID.findall(plan) if words not in changes), *_numbered(changes)),
        steps=tuple(Step(title, TICKS[mark]) for mark, title in STEP.findall(plan)),
        files=tuple(filter(None, files.split("\n")[0].split(", "))),
    )


def _cut(text: str, heading: str) -> tuple[str, str]:
    """What stands before the heading and after it; the whole, and nothing, without it."""
    before, found, after = text.rpartition(heading)
    return (before, after) if found else (text, "")


def _numbered(text: str) -> list[str]:
    return regex.findall(r"(?m)^\d+\. (.+)$", text)


def _stage(tools: frozenset[str]) -> str:
    """By what can be called in it."""
    if "write_plan" in tools:
        return "design"
    if "tick" in tools and "answer_criterion" not in tools:
        return "build"
    return "test" if "run_check" in tools else "review"
