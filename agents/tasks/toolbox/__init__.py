"""What a persona works with. Each module offers its tools as `TOOLS`; one that lacks them stops the start."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from agents.tasks.toolbox import email, files, github, notes, people, plan, python, report, terminal, web
from agents.tasks.tools import Tool, Toolbox, ToolFailed

MODULES: tuple[Sequence[Tool], ...] = (
    plan.TOOLS,
    files.TOOLS,
    terminal.TOOLS,
    python.TOOLS,
    web.TOOLS,
    github.TOOLS,
    report.TOOLS,
    email.TOOLS,
    notes.TOOLS,
    people.TOOLS,
)


class Box:
    """Raises ValueError if two tools have one name."""

    def __init__(self, tools: Sequence[Tool]) -> None:
        self._tools = {tool.name: tool for tool in tools}
        if len(self._tools) != len(tools):
            raise ValueError("two tools have the same name")

    def __iter__(self) -> Iterator[Tool]:
        return iter(self._tools.values())

    def get(self, name: str) -> Tool:
        """Raises ToolFailed."""
        try:
            return self._tools[name]
        except KeyError:
            near = get_close_matches(name, self._tools, n=1)
            remedy = f"Did you mean {near[0]}?" if near else "Use one of the tools you were given."
            raise ToolFailed(f"There is no tool called {name[:100]}.", remedy=remedy) from None


def toolbox() -> Toolbox:
    """Every tool that there is."""
    return Box([tool for tools in MODULES for tool in tools])
