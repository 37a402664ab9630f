"""Cards about several tasks, or about one side of one: lists, its steps, its files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from agents.approvals.approval import Approval, ApprovalState
from agents.approvals.ask import may_decide
from agents.people import Person, Role
from agents.tasks.action import Action, ActionState
from agents.tasks.asking import ARCHIVE, deliverables
from agents.tasks.task import OPEN, State, Task, Wait
from agents.writing.length import clip
from bot.cards import Block, Button, Card, Checks, File, Text, Tone, action
from bot.cards import Check as Row
from bot.present import action as action_card
from bot.present.task import badge, pictures
from bot.present.task_buttons import opens
from bot.present.task_view import ASKING, persona_of
from bot.present.words import count
from storage.unit_of_work import UnitOfWork

LISTED, BUTTONS = 15, 5
"""Tasks of one list, and how many of them have a button of their own."""
OUTPUT = 600
"""Characters of a check's output: its end says how it ended."""
FILES = 20


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something about a task that one person can deal with.  shows: the action of the button that opens it."""

    task: Task
    what: str
    shows: str


def waiting_for(person: Person, work: UnitOfWork) -> list[Waiting]:
    """Most urgent first: plans, steps and results that this person may decide on, questions, budgets.

    A few queries, however many tasks wait.
    """
    tasks = work.tasks.in_states([State.WAITING])
    kinds = {task.waits_for for task in tasks}
    steps = work.actions.in_states(ASKING) if Wait.STEP in kinds else []
    questions = work.questions.unanswered() if Wait.ANSWER in kinds else []
    approvals = work.approvals.many(
        [*(task.approval_id for task in tasks), *(step.approval_id for step in steps)]
    )
    editor = person.role.covers(Role.EDITOR)

    def decides(approval_id: str) -> bool:
        return counts(approvals.get(approval_id), person, work)

    def of(task: Task) -> Iterator[Waiting]:
        whole = Waiting(task, badge(task), action("task.show", task.id))
        match task.waits_for:
            case Wait.PLAN | Wait.REVIEW if decides(task.approval_id):
                yield whole
            case Wait.BUDGET if editor:
                yield whole
            case Wait.STEP:
                for step in steps:
                    doubt = step.state is ActionState.UNKNOWN and editor
                    if step.task_id == task.id and (doubt or decides(step.approval_id)):
                        yield Waiting(task, step.title, action("action.show", step.id))
            case Wait.ANSWER if editor:
                for one in questions:
                    if one.task_id == task.id:
                        yield Waiting(task, f"asks: {one.text}", action("question.show", one.id))

    return [one for task in tasks for one in of(task)]


def counts(approval: Approval | None, person: Person, work: UnitOfWork) -> bool:
    """Whether this person's approval would count now, and is not there yet."""
    if approval is None or approval.state is not ApprovalState.PENDING or approval.expires_at <= work.now:
        return False
    there = person.id in {decision.person_id for decision in approval.decisions}
    return not there and may_decide(approval, person, work)


def listing(reader: Person, work: UnitOfWork, states: Iterable[State] = OPEN) -> Card:
    """What waits for the reader first, then everything in these states, the most urgent first."""
    mine = {one.task.id: one for one in reversed(waiting_for(reader, work))}
    found = work.tasks.in_states(states)
    ordered = sorted(found, key=lambda task: task.id not in mine)
    if not found:
        hint = "/task new says what is to be done; a persona plans it, does it, and hands over files."
        return Card("Nothing is under way", (Text(hint),), _new(reader), tone=Tone.GOOD)
    lines = [f"{n}. {line(task, work)}{_for_you(task, mine)}" for n, task in enumerate(ordered[:LISTED], 1)]
    lines += [f"And {len(found) - LISTED} more."] if len(found) > LISTED else []
    shown = [opens(task, f"Show {n}") for n, task in enumerate(ordered[:BUTTONS], 1)]
    title = f"{count(len(found), 'task')}" + (f", {len(mine)} waiting for you" if mine else "")
    tone = Tone.WAITING if mine else Tone.BUSY
    return Card(title, (Text("\n".join(lines)),), (*shown, *_new(reader)), tone=tone)


def _for_you(task: Task, mine: dict[str, Waiting]) -> str:
    return " ← you" if task.id in mine else ""


def _new(reader: Person) -> tuple[Button, ...]:
    return (Button("New task…", action("task.new", "blank")),) if reader.role.covers(Role.EDITOR) else ()


def line(task: Task, work: UnitOfWork) -> str:
    """ "Steve: compare three queue libraries, in build, being worked on (k3mq9)"."""
    persona = persona_of(task.persona_id, work)
    who = f"{persona.name}: " if persona else ""
    stage = f", in {task.stage.value}" if task.state is State.WORKING else ""
    late = ", late" if task.is_open and task.deadline and task.deadline <= work.now else ""
    return f"{who}{task.title}{stage}, {badge(task)}{late} ({task.id[:5]})"


def steps(task: Task, work: UnitOfWork) -> Card:
    """Everything that it wanted to do beyond its workspace, and the checks that ran."""
    asked = work.actions.of_task(task.id)
    ran = work.tasks.checks(task)
    blocks: list[Block] = []
    if asked:
        blocks += [Text("Beyond its workspace", "heading"), Checks(tuple(map(_step, asked)))]
    if ran:
        blocks += [
            Text("Checks of this round", "heading"),
            Checks(
                tuple(Row(one.command, "failed" if one.exit else "passed", _ended(one.exit)) for one in ran)
            ),
        ]
        if last := ran[-1].output.strip():
            blocks += [Text("The last one said", "muted"), Text(last[-OUTPUT:], "code")]
    if not blocks:
        blocks = [Text("Nothing yet: it has neither left its workspace nor run a check.")]
    shown = tuple(
        Button(f"Show: {clip(one.title, 40)}", action("action.show", one.id)) for one in asked[-BUTTONS:]
    )
    return Card(f"Steps of “{task.title}”", tuple(blocks), (*shown, opens(task, "Show the task")))


_STATES = {
    ActionState.DONE: "passed",
    ActionState.FAILED: "failed",
    ActionState.UNKNOWN: "warned",
    ActionState.REFUSED: "skipped",
    ActionState.EXPIRED: "skipped",
}


def _step(step: Action) -> Row:
    return Row(step.title, _STATES.get(step.state, "pending"), action_card.BADGES[step.state][0])


def _ended(exit: int) -> str:
    return f"it ended with {exit}" if exit else ""


def files(task: Task, work: UnitOfWork, public_url: str) -> Card:
    """What was handed over, the whole workspace beside it, and where all of it can be fetched."""
    found = deliverables(task, work)
    whole = [one for one in work.artifacts.of_task(task.id) if one.path == ARCHIVE]
    if not found and not whole:
        return Card(f"“{task.title}” has handed over no files yet", (), (opens(task, "Show the task"),))
    blocks: list[Block] = [*(File(one.id, one.path, one.size) for one in found[:FILES])]
    if len(found) > FILES:
        blocks.append(Text(f"and {len(found) - FILES} more, in the console.", "muted"))
    if whole:
        blocks += [Text("The whole workspace, with what it was made from:", "muted")]
        blocks += [File(one.id, one.path, one.size) for one in whole]
    blocks += pictures(found)
    fetch = Button("Open in the console", url=f"{public_url}/tasks/{task.id}")
    return Card(
        f"{count(len(found), 'file')} of “{task.title}”", tuple(blocks), (fetch, opens(task, "Show the task"))
    )
