"""Accounts of a persona: connected after a sign-in that happened outside of any transaction, and let go again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from agents.errors import Conflict
from agents.events import Event
from agents.oncall.remedy import account_is_back
from agents.people import Person, Role
from agents.personas.persona import Persona
from agents.publishing.platform import Account
from agents.work import Work as AllWork
from agents.writing.post import Posts as AllPosts
from agents.writing.post import State, Variant


class Accounts(Protocol):
    def of(self, persona_id: str) -> list[Account]: ...
    def get(self, id: str) -> Account: ...
    def mark(self, id: str, state: str) -> None: ...
    def connect(
        self,
        persona_id: str,
        platform: str,
        handle: str,
        credentials: dict[str, str],
        now: datetime,
        *,
        base_url: str = "",
        external_id: str = "",
    ) -> Account: ...


class Posts(AllPosts, Protocol):
    def in_states(
        self, states: Iterable[State], *, persona_id: str = "", limit: int = 100
    ) -> list[Variant]: ...


class Work(AllWork, Protocol):
    @property
    def accounts(self) -> Accounts: ...
    @property
    def posts(self) -> Posts: ...


class SignedIn(Protocol):
    """What a platform answered when somebody signed in to it."""

    @property
    def handle(self) -> str: ...
    @property
    def external_id(self) -> str: ...
    @property
    def base_url(self) -> str: ...
    @property
    def credentials(self) -> dict[str, str]: ...


def may_connect(persona_id: str, by: Person, work: Work) -> Persona:
    """Asked before a password goes anywhere. Raises Forbidden or Conflict."""
    by.must_be(Role.MANAGER, "connect an account")
    persona = work.personas.get(persona_id)
    persona.must_not_be_archived()
    return persona


def connect(
    persona_id: str, platform: str, signed_in: SignedIn, by: Person, work: Work, *, via: str = ""
) -> Account:
    """A verified account, or fresh credentials for the one there is. A persona has one account on a platform."""
    persona = may_connect(persona_id, by, work)
    for other in work.accounts.of(persona.id):
        same = (other.handle, other.base_url) == (signed_in.handle, signed_in.base_url)
        if other.platform == platform and not same:
            raise Conflict(
                f"@{persona.handle} is {other.handle} on {platform} already.",
                remedy=f"/persona disconnect @{persona.handle} {platform} first.",
            )
    account = work.accounts.connect(
        persona.id,
        platform,
        signed_in.handle,
        signed_in.credentials,
        work.now,
        base_url=signed_in.base_url,
        external_id=signed_in.external_id,
    )
    after = {"platform": platform, "account": account.handle, "server": account.base_url}
    work.record(Event("persona.account_connected", persona.subject, by.acting(via), after=after))
    account_is_back(account, by, work)
    return account


def disconnect(account_id: str, by: Person, work: Work, *, via: str = "") -> Account:
    """Its credentials are forgotten. Raises Conflict while something is about to go out through it."""
    by.must_be(Role.MANAGER, "disconnect an account")
    account = work.accounts.get(account_id)
    persona = work.personas.get(account.persona_id)
    if account.state == "disconnected":
        raise Conflict(f"{account.handle} is disconnected already.")
    going = work.posts.in_states(
        [State.SCHEDULED, State.APPROVED, State.PUBLISHING, State.TAKING_DOWN], persona_id=persona.id
    )
    waiting = sum(variant.account_id == account.id for variant in going)
    if waiting:
        raise Conflict(
            f"{waiting} {'post is' if waiting == 1 else 'posts are'} about to go out as {account.handle}.",
            remedy="Unschedule or reject what should not go out, or wait until it is out.",
        )
    work.accounts.mark(account.id, "disconnected")
    before = {"platform": account.platform, "account": account.handle}
    work.record(Event("persona.account_disconnected", persona.subject, by.acting(via), before=before))
    return account
