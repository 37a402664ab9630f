"""The card of a step that leaves a task's workspace: exactly what would happen, the buttons that decide, what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agents.approvals.approval import Approval, ApprovalState, Verdict
from agents.approvals.fingerprint import SHOWN
from agents.personas.persona import Persona
from agents.tasks.action import Action, ActionState
from agents.tasks.task import Task
from bot.cards import Author, Block, Button, Card, Confirm, Field, Fields, Menu, Text, Tone, action

A = ActionState
BADGES: Mapping[ActionState, tuple[str, Tone]] = {
    A.PROPOSED: ("waiting for approval", Tone.WAITING),
    A.APPROVED: ("approved, about to happen", Tone.BUSY),
    A.RUNNING: ("happening…", Tone.BUSY),
    A.DONE: ("done", Tone.GOOD),
    A.FAILED: ("did not happen", Tone.BAD),
    A.UNKNOWN: ("perhaps happened", Tone.BAD),
    A.REFUSED: ("refused", Tone.NEUTRAL),
    A.EXPIRED: ("nobody decided in time", Tone.NEUTRAL),
}


@dataclass(frozen=True, slots=True)
class ActionView:
    """Everything that the card shows.  decides: who may, in words."""

    action: Action
    task: Task
    persona: Persona
    approval: Approval | None = None
    decides: str = ""


def card(view: ActionView) -> Card:
    """The same for every reader."""
    step, persona = view.action, view.persona
    badge, tone = BADGES[step.state]
    if step.state in (A.PROPOSED, A.APPROVED) and not view.task.is_open:
        badge, tone = "the task has ended", Tone.NEUTRAL
    return Card(
        title=f"{persona.name} asks: {step.title}"
        if step.state is A.PROPOSED
        else f"{persona.name}: {step.title}",
        blocks=tuple(_blocks(view)),
        buttons=tuple(_buttons(view)),
        menu=Menu("More", (Button("Show the task", action("task.show", view.task.id)),)),
        author=Author(persona.name, "persona", persona.id, persona.avatar),
        badge=badge,
        tone=tone,
        subject=step.subject,
    )


def _blocks(view: ActionView) -> list[Block]:
    step = view.action
    blocks: list[Block] = [
        Text(f"For the task “{view.task.title}”. This leaves its workspace.", "muted"),
        Text("Exactly this", "heading"),
        Text(step.shown, "code", whole=True),
    ]
    if step.attachments:
        sent = "\n".join(
            f"{path} (SHA-256 {sha256[:12]}…)" for path, sha256 in sorted(step.attachments.items())
        )
        blocks += [Text("With these files as they are now", "heading"), Text(sent, whole=True)]
    if step.state is A.UNKNOWN:
        blocks.append(
            Text(
                "The connection broke after it had begun. Look whether it happened; nothing is done again before you say so."
            )
        )
    if step.result:
        blocks += [Text("What came of it", "heading"), Text(step.result, "quote")]
    return [*blocks, Fields(tuple(_facts(view)))]


def _facts(view: ActionView) -> list[Field]:
    step, approval = view.action, view.approval
    facts = [Field("Tool", step.tool)]
    if approval is None:
        return facts
    if step.state is A.PROPOSED and approval.state is ApprovalState.PENDING:
        facts += [
            Field("Decides", view.decides),
            Field("Approvals", f"{approval.yes} of {approval.policy.quorum}"),
            Field("Expires", approval.expires_at),
        ]
    for one in approval.decisions:
        verb = "Approved" if one.verdict is Verdict.APPROVE else "Refused"
        facts.append(
            Field(f"{verb} by {one.person_name}{f' (by API key {one.via})' if one.via else ''}", one.at)
        )
    return facts


def _buttons(view: ActionView) -> list[Button]:
    """What was approved can be taken back until it begins; what is in doubt is settled after the task's end, too."""
    step, seen = view.action, view.action.fingerprint[:SHOWN]
    refuse = Button("Refuse…", action("action.refuse", step.id, seen), "danger")
    match step.state:
        case A.PROPOSED if view.task.is_open:
            question = f"{step.title}: exactly as the card shows it? It cannot be taken back."
            yes = Confirm(question, "Let it happen")
            return [Button("Approve", action("action.approve", step.id, seen), "primary", yes), refuse]
        case A.APPROVED if view.task.is_open:
            return [refuse]
        case A.UNKNOWN if not view.task.is_open:
            return [
                Button("It happened", action("action.happened", step.id), "primary"),
                Button("It did not", action("action.did_not", step.id)),
            ]
        case A.UNKNOWN:
            again = Confirm(f"{step.title}: you looked, and it did not happen?", "Do it again")
            return [
                Button("It happened", action("action.happened", step.id), "primary"),
                Button("It did not — do it again", action("action.did_not", step.id), "plain", again),
            ]
    return []
