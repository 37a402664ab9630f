"""A team, its personas and their tasks on a real database: every job runs but WORK, whose part the tests play themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from types import SimpleNamespace
from typing import Any, TypeVar, cast

from agents.approvals.fingerprint import SHOWN
from agents.approvals.policy import Policy
from agents.events import Event, Subject
from agents.jobs import LEASES, JobName
from agents.money import from_dollars
from agents.oncall.kinds import AlertKind
from agents.people import Person
from agents.personas.persona import Persona
from agents.tasks import course, decide, steps
from agents.tasks import request as asking
from agents.tasks.action import Action
from agents.tasks.artifact import Artifact
from agents.tasks.assign import assign
from agents.tasks.plan import Check, Outline, Tick, Verdict
from agents.tasks.task import Stage, State, Task
from agents.tasks.tools import Entry, Wish
from bot import wiring
from bot.wiring import Troupe
from jobs.run import run
from storage.tables import JobRow
from storage.unit_of_work import Storage, UnitOfWork
from tests.approvals.house import CAST
from tests.storage.cast import Bell, Now, opened, persona

T = TypeVar("T")
OUTLINE = Outline.model_validate(
    {
        "approach": "Read, measure, write it up.",
        "steps": [{"title": "Read"}, {"title": "Write"}],
        "files": ["report.md"],
        "criteria": ["It compares three libraries."],
    }
)
REPORT = (Entry("output", 0, True), Entry("output/report.md", 120, False))
WISH = Wish("Send an e-mail to max@example.com", "To: max@example.com\n\nHello")
MAIL = {"to": "max@example.com", "subject": "Hello"}


@dataclass
class Office:
    storage: Storage
    now: Now
    bell: Bell
    channel: str
    people: dict[str, Person] = field(default_factory=dict)
    personas: dict[str, Persona] = field(default_factory=dict)

    def does(self, verb: Callable[[UnitOfWork], T]) -> T:
        with self.storage.unit_of_work() as work:
            return verb(work)

    @contextmanager
    def looking(self) -> Iterator[UnitOfWork]:
        with self.storage.reading() as work:
            yield work

    def hires(self, handle: str, **rules: object) -> Persona:
        self.personas[handle] = self.does(lambda work: persona(work, handle, tasks=rules))
        return self.personas[handle]

    def policy(self, handle: str, **rules: object) -> None:
        """About @handle's tasks, from now on; approvers by name."""
        if "approvers" in rules:
            names = cast(tuple[str, ...], rules["approvers"])
            rules["approvers"] = tuple(self.people[name].id for name in names)
        made = Policy.model_validate(rules)
        self.does(lambda work: work.personas.set_policy(self.personas[handle].id, "tasks", made))

    def request(self, by: str = "Bob", **more: Any) -> Task:
        """Queued; nobody has it yet."""
        handle = more.pop("to", None)
        asked = {
            "title": "Compare queues",
            "brief": "Compare three queue libraries and write it up.",
            "complexity": 3,
            "asked_for": self.personas[handle] if handle else None,
            **more,
        }
        ask = asking.Request(by=self.people[by], origin=self.channel, **asked)
        return self.does(lambda work: asking.request(ask, work))

    def begin(self, **more: Any) -> Task:
        """Its persona works on it."""
        task = self.request(**more)
        return self.does(lambda work: assign(task.id, work))

    def task(self, of: Task) -> Task:
        with self.looking() as work:
            return work.tasks.get(of.id)

    def plans(self, task: Task, outline: Outline = OUTLINE) -> Task:
        """Its design, as a persona does it."""
        self.does(lambda work: course.write_plan(self.now_of(task, work), outline, work))
        return self.forward(task)

    def forward(self, task: Task) -> Task:
        return self.does(lambda work: course.forward(self.now_of(task, work), work))

    def builds(self, task: Task, text: bytes = b"# Report") -> Task:
        def deliver(work: UnitOfWork) -> None:
            now = work.tasks.get(task.id)
            for number in range(1, len(OUTLINE.steps) + 1):
                course.tick(now, number, Tick.DONE, work)
            digest = sha256(text).hexdigest()
            made = Artifact(work.new_id(), task.id, "report.md", "text/markdown", len(text), digest, work.now)
            work.artifacts.put(made, text)

        self.does(deliver)
        return self.forward(task)

    def tests(self, task: Task) -> Task:
        def check(work: UnitOfWork) -> None:
            now = work.tasks.get(task.id)
            work.tasks.add_check(now, Check("test -s output/report.md", 0, "", work.now))
            work.tasks.set_verdict(now, Verdict(1, True, "output/report.md"))

        self.does(check)
        return self.forward(task)

    def to_review(self, **more: Any) -> Task:
        """Done as far as the persona is concerned; a person looks at it."""
        task = self.begin(**more)
        self.plans(task)
        self.builds(task)
        self.tests(task)
        return self.forward(task)

    def proposes(self, task: Task, call: str = "call-1", wish: Wish = WISH) -> Action:
        return self.does(
            lambda work: steps.propose(self.now_of(task, work), "send_email", call, MAIL, wish, work)
        )

    def approves_step(self, action: Action, by: str = "Mia") -> Action:
        seen = action.fingerprint[:SHOWN]
        return self.does(lambda work: steps.approve(action.id, self.people[by], seen, work))

    def step(self, of: Action) -> Action:
        with self.looking() as work:
            return work.actions.get(of.id)

    def button(self, task: Task) -> str:
        """What the buttons of its card carry now."""
        with self.looking() as work:
            return work.approvals.get(work.tasks.get(task.id).approval_id).fingerprint[:SHOWN]

    def accepts(self, task: Task, by: str = "Mia") -> Task:
        seen = self.button(task)
        return self.does(lambda work: decide.accept(task.id, self.people[by], seen, work))

    def now_of(self, task: Task, work: UnitOfWork) -> Task:
        return work.tasks.get(task.id)

    def owed(self, about: Subject) -> set[str]:
        """Names of the jobs that are owed about it, now or later, and not begun."""
        with self.looking() as work:
            query = JobRow.__table__.select().where(
                JobRow.subject == str(about), JobRow.done_at.is_(None), JobRow.holder == ""
            )
            return {row.name for row in work.connection.execute(query)}

    def events(self, about: Subject) -> list[Event]:
        with self.looking() as work:
            return [recorded.event for recorded in reversed(work.events.about(about))]

    def alerts(self, about: Subject) -> list[AlertKind]:
        with self.looking() as work:
            return [alert.kind for alert in work.alerts.open_about(about)]

    def said(self, task: Task) -> list[str]:
        with self.looking() as work:
            return [message.text for message in work.messages.in_thread(task.thread)]

    def told(self, name: str) -> list[str]:
        """What was said in that person's own channel in the console."""
        with self.storage.unit_of_work() as work:
            channel = work.channels.direct(self.people[name].id, work.now)
            return [m.text for m in work.messages.in_channel(channel.id, self.people[name].id) if m.text]

    def works_off(self, without: Sequence[JobName] = (JobName.WORK,)) -> None:
        """Everything that is due now but what a persona would work on."""
        while True:
            queue = [o.id for c in self.bell.rung for o in c.owed if o.job.name not in without]
            self.bell.rung.clear()
            with self.storage.unit_of_work() as work:
                due = work.jobs.claim_due(work.now)
            queue += [owed.id for owed in due if owed.job.name not in without]
            if not queue:
                return
            for id in dict.fromkeys(queue):
                run(id)

    def spend(self, task: Task, dollars: str) -> None:
        """A call that took that much, paid out of everything that it is paid out of."""
        amount = from_dollars(dollars)
        with self.looking() as work:
            whose = work.personas.get(work.tasks.get(task.id).persona_id)
        with self.storage.task_budget(whose, task).reserve(amount, "model") as reservation:
            reservation.spent = amount

    def in_state(self, *states: State) -> list[Task]:
        with self.looking() as work:
            return list(work.tasks.in_states(states))


def stage_of(task: Task) -> tuple[Stage, State]:
    return task.stage, task.state


@contextmanager
def open_office(url: str, **settings: object) -> Iterator[Office]:
    """The cast, and @ada who takes anything. For its length this process's jobs run in it."""
    now, bell = Now(), Bell()
    storage = opened(url, now, bell)
    with storage.unit_of_work() as work:
        channel = work.channels.add("console", "general", work.now)
        people = {name: work.people.add(name, role, work.now) for name, role in CAST.items()}
    office = Office(storage, now, bell, channel.id, people)
    office.hires("ada")
    stub = SimpleNamespace(
        storage=storage,
        clock=now,
        leases=LEASES,
        github=None,
        settings=SimpleNamespace(task_retention_days=30, **settings),
    )
    before = wiring._process
    wiring.use(cast(Troupe, stub))
    try:
        yield office
    finally:
        wiring._process = before
        storage.engine.dispose()


def day(count: float = 1) -> timedelta:
    return timedelta(days=count)
