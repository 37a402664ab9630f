"""A team, its personas and one worker in this process: the real jobs on a real database, a platform in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from types import SimpleNamespace
from typing import TypeVar, cast
from uuid import uuid4

from agents.approvals import decide
from agents.approvals.approval import Approval
from agents.approvals.fingerprint import SHOWN
from agents.approvals.policy import Policy
from agents.events import Event, Subject
from agents.jobs import LEASES, Queue
from agents.money import FREE
from agents.oncall.kinds import AlertKind
from agents.people import Person, Role
from agents.personas.persona import Persona, Profile
from agents.publishing.platform import Account
from agents.writing import draft
from agents.writing.post import Variant
from agents.writing.writer import Answer, Assignment, Budget, ContentType, Draft, Line, Tell, Usage, untold
from bot import wiring
from bot.wiring import Troupe
from jobs.run import run
from storage.unit_of_work import Storage, UnitOfWork
from tests.publishing.fake import FakePublisher
from tests.storage.cast import Bell, Now, account, opened, persona

T = TypeVar("T")
CAST = {
    "Alice": Role.OWNER,
    "Mia": Role.MANAGER,
    "Max": Role.MANAGER,
    "Bob": Role.EDITOR,
    "Charlie": Role.VIEWER,
}


class Killed(BaseException):
    """As good as SIGKILL: nothing of ours catches it."""


class Scribe:
    """A writer that never says the same twice. `parts` in the brief is how many segments it writes."""

    _numbers = count(1)

    def write(self, assignment: Assignment, budget: Budget) -> Draft:
        parts = int(assignment.brief.partition(" ")[0])
        return Draft(tuple(words() for _ in range(parts)), Usage("script", "script", 1, 1, FREE))

    def answer(
        self,
        profile: Profile,
        conversation: Sequence[Line],
        now: datetime,
        budget: Budget,
        tell: Tell = untold,
    ) -> Answer:
        return Answer(words(), Usage("script", "script", 1, 1, FREE))


def words() -> str:
    """A text that is like no other."""
    return f"{uuid4().hex} {uuid4().hex}"


@dataclass
class House:
    """people and personas by name.  queue: what was rung and nobody took yet."""

    storage: Storage
    now: Now
    fake: FakePublisher
    bell: Bell
    people: dict[str, Person] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    personas: dict[str, Persona] = field(default_factory=dict)
    queue: list[str] = field(default_factory=list)

    def request(self, handle: str, parts: int, by: str, *, at: datetime | None = None) -> Variant:
        """A post that the persona is asked for; nothing is written yet."""
        with self.storage.unit_of_work() as work:
            [made] = draft.request(
                draft.Request(
                    persona=self.personas[handle],
                    accounts=(self.accounts[handle],),
                    brief=f"{parts} parts",
                    type=ContentType.POST,
                    by=self.people[by],
                    publish_at=at,
                ),
                work,
            )
        return made

    def draft(self, *, parts: int = 1, by: str = "Bob", at: datetime | None = None) -> Variant:
        """@ada's draft, written and waiting for a decision."""
        made = self.request("ada", parts, by, at=at)
        self.work_off()
        return self.post(made)

    def post(self, of: Variant) -> Variant:
        """As it is now."""
        with self.looking() as work:
            return work.posts.variant(of.id)

    def button(self, of: Variant) -> str:
        """The fingerprint that the buttons of its card carry now."""
        with self.looking() as work:
            return work.approvals.get(work.posts.variant(of.id).approval_id).fingerprint[:SHOWN]

    def approval(self, of: Variant) -> Approval:
        with self.looking() as work:
            return work.approvals.get(work.posts.variant(of.id).approval_id)

    def policy(self, **rules: object) -> Policy:
        """@ada's policy from now on; `approvers`, `vetoers` and `escalate_to` by name."""
        for many in ("approvers", "vetoers"):
            if many in rules:
                rules[many] = tuple(self.people[name].id for name in cast(tuple[str, ...], rules[many]))
        if "escalate_to" in rules:
            rules["escalate_to"] = self.people[str(rules["escalate_to"])].id
        made = Policy.model_validate(rules)
        self.does(lambda work: work.personas.set_policy(self.personas["ada"].id, "", made))
        return made

    def does(self, verb: Callable[[UnitOfWork], T]) -> T:
        with self.storage.unit_of_work() as work:
            return verb(work)

    def approves(self, name: str, post: Variant, seen: str = "") -> Variant:
        """By a click on the button that is there now, unless `seen` says on which."""
        seen = seen or self.button(post)
        return self.does(lambda work: decide.approve(post.id, self.people[name], seen, work))

    def alerts(self, about: Variant) -> list[AlertKind]:
        with self.looking() as work:
            return [alert.kind for alert in work.alerts.open_about(about.subject)]

    def events(self, about: Variant) -> list[Event]:
        """What was recorded about it, oldest first."""
        with self.looking() as work:
            return [recorded.event for recorded in reversed(work.events.about(about.subject))]

    def told(self, name: str) -> list[Subject]:
        """The cards in that person's own channel."""
        with self.storage.unit_of_work() as work:
            channel = work.channels.direct(self.people[name].id, work.now)
            return [m.card for m in work.messages.in_channel(channel.id, "") if m.card]

    def ring(self) -> None:
        """What commits rang since the last time, and what the clock finds due."""
        self.queue += self.bell.jobs
        self.bell.rung.clear()
        with self.storage.unit_of_work() as work:
            self.queue += [owed.id for owed in work.jobs.claim_due(work.now)]

    def work(self) -> None:
        """One worker does what is in the queue, until the queue is empty or it dies."""
        while self.queue:
            with suppress(Killed):
                run(self.queue.pop(0))

    def work_off(self) -> None:
        """Everything that is owed now."""
        self.ring()
        while self.queue:
            self.work()
            self.ring()

    @contextmanager
    def looking(self) -> Iterator[UnitOfWork]:
        with self.storage.reading() as work:
            yield work


@contextmanager
def open_house(url: str, fake: FakePublisher, leases: Mapping[Queue, timedelta] = LEASES) -> Iterator[House]:
    """The cast, and two personas with an account each. For its length this process's jobs run in it."""
    now, bell = Now(), Bell()
    house = House(opened(url, now, bell), now, fake, bell)
    with house.storage.unit_of_work() as work:
        for name, role in CAST.items():
            house.people[name] = work.people.add(name, role, work.now)
        for handle in ("ada", "eve"):
            house.personas[handle] = persona(work, handle)
            house.accounts[handle] = account(work, house.personas[handle])
    stub = SimpleNamespace(
        storage=house.storage,
        clock=now,
        leases=leases,
        publishers={"stage": fake},
        moderator=None,
        writer=lambda profile: Scribe(),
    )
    before = wiring._process
    wiring.use(cast(Troupe, stub))
    try:
        yield house
    finally:
        wiring._process = before
        house.storage.engine.dispose()
