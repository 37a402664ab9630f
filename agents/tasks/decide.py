"""What people press under a plan and under a result. Each verb is one decision on exactly what its button showed."""

from __future__ import annotations

from agents.approvals import fingerprint as fp
from agents.approvals.approval import Approval, ApprovalState, Verdict
from agents.errors import Invalid, Stale
from agents.events import TROUPE, Event
from agents.oncall.kinds import AlertKind
from agents.people import Person
from agents.tasks import asking, course
from agents.tasks.moves import go_on, say
from agents.tasks.task import Stage, State, Task, Wait
from agents.work import Work

FEEDBACK_LIMIT = 4_000


def approve_plan(task_id: str, by: Person, seen: str, work: Work, via: str = "") -> Task:
    """One person's yes to exactly this plan; with the policy's quorum the persona begins to build."""
    task, approval = _asked(task_id, Wait.PLAN, "approve its plan", work)
    plan = work.tasks.plan(task)
    if plan is None or asking.of_plan(plan, task) != approval.fingerprint:
        raise _stale("plan")
    after = asking.decide(approval, by, Verdict.APPROVE, seen, work, via=via)
    _note("task.plan_approved", task, approval, after, by, via, work)
    if after.state is not ApprovalState.APPROVED:
        return work.tasks.swap(task, "approve it")
    return course.enter(task, Stage.BUILD, work)


def change_plan(task_id: str, by: Person, seen: str, feedback: str, work: Work, via: str = "") -> Task:
    """The persona makes another plan, and is told what should be different."""
    task, approval = _asked(task_id, Wait.PLAN, "ask for another plan", work)
    _decide_changes("task.plan_changes_requested", task, approval, by, seen, feedback, via, work)
    return go_on(task, "ask for changes", work, round=task.round + 1)


def accept(task_id: str, by: Person, seen: str, work: Work, via: str = "") -> Task:
    """One person's yes to exactly these files; with the policy's quorum the task is complete."""
    task, approval = _asked(task_id, Wait.REVIEW, "accept it", work)
    if asking.of_result(task, work) != approval.fingerprint:
        raise _stale("result")
    after = asking.decide(approval, by, Verdict.APPROVE, seen, work, via=via)
    _note("task.accepted", task, approval, after, by, via, work)
    if after.state is not ApprovalState.APPROVED:
        return work.tasks.swap(task, "accept it")
    return course.complete(task, work)


def change_result(task_id: str, by: Person, seen: str, feedback: str, work: Work, via: str = "") -> Task:
    """The persona goes back to building, and is told what should be different; also after the result was accepted."""
    task = work.tasks.get(task_id)
    if task.state is State.COMPLETE:
        return _reopen(task, by, seen, feedback, via, work)
    task, approval = _asked(task_id, Wait.REVIEW, "ask for changes", work)
    _decide_changes("task.changes_requested", task, approval, by, seen, feedback, via, work)
    return _build_again(task, work)


def ask_again(task: Task, by: Person, work: Work) -> Task:
    """Another round for a plan or a result about which nobody decided in time."""
    after = asking.ask_about(task, task.waits_for, "ask again", work)
    work.record(Event("task.asked_again", task.subject, by.actor))
    return after


def expired(task_id: str, approval: Approval, work: Work) -> None:
    """Nobody decided about its plan or its result in time: it is blocked until somebody asks again."""
    task = work.tasks.get(task_id)
    if task.approval_id != approval.id or task.state is not State.WAITING:
        return
    about = "plan" if task.waits_for is Wait.PLAN else "result"
    why = f"Nobody decided about its {about} in time."
    work.tasks.swap(task, "block it", state=State.BLOCKED, trouble=why)
    work.record(Event("task.expired", task.subject, TROUPE, after={"about": about}))
    work.raise_alert(
        AlertKind.TASK_BLOCKED,
        task.subject,
        f"{why} It is about the task “{task.title}”.",
        kept=f"The {about} is kept as it is; nothing was built or handed over without a decision.",
        remedy="Press Try again on its card for another round.",
        persona_id=task.persona_id,
        why="Whoever may decide was away.",
    )


def _build_again(task: Task, work: Work) -> Task:
    """From review back over two stages at once: a person's word, not the persona's."""
    tested = work.tasks.swap(task, "ask for changes", stage=Stage.TEST)
    return course.enter(tested, Stage.BUILD, work, anew=True)


def _reopen(task: Task, by: Person, seen: str, feedback: str, via: str, work: Work) -> Task:
    """The same right and the same look as for accepting it."""
    if not fp.same(seen, asking.of_result(task, work)):
        raise _stale("result")
    asking.must_decide(task, by, via, "ask for changes", work)
    words = _words(feedback)
    say(task, words, work, by.actor)
    noted = {"feedback": words}
    work.record(Event("task.reopened", task.subject, by.acting(via or by.via), after=noted))
    fresh = work.tasks.swap(task, "ask for changes", stage=Stage.TEST)
    return course.enter(fresh, Stage.BUILD, work, anew=True)


def _decide_changes(
    event: str, task: Task, approval: Approval, by: Person, seen: str, feedback: str, via: str, work: Work
) -> None:
    words = _words(feedback)
    after = asking.decide(approval, by, Verdict.REQUEST_CHANGES, seen, work, note=words, via=via)
    _note(event, task, approval, after, by, via, work, feedback=words)
    say(task, words, work, by.actor)


def _words(feedback: str) -> str:
    words = feedback.strip()
    if not words:
        raise Invalid("Say what should be different.", field="feedback")
    if len(words) > FEEDBACK_LIMIT:
        raise Invalid(f"That is too long; it may have {FEEDBACK_LIMIT} characters.", field="feedback")
    return words


def _asked(task_id: str, wait: Wait, doing: str, work: Work) -> tuple[Task, Approval]:
    """The task with the approval that it waits for. Raises Conflict, naming its state, if it waits for none of that kind."""
    task = work.tasks.get(task_id)
    if task.state is not State.WAITING or task.waits_for is not wait:
        raise asking.late(task, doing)
    return task, work.approvals.get(task.approval_id)


def _stale(what: str) -> Stale:
    return Stale(
        f"The {what} has changed since that button was drawn; nothing was decided.",
        remedy="The card now shows the present one: look at it and press again.",
    )


def _note(
    name: str, task: Task, before: Approval, after: Approval, by: Person, via: str, work: Work, **more: str
) -> None:
    was, now = asking.noted(before, after, **more)
    work.record(Event(name, task.subject, by.acting(via or by.via), before=was, after=now))
