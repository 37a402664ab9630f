"""What the cards about tasks show, read from the present state."""

from __future__ import annotations

from collections.abc import Mapping

from agents.approvals.approval import Approval, ApprovalState
from agents.errors import NotFound
from agents.people import Person
from agents.personas.persona import Persona
from agents.tasks.action import ActionState
from agents.tasks.asking import deliverables, of_result
from agents.tasks.lack import Lack
from agents.tasks.money import waits_for_money
from agents.tasks.task import State, Task, Wait
from bot.cards import Card
from bot.present import action as action_card
from bot.present import policy as policies
from bot.present import question as question_card
from bot.present import task as task_card
from bot.present.action import ActionView
from bot.present.post_view import name_of
from bot.present.question import QuestionView
from bot.present.task import TaskView
from storage.unit_of_work import UnitOfWork

REHEARSAL = "rehearsal, offline"
ASKING = (ActionState.PROPOSED, ActionState.UNKNOWN)
"""States of a step in which a person is asked."""


def draw_task(id: str, work: UnitOfWork, reader: Person) -> Card:
    return task_card.card(task_view(id, work))


def draw_action(id: str, work: UnitOfWork, reader: Person) -> Card:
    return action_card.card(action_view(id, work))


def draw_question(id: str, work: UnitOfWork, reader: Person) -> Card:
    question = work.questions.get(id)
    task = work.tasks.get(question.task_id)
    return question_card.card(QuestionView(question, task, persona_of(task.persona_id, work)))


def task_view(id: str, work: UnitOfWork) -> TaskView:
    """Raises NotFound."""
    task = work.tasks.get(id)
    approval = work.approvals.get(task.approval_id) if task.approval_id else None
    waiting = task.state is State.WAITING
    steps = work.actions.of_task(id, ASKING) if waiting and task.waits_for is Wait.STEP else []
    asked = work.questions.of_task(id) if waiting and task.waits_for is Wait.ANSWER else []
    deciding = approval or next((work.approvals.get(s.approval_id) for s in steps if s.approval_id), None)
    named = persona_of(task.asked_for, work) if task.state is State.QUEUED else None
    return TaskView(
        task=task,
        now=work.now,
        requester=name_of(task.requested_by, work),
        persona=persona_of(task.persona_id, work),
        plan=work.tasks.plan(task) if task.plan else None,
        verdicts=work.tasks.verdicts(task) if task.plan else (),
        files=deliverables(task, work),
        parts=work.tasks.parts(id),
        questions=[question for question in asked if question.answered_at is None],
        steps=[step.id for step in steps],
        lack=_lack(task, work),
        spent=spent(task, work),
        models=models(task, work),
        seen=_seen(task, approval, work),
        decides=decides(deciding, names(work)) if deciding else "",
        asked_for=f"{named.name} (@{named.handle})" if named else "",
    )


def _lack(task: Task, work: UnitOfWork) -> Lack | None:
    noted = work.events.last(task.subject, "task.waiting") if waits_for_money(task) else None
    return Lack.read(noted.after) if noted else None


def _seen(task: Task, approval: Approval | None, work: UnitOfWork) -> str:
    """What a decision on it is bound to: what is asked about; once it is complete, its result as it is."""
    if task.state is State.COMPLETE:
        return of_result(task, work)
    return approval.fingerprint if approval else ""


def action_view(id: str, work: UnitOfWork) -> ActionView:
    """Raises NotFound."""
    step = work.actions.get(id)
    approval = work.approvals.get(step.approval_id) if step.approval_id else None
    who = decides(approval, names(work)) if approval else ""
    return ActionView(step, work.tasks.get(step.task_id), work.personas.get(step.persona_id), approval, who)


def spent(task: Task, work: UnitOfWork) -> int:
    """Micro-dollars that were spent on it or are set aside for it."""
    return work.budgets.taken(task.subject)


def models(task: Task, work: UnitOfWork) -> str:
    """Whose words it is made of. The rehearsal model costs nothing and stands in no ledger: a plan without a call is its."""
    return ", ".join(work.budgets.models(task.subject)) or (REHEARSAL if task.plan else "")


def persona_of(id: str, work: UnitOfWork) -> Persona | None:
    try:
        return work.personas.get(id) if id else None
    except NotFound:
        return None


def names(work: UnitOfWork) -> Mapping[str, str]:
    return {person.id: person.name for person in work.people.everyone()}


def decides(approval: Approval, known: Mapping[str, str]) -> str:
    """ "Alice or Mia", "A manager or above"; "" once it is decided."""
    if approval.state is not ApprovalState.PENDING:
        return ""
    who = policies.approvers(approval.policy, known)
    return who[:1].upper() + who[1:]
