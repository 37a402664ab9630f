"""Who plays in these stories: a clock that the test moves, a bell that remembers, and many hands at once."""

from __future__ import annotations

import threading
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from agents.approvals.approval import Approval, ApprovalState
from agents.approvals.policy import Policy
from agents.events import Subject
from agents.people import Person, Role
from agents.personas.persona import Persona, Profile
from agents.publishing.platform import Account
from agents.writing.content import Content, Segment
from agents.writing.post import Post, State, Variant, Version
from agents.writing.writer import ContentType
from storage.database import connect
from storage.secrets import Box
from storage.unit_of_work import Bell as AnyBell
from storage.unit_of_work import Committed, Storage, UnitOfWork

T = TypeVar("T")
KEY = urlsafe_b64encode(b"the same in every test process!!").decode()
LONG_AGO = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


class Now:
    """A clock that stands still but for a millisecond at each look, so that no two things happen at once."""

    def __init__(self) -> None:
        self.moment = LONG_AGO
        self._lock = threading.Lock()

    def __call__(self) -> datetime:
        with self._lock:
            self.moment += timedelta(milliseconds=1)
            return self.moment

    def forward(self, gap: timedelta) -> datetime:
        self.moment += gap
        return self.moment


class Bell:
    """Remembers what was rung, and what was committed when it was."""

    def __init__(self) -> None:
        self.rung: list[Committed] = []

    def __call__(self, committed: Committed) -> None:
        self.rung.append(committed)

    @property
    def jobs(self) -> list[str]:
        return [owed.id for committed in self.rung for owed in committed.owed]

    @property
    def subjects(self) -> set[Subject]:
        return {subject for committed in self.rung for subject in committed.subjects}


def opened(url: str, clock: Callable[[], datetime] | None = None, bell: AnyBell | None = None) -> Storage:
    """Another process's storage on the same database, as far as the database can tell."""
    return Storage(connect(url), Box(lambda: [KEY]), clock or Now(), bell or Bell())


def at_once(*calls: Callable[[], T]) -> list[T | Exception]:
    """Every call in a thread of its own, let go at the same moment: what each returned or raised, in order."""
    ready = threading.Barrier(len(calls))
    outcomes: dict[int, T | Exception] = {}

    def run(number: int, call: Callable[[], T]) -> None:
        ready.wait()
        try:
            outcomes[number] = call()
        except Exception as error:
            outcomes[number] = error

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return [outcomes[number] for number in range(len(calls))]


def persona(work: UnitOfWork, handle: str = "ada", **profile: object) -> Persona:
    return work.personas.add(
        Profile.model_validate({"name": handle.title(), "handle": handle} | profile), work.now
    )


def person(work: UnitOfWork, name: str = "Alice", role: Role = Role.OWNER) -> Person:
    return work.people.add(name, role, work.now)


def account(work: UnitOfWork, owner: Persona, platform: str = "stage") -> Account:
    return work.accounts.connect(owner.id, platform, owner.handle, {"token": "t0"}, work.now)


def variant(work: UnitOfWork, text: str = "Hello", state: State = State.IN_REVIEW) -> Variant:
    """A post of @ada's with one version, on the stage."""
    ada = next((p for p in work.personas.all() if p.handle == "ada"), None) or persona(work)
    here = next(iter(work.accounts.of(ada.id)), None) or account(work, ada)
    post = Post(work.new_id(), ada.id, ContentType.POST, "about it", "p1", "", work.now)
    made = Variant(work.new_id(), post.id, ada.id, here.id, "stage", state, 1, 1, work.now)
    work.posts.add(post, (made,))
    actor = person(work, f"Author {made.id}").actor
    work.posts.add_version(
        Version(made.id, 1, Content((Segment(text),)), actor, frozenset({actor.id}), work.now)
    )
    return made


def approval(work: UnitOfWork, of: Variant, **policy: object) -> Approval:
    made = Approval(
        id=work.new_id(),
        subject=of.subject,
        version=of.version,
        fingerprint="f" * 32,
        policy=Policy.model_validate(policy),
        state=ApprovalState.PENDING,
        requested_by="p1",
        authors=frozenset(),
        created_at=work.now,
        expires_at=work.now + timedelta(hours=72),
    )
    work.approvals.add(made)
    return made
