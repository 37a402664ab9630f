"""A house to measure in: a database and, if wanted, a Redis of its own; two people, a persona, and drafts to approve."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime

from agents.approvals.approval import Approval
from agents.approvals.ask import ask
from agents.approvals.fingerprint import SHOWN
from agents.events import Actor
from agents.people import Person, Role
from agents.personas.persona import Persona, Profile
from agents.publishing.platform import Account
from agents.writing.content import Content, Segment
from agents.writing.facts import Check, CheckState
from agents.writing.post import Post, State, Variant, Version
from agents.writing.writer import ContentType
from bot.calls import Place
from bot.cards import action
from bot.settings import load
from bot.wiring import Troupe
from storage import migrate
from storage.columns import new_id
from storage.unit_of_work import Committed, UnitOfWork
from tests.servers import postgres, redis_server
from tests.servers.processes import scratch

CHECKS = tuple(
    Check(name, CheckState.PASSED, "")
    for name in ("length", "format", "guardrails", "repeats", "links", "moderation", "disclosure")
)
NO_REDIS = "unix:///nowhere/redis.sock"


class Unrung(Troupe):
    """Rings for nobody: what is measured ends with the commit."""

    def _ring(self, committed: Committed) -> None:
        pass


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft that waits for approval."""

    variant: Variant
    approval: Approval

    @property
    def approve(self) -> str:
        """What its Approve button carries."""
        return action("post.approve", self.variant.id, self.approval.fingerprint[:SHOWN])


@dataclass(frozen=True)
class House:
    """Alice owns it and decides, Bob asks, Zoe writes."""

    troupe: Troupe
    alice: Person
    bob: Person
    zoe: Persona
    account: Account
    place: Place

    @property
    def environment(self) -> dict[str, str]:
        """For its processes."""
        settings = self.troupe.settings
        return {
            "TROUPE_HOME": str(settings.troupe_home),
            "DATABASE_URL": settings.database_url,
            "REDIS_URL": settings.redis_url,
            "LOG_FORMAT": "json",
            "LOG_LEVEL": "WARNING",
        }

    def drafts(
        self, count: int, publish_at: Callable[[int], datetime | None] = lambda number: None
    ) -> list[Draft]:
        """publish_at: of each, by its number from 0."""
        with self.troupe.storage.unit_of_work() as work:
            return [self._draft(number, publish_at(number), work) for number in range(count)]

    def press(self, button: str) -> None:
        """As Alice."""
        answer = self.troupe.dispatcher.press(button, self.alice, self.place)
        if answer.error is not None:
            raise answer.error

    def _draft(self, number: int, publish_at: datetime | None, work: UnitOfWork) -> Draft:
        post = Post(
            new_id(), self.zoe.id, ContentType.POST, "our release", self.bob.id, self.place.channel, work.now
        )
        variant = Variant(
            new_id(),
            post.id,
            self.zoe.id,
            self.account.id,
            self.account.platform,
            State.WRITING,
            0,
            1,
            work.now,
        )
        text = f"Release {number} is out, and it brings what you have been asking for."
        version = Version(
            variant_id=variant.id,
            number=1,
            content=Content((Segment(text),)),
            by=Actor("persona", self.zoe.id, self.zoe.name),
            authors=frozenset(),
            created_at=work.now,
            checks=CHECKS,
            model="rehearsal",
            rehearsal=True,
        )
        work.posts.add(post, (variant,))
        work.posts.add_version(version)
        return Draft(*ask(variant, post, version, publish_at, work))


@contextmanager
def house(database: str, *, redis: bool = False, kind: type[Troupe] = Troupe) -> Iterator[House]:
    """database: "sqlite" or "postgresql".  redis: start one; without it, use `Unrung`, or every commit waits for nobody."""
    with ExitStack() as stack:
        home = stack.enter_context(scratch("bench"))
        url = f"sqlite:///{home}/troupe.db"
        if database == "postgresql":
            url = stack.enter_context(stack.enter_context(postgres.running()).database())
        bell = stack.enter_context(redis_server.running()).url if redis else NO_REDIS
        troupe = kind(load(troupe_home=home, database_url=url, redis_url=bell))
        migrate.upgrade(troupe.settings.database_url)
        with closing(troupe):
            yield furnish(troupe)


def furnish(troupe: Troupe) -> House:
    """Also beside a cast that is there already: its personas have other names."""
    with troupe.storage.unit_of_work() as work:
        alice = work.people.add("Alice", Role.OWNER, work.now)
        bob = work.people.add("Bob", Role.MANAGER, work.now)
        zoe = work.personas.add(Profile(name="Zoe", handle="zoe"), work.now)
        account = work.accounts.connect(zoe.id, "stage", zoe.handle, {}, work.now)
        channel = work.channels.add("console", "bench", work.now)
    return House(troupe, alice, bob, zoe, account, Place("console", channel.id))
