"""How a tool is made: a function, a Pydantic model of its arguments, and the words that a language model reads about them.

The function's docstring is what the model is told the tool does, and the descriptions of the fields what it is to fill in.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, get_type_hints

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from agents.tasks.family import Family
from agents.tasks.task import STAGES, Stage
from agents.tasks.tools import Bench, Risk, ToolFailed, Wish

ALWAYS = STAGES
UNKEPT = re.compile("[\0\ud800-\udfff]")
MAKING = (Stage.DESIGN, Stage.BUILD, Stage.TEST)
"""Stages in which the workspace changes: what is reviewed stays as it was tested."""

Given = TypeVar("Given", bound=BaseModel)


class Arguments(BaseModel):
    """Text is taken as it is, white space included: it may be a file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @field_validator("*")
    @classmethod
    def _can_be_kept(cls, value: Any) -> Any:
        """JSON can say what no file name, argument or database takes."""
        for text in value if isinstance(value, tuple) else (value,):
            if isinstance(text, str) and UNKEPT.search(text):
                raise ValueError("holds a NUL or half a character")
        return value


@dataclass(frozen=True, slots=True)
class InsideTool:
    """Reads, or changes nothing but the workspace and the task's own notes."""

    name: str
    summary: str
    family: Family
    risk: Risk
    arguments: type[BaseModel]
    stages: frozenset[Stage]
    run: Callable[[Any, Bench], str]
    needs: str = ""


@dataclass(frozen=True)
class AskingTool(InsideTool):
    """Reads; some of what it is given a person sees first."""

    asks: Callable[[Any, Bench], Wish | None] = lambda given, bench: None


@dataclass(frozen=True, slots=True)
class LeavingTool:
    """Leaves the workspace, in three calls: what a person sees, the deed, and the look for what a broken-off one left."""

    name: str
    summary: str
    family: Family
    arguments: type[BaseModel]
    stages: frozenset[Stage]
    wish: Callable[[Any, Bench], Wish]
    act: Callable[[Any, Bench, str], str]
    find: Callable[[Any, Bench, str], str | None]
    needs: str = ""
    risk: Risk = Risk.LEAVES

    def run(self, given: Any, bench: Bench) -> str:
        raise ToolFailed(f"{self.name} runs only after a person has approved it; nothing happened.")


def tool(
    family: Family,
    risk: Risk,
    stages: tuple[Stage, ...] = ALWAYS,
    *,
    needs: str = "",
    asks: Callable[[Any, Bench], Wish | None] | None = None,
) -> Callable[[Callable[[Given, Bench], str]], InsideTool]:
    """Makes a tool of a function `name(given: Model, bench: Bench) -> str`.  needs: the adapter it cannot do without.

    asks: what a person has to approve first, None for what just runs.
    """

    def made(function: Callable[[Given, Bench], str]) -> InsideTool:
        name, arguments = function.__name__, get_type_hints(function)["given"]
        what = (name, summary(function), family, risk, arguments, frozenset(stages), function, needs)
        return AskingTool(*what, asks) if asks else InsideTool(*what)

    return made


def summary(function: Callable[..., Any]) -> str:
    """Its docstring as one paragraph. Raises ValueError without one: a model cannot guess what a tool does."""
    words = " ".join((function.__doc__ or "").split())
    if not words:
        raise ValueError(f"{function.__name__} has no docstring")
    return words


def mistakes(error: ValidationError) -> str:
    """What is wrong with a model's words, each mistake with its place: "steps[0].title is missing"; at most ten."""
    return "; ".join(_mistake(one) for one in error.errors(include_url=False)[:10])


def _mistake(error: Any) -> str:
    """error: as Pydantic tells it."""
    where = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error["loc"]).lstrip(".")
    words = {
        "missing": "is missing",
        "extra_forbidden": "is no argument of it",
        "tuple_type": 'must be a list, like ["a", "b"]',
        "value_error": str(error.get("ctx", {}).get("error", "")),
    }
    what = words.get(error["type"]) or error["msg"][:1].lower() + error["msg"][1:]
    return f"{where or 'the whole'} {what}"


def adapter(name: str, bench: Bench) -> Any:
    """What this installation reaches the outside with. Raises ToolFailed where it has none."""
    found = bench.outside.get(name)
    if found is None:
        raise ToolFailed(f"This installation has no {name}.", remedy="Do it another way, or ask_person.")
    return found
