"""The card of a task: the plan with its ticks, what shows that it is done, what it cost, and what can be pressed now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from agents.approvals.fingerprint import SHOWN
from agents.money import dollars
from agents.personas.persona import Persona
from agents.tasks.artifact import Artifact
from agents.tasks.lack import Lack
from agents.tasks.plan import Plan, Tick, Verdict
from agents.tasks.question import Question
from agents.tasks.task import STAGES, WORDS, State, Task, Wait
from agents.writing.length import clip
from bot.cards import (
    Block,
    Card,
    Check,
    Checks,
    Field,
    Fields,
    File,
    Picture,
    Progress,
    Text,
    Tone,
)
from bot.present.task_buttons import buttons, menu
from bot.present.words import count

S = State
TONES = {
    S.QUEUED: Tone.NEUTRAL,
    S.WORKING: Tone.BUSY,
    S.WAITING: Tone.WAITING,
    S.PAUSED: Tone.NEUTRAL,
    S.BLOCKED: Tone.BAD,
    S.COMPLETE: Tone.GOOD,
    S.FAILED: Tone.BAD,
    S.CANCELLED: Tone.NEUTRAL,
}
WAITS = {
    Wait.PLAN: "plan to approve",
    Wait.STEP: "step to approve",
    Wait.ANSWER: "question to answer",
    Wait.BUDGET: "budget used up",
    Wait.REVIEW: "result to accept",
    Wait.PARTS: "waiting for its parts",
}
"""What a waiting task waits for, as its badge says it."""
MARKS = {Tick.DONE: "✓", Tick.DOING: "▶", Tick.OPEN: "○"}
FILES, PICTURES, PARTS = 8, 2, 5
"""How many of each one card shows; the rest is a number, and behind a button."""
BRIEF = 400
"""Characters of the brief on the card; all of it is in the task's own page."""


@dataclass(frozen=True, slots=True)
class TaskView:
    """Everything that the card shows.

    spent: micro-dollars, with what is set aside.  seen: the fingerprint of what is asked about, "" while nothing is.
    decides: who decides on it, in words.  files: what was handed over.  steps: how many approvals of steps are waited for.
    """

    task: Task
    now: datetime
    requester: str
    persona: Persona | None = None
    plan: Plan | None = None
    verdicts: Sequence[Verdict] = ()
    files: Sequence[Artifact] = ()
    parts: Sequence[Task] = ()
    questions: Sequence[Question] = ()
    """Those that nobody answered yet."""
    steps: Sequence[str] = ()
    """Ids of actions that wait for a person."""
    lack: Lack | None = None
    """Of whose money it waits for, None while it does not, or nobody said."""
    spent: int = 0
    models: str = ""
    """Which ones work on it, "" before any was asked."""
    seen: str = ""
    decides: str = ""
    asked_for: str = ""
    """Name of the persona that was named, while nobody has it."""

    @property
    def button(self) -> str:
        """What a button of this card carries."""
        return self.seen[:SHOWN]


def card(view: TaskView) -> Card:
    """The same for every reader. It is Troupe's own, whoever works on the task: chats never change who said a message."""
    task, persona = view.task, view.persona
    return Card(
        title=f"{persona.name}: {task.title}" if persona else task.title,
        blocks=tuple(_blocks(view)),
        buttons=tuple(buttons(view)),
        menu=menu(view),
        badge=badge(task),
        tone=Tone.BUSY if task.waits_for is Wait.PARTS else TONES[task.state],
        subject=task.subject,
    )


def badge(task: Task) -> str:
    return WAITS.get(task.waits_for, WORDS[S.WAITING]) if task.state is S.WAITING else WORDS[task.state]


def _blocks(view: TaskView) -> list[Block]:
    task = view.task
    blocks: list[Block] = [*_brief(task), Text(stages(task))]
    if task.trouble:
        blocks.append(Text(task.trouble, "heading" if task.state in (S.BLOCKED, S.FAILED) else "muted"))
    if waiting := _waiting(view):
        blocks.append(Text(waiting))
    blocks += _plan(view)
    blocks += _criteria(view)
    if view.parts:
        blocks.append(Text("\n".join(_parts(view.parts))))
    blocks += _files(view)
    return [*blocks, Fields(tuple(_facts(view)))]


def _brief(task: Task) -> list[Block]:
    """Only what the title does not say already."""
    brief = " ".join(task.brief.split())
    same = brief.rstrip(".").lower() == task.title.rstrip(".").lower()
    return [] if same else [Text(clip(brief, BRIEF), "muted")]


def stages(task: Task) -> str:
    """ "✓ design → ▶ build → ○ test → ○ review"."""
    at = STAGES.index(task.stage)
    done = len(STAGES) if task.state is S.COMPLETE else at
    marks = [
        Tick.DONE if n < done else Tick.DOING if n == at and _begun(task) else Tick.OPEN
        for n in range(len(STAGES))
    ]
    return " → ".join(f"{MARKS[mark]} {stage.value}" for mark, stage in zip(marks, STAGES, strict=True))


def _begun(task: Task) -> bool:
    return task.state not in (S.QUEUED, S.COMPLETE)


def _waiting(view: TaskView) -> str:
    """What it waits for and for whom, in a sentence."""
    decides = f" {view.decides} decides." if view.decides else ""
    match view.task.state, view.task.waits_for:
        case S.QUEUED, _ if not view.task.trouble:
            whom = view.asked_for or "Nobody whose work this fits"
            return f"{whom} is not free. It begins by itself as soon as that changes."
        case S.WAITING, Wait.PLAN:
            return f"Nothing is built before this plan is approved.{decides}"
        case S.WAITING, Wait.STEP:
            return f"{count(len(view.steps), 'step')} beyond the workspace to be approved, on a card of its own.{decides}"
        case S.WAITING, Wait.ANSWER:
            return "\n".join(f"Asks: {question.text}" for question in view.questions)
        case S.WAITING, Wait.BUDGET:
            return _for_money(view)
        case S.WAITING, Wait.REVIEW:
            return f"Look at the files below: is this what was asked for?{decides}"
        case S.WAITING, Wait.PARTS:
            return "It goes on when its parts are done."
        case S.PAUSED, _:
            return "Nothing happens until somebody lets it go on."
    return ""


def _for_money(view: TaskView) -> str:
    """Whose is used up, what happens by itself and when, and what to press or type."""
    lack = view.lack
    if lack is None or lack.whose == view.task.subject:
        return "Its money is spent. What it has made so far is kept; raise the budget, and it goes on."
    whose, remedy = _whose(lack, view)
    month = " or when the next month begins (UTC)" if lack.comes_with_a_month else ""
    alone = "" if lack.comes_with_a_month or lack.whose.kind == "task" else TOO_LITTLE
    return f"{whose} What it has made so far is kept. It goes on by itself within a minute after {remedy}{month}.{alone}"


TOO_LITTLE = " A new month alone does not help: its next call may take more than the whole of that budget."


def _whose(lack: Lack, view: TaskView) -> tuple[str, str]:
    """What is used up, and after what there is more of it."""
    match lack.whose.kind:
        case "task":
            return (
                "The money of the task that it is a part of does not suffice.",
                "that one's budget is raised: Show the whole, then Raise budget… there",
            )
        case "persona":
            handle = f"@{view.persona.handle}" if view.persona else "its persona"
            return (
                f"The money of {handle} for this month does not suffice.",
                f"/persona edit {handle} raises that budget",
            )
    return (
        "The team's money for this month does not suffice.",
        "Troupe is started again with a higher TEAM_MONTHLY_BUDGET_USD",
    )


def _plan(view: TaskView) -> list[Block]:
    """The steps; with all that is approved where it is to be approved, and that is never cut."""
    plan, deciding = view.plan, view.task.waits_for is Wait.PLAN
    if plan is None:
        return [Progress("Reading the task and writing a plan")] if view.task.state is S.WORKING else []
    outline = plan.outline
    blocks: list[Block] = [Text(outline.approach, "quote", whole=True)] if deciding else []
    blocks.append(Progress("Steps", plan.done, len(plan.ticks)))
    lines = [
        f"{MARKS[tick]} {n}. {step.title}{_with(step.tools) if deciding else ''}"
        for n, (tick, step) in enumerate(zip(plan.ticks, outline.steps, strict=True), 1)
    ]
    blocks.append(Text("\n".join(lines), whole=deciding))
    if deciding:
        blocks += [Text(text, whole=True) for text in _promises(plan)]
    return blocks


def _with(tools: Sequence[str]) -> str:
    return f" ({', '.join(tools)})" if tools else ""


def _promises(plan: Plan) -> list[str]:
    outline = plan.outline
    files = [f"Files: {', '.join(outline.files)}"] if outline.files else []
    return [*files, *([f"Risks: {'; '.join(outline.risks)}"] if outline.risks else [])]


def _criteria(view: TaskView) -> list[Block]:
    """Each with its answer; those of the task until there is a plan."""
    criteria = view.plan.outline.criteria if view.plan else view.task.criteria
    answered = {verdict.number: verdict for verdict in view.verdicts}
    if not criteria:
        return []
    items = [_criterion(text, answered.get(n)) for n, text in enumerate(criteria, 1)]
    return [Text("Done when", "heading"), Checks(tuple(items))]


def _criterion(text: str, verdict: Verdict | None) -> Check:
    if verdict is None:
        return Check(text, "pending")
    return Check(text, "passed" if verdict.met else "failed", verdict.evidence)


def _parts(parts: Sequence[Task]) -> list[str]:
    lines = [f"{MARKS[_ticked(part)]} {part.title} — {badge(part)}" for part in parts[:PARTS]]
    return ["Its parts", *lines, *([f"and {len(parts) - PARTS} more"] if len(parts) > PARTS else [])]


def _ticked(part: Task) -> Tick:
    if part.state is S.COMPLETE:
        return Tick.DONE
    return Tick.DOING if part.is_open and part.state is not S.QUEUED else Tick.OPEN


def _files(view: TaskView) -> list[Block]:
    """Whole, with their pictures, where somebody takes them; before that only that they are there."""
    if not view.files:
        return []
    if view.task.is_open and view.task.waits_for is not Wait.REVIEW:
        return [Text(f"{count(len(view.files), 'file')} so far: Show files in the menu has them.", "muted")]
    return [Text("Files", "heading"), *files(view.files), *pictures(view.files)]


def pictures(found: Sequence[Artifact]) -> list[Block]:
    seen = [one for one in found if one.preview][:PICTURES]
    return [Picture(one.preview, f"What {one.path} looks like", one.path, goes_out=False) for one in seen]


def files(found: Sequence[Artifact]) -> list[Block]:
    """All are named, because somebody accepts them all; the first ones can be fetched right here."""
    rest = [f"{one.path}, {one.size:,} bytes" for one in found[FILES:]]
    more = [Text("\n".join(["Also, behind Show files:", *rest]), whole=True)] if rest else []
    return [*(File(one.id, one.path, one.size) for one in found[:FILES]), *more]


def _facts(view: TaskView) -> list[Field]:
    task = view.task
    facts = [Field("Persona", f"{view.persona.name} (@{view.persona.handle})")] if view.persona else []
    facts.append(Field("Asked for by", view.requester))
    if task.budget or view.spent:
        facts.append(Field("Money", f"{dollars(view.spent)} of {dollars(task.budget)}"))
    if view.models:
        facts.append(Field("Model", view.models))
    facts.append(Field("Complexity", f"{task.complexity} of 10{', estimated' if task.estimated else ''}"))
    if task.priority != 5:
        facts.append(Field("Priority", f"{task.priority} of 10"))
    if task.formats:
        facts.append(Field("Wanted as", ", ".join(task.formats)))
    if task.deadline:
        late = task.is_open and task.deadline <= view.now
        facts.append(Field("Was due" if late else "Due", task.deadline))
    if task.finished_at:
        facts.append(Field("Finished", task.finished_at))
    return [*facts, Field("Task", task.id)]
