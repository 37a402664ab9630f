"""README.md of a workspace: what the task is, and how far it is."""

from __future__ import annotations

from collections.abc import Iterator

from agents.tasks.plan import Plan, Tick
from agents.tasks.task import STAGES, WORDS, Task

NAME = "README.md"
MARKS = {Tick.OPEN: "[ ]", Tick.DOING: "[~]", Tick.DONE: "[x]"}


def written(task: Task, plan: Plan | None) -> str:
    return "\n".join(_lines(task, plan)) + "\n"


def _lines(task: Task, plan: Plan | None) -> Iterator[str]:
    at = STAGES.index(task.stage) + 1
    yield from (f"# {task.title}", "", task.brief, "")
    yield f"**Where it stands:** {task.stage.value} (stage {at} of {len(STAGES)}), {WORDS[task.state]}."
    if task.formats:
        yield f"**Wanted as:** {', '.join(task.formats)}"
    if task.deadline:
        yield f"**Wanted by:** {task.deadline:%Y-%m-%d %H:%M} UTC"
    criteria = plan.outline.criteria if plan else task.criteria
    if criteria:
        yield from ("", "## Done when", "", *(f"{n}. {said}" for n, said in enumerate(criteria, 1)))
    if plan:
        yield from ("", f"## Plan ({plan.done} of {len(plan.ticks)} done)", "", plan.outline.approach, "")
        steps = zip(plan.outline.steps, plan.ticks, strict=True)
        yield from (f"- {MARKS[tick]} {n}. {step.title}" for n, (step, tick) in enumerate(steps, 1))
        if plan.outline.files:
            yield from ("", "## Files there will be", "", *(f"- {file}" for file in plan.outline.files))
    yield from ("", "## Folders", "", "- `src/` what it is made from", "- `output/` what is handed over")
    yield from (
        "- `research/` what was found out, and where",
        "- `shared/` one folder for this task and all its parts",
    )
