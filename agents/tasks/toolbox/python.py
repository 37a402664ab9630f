"""The tool that runs Python."""

from __future__ import annotations

from contextlib import suppress
from hashlib import sha256

from pydantic import Field

from agents.tasks.family import Family
from agents.tasks.toolbox.base import MAKING, Arguments, tool
from agents.tasks.toolbox.terminal import Seconds, told
from agents.tasks.tools import Bench, Risk, ToolFailed


class RunPython(Arguments):
    code: str = Field(
        min_length=1,
        max_length=50_000,
        description="A whole program: print what you want to know. It runs at the top of the workspace.",
    )
    timeout_s: Seconds = 60


@tool(Family.PYTHON, Risk.WRITE, MAKING)
def run_python(given: RunPython, bench: Bench) -> str:
    """Runs Python code once in the workspace, with the task's own packages, and returns its exit code and output. There is no
    network. Nothing of it stays but the files it writes: keep code that is part of the work with write_file."""
    # A file of its own, not -c: tracebacks then show the lines, and the top of the workspace can be imported from.
    script = f".run-{sha256(bench.call_id.encode()).hexdigest()[:8]}.py"
    bench.workspace.write(script, given.code.encode())
    try:
        ran = bench.workspace.run(["python", script], timeout_s=given.timeout_s)
    finally:
        with suppress(ToolFailed):  # it may have removed itself
            bench.workspace.delete(script)
    return told("Python", ran, bench)


TOOLS = (run_python,)
