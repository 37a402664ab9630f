"""What a stage must show before it ends: rules on values. Each sentence tells whoever works on the task what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from agents.tasks.plan import Check, Outline, Plan, Tick, Verdict
from agents.tasks.task import Stage, Task
from agents.tasks.tools import Entry

OUTPUT = "output"
"""The folder of what is handed over."""


def lacking(
    task: Task,
    plan: Plan | None,
    files: Sequence[Entry],
    checks: Sequence[Check],
    verdicts: Sequence[Verdict],
) -> tuple[str, ...]:
    """files: everything in the workspace.  checks: of the present round.  () if the stage may end."""
    if plan is None:
        return ("There is no plan yet: write one with write_plan.",)
    match task.stage:
        case Stage.DESIGN:
            return _plan(task, plan.outline)
        case Stage.BUILD:
            return _files(task, plan, files) + _steps(plan)
        case Stage.TEST:
            return _files(task, plan, files) + _checks(checks) + _criteria(plan, verdicts)
        case Stage.REVIEW:
            return _files(task, plan, files) + _criteria(plan, verdicts)


def below_output(path: str) -> str:
    """A plan's path as the workspace knows it: "report.pdf" is "output/report.pdf"."""
    plain = str(PurePosixPath(path.strip().removeprefix("./").lstrip("/")))
    return plain if plain.startswith(f"{OUTPUT}/") else f"{OUTPUT}/{plain}"


def _plan(task: Task, outline: Outline) -> tuple[str, ...]:
    endings = {_ending(path) for path in outline.files}
    missing = [ending for ending in task.formats if ending not in endings]
    found = [f"The plan names no file that ends with .{ending}, which was asked for." for ending in missing]
    if not outline.files:
        found.append("The plan names no file below output/: say which there will be in the end.")
    return tuple(found)


def _files(task: Task, plan: Plan, files: Sequence[Entry]) -> tuple[str, ...]:
    sizes = {entry.path: entry.size for entry in files if not entry.is_folder}
    found = []
    for path in map(below_output, plan.outline.files):
        if path not in sizes:
            found.append(f"{path} is in the plan, but there is no such file.")
        elif not sizes[path]:
            found.append(f"{path} is empty.")
    made = [path for path, size in sizes.items() if path.startswith(f"{OUTPUT}/") and size]
    endings = {_ending(path) for path in made}
    found += [f"There is no .{one} file below output/." for one in task.formats if one not in endings]
    if not made:
        found.append("There is no file below output/ to hand over.")
    return tuple(dict.fromkeys(found))


def _steps(plan: Plan) -> tuple[str, ...]:
    return tuple(
        f"Step {number} is not done: {step.title}"
        for number, (step, tick) in enumerate(zip(plan.outline.steps, plan.ticks, strict=True), 1)
        if tick is not Tick.DONE
    )


def _checks(checks: Sequence[Check]) -> tuple[str, ...]:
    """The last run of each command counts."""
    if not checks:
        return ("No check ran: run at least one with run_check.",)
    last = {check.command: check for check in checks}
    return tuple(
        f"The check `{check.command}` failed with {check.exit}." for check in last.values() if check.exit != 0
    )


def _criteria(plan: Plan, verdicts: Sequence[Verdict]) -> tuple[str, ...]:
    answered = {verdict.number: verdict for verdict in verdicts}
    found = []
    for number, criterion in enumerate(plan.outline.criteria, 1):
        if number not in answered:
            found.append(f"Criterion {number} is not answered: {criterion}")
        elif not answered[number].met:
            found.append(f"Criterion {number} is not met: {criterion}")
    return tuple(found)


def _ending(path: str) -> str:
    return PurePosixPath(path).suffix.lstrip(".").lower()
