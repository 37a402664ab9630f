"""The plan that the rehearsal worker writes: a step for each file that the brief wants, one that checks them all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from integrations.llm.rehearsal import worker_code as code
from integrations.llm.rehearsal.worker_files import paths
from integrations.llm.rehearsal.worker_job import Call, Job, Step
from integrations.llm.rehearsal.worker_text import number, total_of
from integrations.llm.rehearsal.worker_wants import Wants

SENTENCE = 300
"""Characters of a step, a criterion or a risk (agents/tasks/plan.py)."""
DOES = {"csv": ("Compute", "run_python"), "pdf": ("Set", "make_report"), "zip": ("Pack", "run_python")}
EVERY_FILE = "Every file of the plan is in output/ and can be read"
SEARCH = "Look on the web, where it can be reached, for what the request names"
CHECK = f"Write {code.CHECK}, which looks at every file, and run it"
LEAVES = {
    "send_email": "Send it by e-mail to {to}",
    "github_push": "Push it to {repo}",
    "github_issue": "Open an issue in {repo}",
    "install_packages": "Install {packages}",
}


def outline(job: Job, wants: Wants) -> dict[str, Any]:
    """Arguments of `write_plan`."""
    return {
        "approach": approach(job, wants)[:3_000],
        "steps": [{"title": step.title[:SENTENCE], "tools": list(step.tools)} for step in steps(job, wants)],
        "files": list(paths(wants)),
        "criteria": [text[:SENTENCE] for text in job.criteria or tuple(own_criteria(wants))],
        "risks": [text[:SENTENCE] for text in risks(job, wants)],
    }


def approach(job: Job, wants: Wants) -> str:
    how = "a small module with its test" if wants.is_code else "a document out of the words of the request"
    more = [f"Compare {', '.join(wants.items)}."] if wants.items and wants.aspects else []
    if wants.figures:
        more.append(f"Compute with the {len(wants.figures)} figures that it gives.")
    if job.said:
        more.append(f"Said about it: “{job.said[-1][:500]}”.")
    return " ".join((f"{job.title or 'The task'}: {how}, checked by a program.", *more))


def steps(job: Job, wants: Wants) -> Iterator[Step]:
    """Only what its tools can do."""
    leaves = wants.leaves if wants.leaves and can_leave(job, wants.leaves) else None
    if leaves and leaves.tool == "install_packages":
        yield leaving(leaves)
    if wants.is_research and job.has("search_web"):
        yield Step(SEARCH, tools=("search_web",))
    for path in paths(wants):
        verb, tool = DOES.get(path.rpartition(".")[2], ("Write", "write_file"))
        yield Step(f"{verb} {path}", tools=(tool,))
    yield Step(CHECK, tools=("write_file", "run_check"))
    if leaves and leaves.tool != "install_packages":
        yield leaving(leaves)


def can_leave(job: Job, call: Call) -> bool:
    """What is offered while it plans is offered later; packages are installed only later, by whoever may run commands."""
    return job.has(call.tool) or (call.tool == "install_packages" and job.has("run_command"))


def leaving(call: Call) -> Step:
    given = {
        name: ", ".join(value) if isinstance(value, list) else value for name, value in call.arguments.items()
    }
    return Step(LEAVES[call.tool].format(**given), tools=(call.tool,))


def own_criteria(wants: Wants) -> Iterator[str]:
    yield EVERY_FILE
    if wants.items:
        yield f"Everything that the request names is in it: {', '.join(wants.items)}"
    if wants.figures:
        yield f"The figures add up to {number(total_of(wants.figures))}, as {code.CHECK} finds"
    yield f"{code.CHECK} ends without an error"


def risks(job: Job, wants: Wants) -> Iterator[str]:
    yield "The rehearsal model knows nothing beyond the request: what is not in it stays open, and says so."
    if wants.leaves and not can_leave(job, wants.leaves):
        yield f"“{leaving(wants.leaves).title}”: I have no tool for that, so somebody else has to."
    for ending in wants.cannot[:8]:
        yield f"A {ending} file was asked for, and I cannot make one."
