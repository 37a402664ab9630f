"""Tasks as they stand at some moment, moved there by the verbs that a worker calls, without a worker."""

from __future__ import annotations

from hashlib import sha256

from agents.tasks import assign, course, questions, steps
from agents.tasks.action import Action
from agents.tasks.artifact import Artifact
from agents.tasks.plan import Check, Outline, Step, Tick, Verdict
from agents.tasks.question import Question
from agents.tasks.task import Stage, State, Task, Wait
from agents.tasks.tools import Wish
from storage.unit_of_work import Storage, UnitOfWork

OUTLINE = Outline(
    approach="Read the documentation of each, and write down what differs.",
    steps=(Step(title="Collect sources", tools=("search_web",)), Step(title="Write the report")),
    files=("report.pdf", "queues.csv"),
    criteria=("Each library is judged alike", "Every claim names its source"),
    risks=("Documentation may be old.",),
)
MAIL = "To: max@example.com\nSubject: Queues\n\nHello Max, it is attached."
ARGUMENTS = {"to": "max@example.com", "subject": "Queues", "body": "Hello Max, it is attached."}
PDF, CSV = b"%PDF-1.7 a report", b"library,retries\nrq,yes\n"


def named(storage: Storage, title: str) -> Task:
    """The newest task whose title begins so."""
    with storage.reading() as work:
        found = [task for task in work.tasks.latest(limit=200) if task.title.startswith(title)]
    assert found, f"nobody asked for {title!r}"
    return found[0]


def begun(storage: Storage, title: str) -> Task:
    """Somebody works on it."""
    with storage.unit_of_work() as work:
        task = assign.assign(named(storage, title).id, work)
    assert task.state is State.WORKING, task.trouble
    return task


def planned(storage: Storage, title: str, outline: Outline = OUTLINE) -> Task:
    """With a plan, which is approved by a person if the task is as complex as that."""
    task = begun(storage, title)
    with storage.unit_of_work() as work:
        course.write_plan(task, outline, work)
    with storage.unit_of_work() as work:
        return course.forward(work.tasks.get(task.id), work)


def built(storage: Storage, task: Task, preview: str = "") -> Task:
    """From the beginning of build to the end of review: files, a check that passed, criteria that are met."""
    with storage.unit_of_work() as work:
        plan = work.tasks.plan(work.tasks.get(task.id))
        assert plan is not None
        for number in range(1, len(plan.ticks) + 1):
            course.tick(work.tasks.get(task.id), number, Tick.DONE, work)
        deliver(task, "report.pdf", "application/pdf", PDF, work, preview)
        deliver(task, "queues.csv", "text/csv", CSV, work)
        _forward(task, Stage.TEST, work)
        now = work.tasks.get(task.id)
        work.tasks.add_check(now, Check("python -m pytest", 0, "2 passed", work.now))
        for number in range(1, len(plan.outline.criteria) + 1):
            work.tasks.set_verdict(now, Verdict(number, True, "report.pdf shows it"))
        _forward(task, Stage.REVIEW, work)
        return course.forward(work.tasks.get(task.id), work)


def _forward(task: Task, to: Stage, work: UnitOfWork) -> None:
    assert course.forward(work.tasks.get(task.id), work).stage is to


def deliver(task: Task, path: str, kind: str, data: bytes, work: UnitOfWork, preview: str = "") -> Artifact:
    """As a worker hands it over."""
    digest = sha256(data).hexdigest()
    artifact = Artifact(work.new_id(), task.id, path, kind, len(data), digest, work.now, preview)
    work.artifacts.put(artifact, data)
    work.touch(task.subject)
    return artifact


def wants(storage: Storage, task: Task, call: str = "call_1") -> Action:
    """It wants to send an e-mail."""
    wish = Wish("Send an e-mail to max@example.com", MAIL, {"output/report.pdf": sha256(PDF).hexdigest()})
    with storage.unit_of_work() as work:
        return steps.propose(work.tasks.get(task.id), "send_email", call, ARGUMENTS, wish, work)


def broke_off(storage: Storage, action: Action) -> Action:
    """It was approved and begun, and nobody can tell whether it happened."""
    with storage.unit_of_work() as work:
        effect = steps.claim(work.actions.get(action.id), action.fingerprint, work)
        return steps.unsure(work.actions.get(action.id), effect, "The connection broke.", work)


def asks(storage: Storage, task: Task, text: str, *options: str) -> Question:
    with storage.unit_of_work() as work:
        question = questions.ask(work.tasks.get(task.id), f"ask-{text}", text, options, work)
        course.wait(work.tasks.get(task.id), Wait.ANSWER, work)
        return question


def out_of_money(storage: Storage, task: Task) -> None:
    with storage.unit_of_work() as work:
        course.wait(work.tasks.get(task.id), Wait.BUDGET, work, why="The task's budget is used up.")


def blocked(storage: Storage, task: Task) -> None:
    with storage.unit_of_work() as work:
        course.block(work.tasks.get(task.id), "The tests do not pass.", work)


def given_up(storage: Storage, task: Task) -> None:
    with storage.unit_of_work() as work:
        course.fail(work.tasks.get(task.id), "No model answered for an hour.", work)
