"""A team with one persona and its account on the fake platform, and a worker that a test can kill at any line.

post = desk.approved("One", "Two")
desk.publish(post)
assert desk.fake.texts == ["One", "Two"]
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from agents.approvals import decide
from agents.approvals.ask import ask
from agents.effects.effect import Effect, EffectKind
from agents.events import Actor
from agents.jobs import Later
from agents.oncall.alert import Alert
from agents.people import Role
from agents.publishing import publish as verbs
from agents.publishing.platform import Account
from agents.work import Work
from agents.writing.content import Content, Segment
from agents.writing.post import Post, State, Variant, Version
from agents.writing.writer import ContentType
from storage.unit_of_work import Storage, UnitOfWork
from tests.publishing.fake import FakePublisher
from tests.storage.cast import Now, account, person, persona


class Killed(BaseException):
    """As good as SIGKILL: nothing of ours catches it."""


class Dies:
    """A worker that is killed at the `at`th line it passes, counted from 0. `passed` counts all."""

    def __init__(self, at: int | None = None) -> None:
        self._at = at
        self.passed = 0

    def __call__(self, where: str) -> None:
        self.passed += 1
        if self.passed - 1 == self._at:
            raise Killed(where)


class Desk:
    def __init__(self, storage: Storage, now: Now) -> None:
        self.storage, self.now = storage, now
        self.fake = FakePublisher(self._watch)
        self.dies = Dies()
        self._open = 0
        with storage.unit_of_work() as work:
            self.alice = person(work)
            self.bob = person(work, "Bob", Role.EDITOR)
            self.ada = persona(work)
            self.account = account(work, self.ada)

    def waiting(self, *texts: str, at: datetime | None = None) -> Variant:
        """A draft by its persona, one segment for each text, that waits for approval for `at`."""
        with self.storage.unit_of_work() as work:
            return self._draft(Content(tuple(map(Segment, texts))), at, work)

    def approved(self, *texts: str, at: datetime | None = None) -> Variant:
        waiting = self.waiting(*(texts or ("Hello",)), at=at)
        return self.does(lambda work: self._approve(waiting, work))

    def does(self, act: Callable[[UnitOfWork], Variant]) -> Variant:
        with self.storage.unit_of_work() as work:
            return act(work)

    def publish(
        self, post: Variant, *, hold: Callable[[], bool] = lambda: True, dies: Dies | None = None
    ) -> Later | None:
        """One run of a worker; what it raised if it is owed again."""
        return self._run(verbs.publish, post, hold, dies)

    def take_down(
        self, post: Variant, *, hold: Callable[[], bool] = lambda: True, dies: Dies | None = None
    ) -> Later | None:
        return self._run(verbs.take_down, post, hold, dies)

    def post(self, of: Variant) -> Variant:
        """As it is now."""
        with self.storage.reading() as work:
            return work.posts.variant(of.id)

    def effect(self, of: Variant, kind: EffectKind = EffectKind.PUBLISH) -> Effect:
        """The newest one of its kind."""
        with self.storage.reading() as work:
            return next(e for e in reversed(work.effects.about(of.subject)) if e.kind is kind)

    def outcomes(self, of: Variant, kind: EffectKind = EffectKind.PUBLISH) -> list[str]:
        with self.storage.reading() as work:
            return [row.outcome for row in work.effects.attempts(self.effect(of, kind).id)]

    def alerts(self, about: Variant) -> list[Alert]:
        """Those that nobody resolved yet."""
        with self.storage.reading() as work:
            return work.alerts.open_about(about.subject)

    def events(self, about: Variant) -> list[str]:
        """Names of what was recorded, oldest first."""
        with self.storage.reading() as work:
            return [recorded.event.name for recorded in reversed(work.events.about(about.subject))]

    def account_now(self) -> Account:
        with self.storage.reading() as work:
            return work.accounts.get(self.account.id)

    def _approve(self, waiting: Variant, work: UnitOfWork) -> Variant:
        seen = work.approvals.get(waiting.approval_id).fingerprint
        return decide.approve(waiting.id, self.alice, seen, work)

    def _draft(self, content: Content, at: datetime | None, work: UnitOfWork) -> Variant:
        post = Post(work.new_id(), self.ada.id, ContentType.POST, "about it", self.bob.id, "", work.now)
        variant = Variant(
            work.new_id(), post.id, self.ada.id, self.account.id, "stage", State.WRITING, 0, 1, work.now
        )
        author = Actor("persona", self.ada.id, self.ada.name)
        version = Version(variant.id, 1, content, author, frozenset(), work.now)
        work.posts.add(post, (variant,))
        work.posts.add_version(version)
        return ask(variant, post, version, at, work)[0]

    def _run(
        self,
        verb: Callable[[str, verbs.Outside], None],
        post: Variant,
        hold: Callable[[], bool],
        dies: Dies | None,
    ) -> Later | None:
        self.dies = dies or Dies()

        def holds() -> bool:
            self.dies("hold")
            return hold()

        try:
            outside = verbs.Outside(self._transaction, {"stage": self.fake}, self.now, holds)
            verb(post.id, outside)
        except Later as later:
            return later
        return None

    @contextmanager
    def _transaction(self) -> Iterator[Work]:
        self.dies("before a transaction")
        with self.storage.unit_of_work() as work:
            self._open += 1
            try:
                yield work
                self.dies("before a commit")
            finally:
                self._open -= 1
        self.dies("after a commit")

    def _watch(self, where: str) -> None:
        assert not self._open, f"{where}: a transaction is open while the platform is asked"
        self.dies(where)
