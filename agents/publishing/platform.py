"""What every publishing platform is to us: its rules, its door, and the four ways in which sending can end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Protocol

from agents.errors import TroupeError
from agents.events import Subject
from agents.writing.content import Content


@dataclass(frozen=True, slots=True)
class Rules:
    """What a platform allows in one segment of a post. Limits carry their source where they are defined."""

    platform: str
    """The word people type: "bluesky"."""
    name: str
    """As it is written: "Bluesky"."""
    limit: int
    """Longest segment, in `unit`."""
    unit: str
    """graphemes, weighted characters, characters."""
    length: Callable[[str], int]
    """Counts a text in `unit`."""
    max_bytes: int | None = None
    """Longest segment in UTF-8 bytes, None where the platform has no such limit."""
    max_segments: int = 25
    max_images: int = 4
    max_alt: int = 2000
    """Longest alternative text, in graphemes."""
    card_with_images: bool = False
    """Whether one segment may show pictures and a link card together."""


@dataclass(frozen=True, slots=True)
class Account:
    """One account of one persona on one platform. Its credentials are in the vault, never here."""

    id: str
    persona_id: str
    platform: str
    handle: str
    base_url: str = ""
    """Where the platform's API answers; "" for the stage."""
    external_id: str = ""
    """The platform's own permanent id of the account (Bluesky: the DID)."""
    state: str = "connected"
    """connected, or sign_in_needed once the platform refused the stored session."""

    @property
    def subject(self) -> Subject:
        return Subject("account", self.id)


@dataclass(frozen=True, slots=True)
class Minted:
    """What we chose for one segment before anything was sent; committed with the intent, so every try sends the same."""

    position: int
    key: str
    """The record key that we choose (Bluesky: a TID); unique for ever."""
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Sent:
    """Proof that one segment is out."""

    position: int
    ref: str
    """The platform's permanent reference (Bluesky: the at:// URI)."""
    cid: str
    """Hash of the record where the platform has one, else ""."""
    url: str
    """Opens the post in a browser."""


class PublishError(TroupeError):
    """Sending one segment did not end well. The class says whether to try again."""

    code = "publish_failed"


class Rejected(PublishError):
    """The platform said no to this content, for good: trying the same again is useless. Nothing is out."""

    code = "rejected"


class RateLimited(PublishError):
    """Not now: the platform told us to wait. Nothing is out; `retry_after_s` ≥ 0 is what it asked for."""

    code = "rate_limited"

    def __init__(self, what: str, *, retry_after_s: float, remedy: str = "") -> None:
        super().__init__(what, remedy=remedy)
        self.retry_after_s = retry_after_s


class SignInNeeded(PublishError):
    """The platform no longer accepts the account's session or password. Nothing is out."""

    code = "sign_in_needed"


class OutcomeUnknown(PublishError):
    """The request may or may not have arrived (time-out, dropped connection, 5xx). Look before trying again."""

    code = "outcome_unknown"


class Publisher(Protocol):
    """One platform. Every method may block for seconds and is called with no transaction open.

    Raises only PublishError and its kinds.
    """

    rules: Rules
    idempotent: ClassVar[bool]
    """True if sending the same minted segment again can never make a second post."""

    def mint(self, content: Content, now: datetime) -> tuple[Minted, ...]:
        """One per segment, in order. Touches no network."""

    def send(self, account: Account, content: Content, plan: Minted, before: Sequence[Sent]) -> Sent:
        """Sends the segment at `plan.position`.  before: the segments that are out already, in order."""

    def find(self, account: Account, plan: Minted) -> Sent | None:
        """Looks at the platform for what a crashed attempt left behind. None: it is not there."""

    def delete(self, account: Account, sent: Sent) -> None:
        """Takes one segment down, and returns only once the platform shows that it is gone. Gone already is fine."""


class Vault(Protocol):
    """Credentials of accounts, encrypted at rest."""

    def read(self, account_id: str) -> dict[str, str]: ...

    def locked(self, account_id: str) -> AbstractContextManager[None]:
        """One holder at a time over all processes: refresh tokens are single-use. Raises TimeoutError after 30 s."""

    def write(self, account_id: str, credentials: dict[str, str]) -> None: ...


class Pictures(Protocol):
    """The bytes of pictures, by their id."""

    def data(self, picture_id: str) -> bytes: ...
