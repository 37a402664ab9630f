"""What a version is held against, and how the result of a check reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from agents.personas.persona import Profile
from agents.publishing.platform import Rules
from agents.writing.writer import ContentType


class CheckState(StrEnum):
    PASSED = "passed"
    WARNED = "warned"
    FAILED = "failed"
    SKIPPED = "skipped"
    PENDING = "pending"
    """Somebody still looks; it keeps the version from being approved until then."""


@dataclass(frozen=True, slots=True)
class Check:
    """The result of one look at a version. `reason` is for a person; "" when there is nothing to say."""

    name: str
    state: CheckState
    reason: str = ""

    @property
    def blocks(self) -> bool:
        """True if the version cannot be approved as it is."""
        return self.state in (CheckState.FAILED, CheckState.PENDING)


class LinkState(NamedTuple):
    """What was found behind a link.  alive: None when it could not be told just now."""

    alive: bool | None
    reason: str = ""


class Moderation(NamedTuple):
    """What a moderation service said.  skipped: why nobody was asked, "" when somebody was."""

    flagged: bool = False
    categories: tuple[str, ...] = ()
    skipped: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a version is held against, besides itself."""

    profile: Profile
    rules: Rules
    type: ContentType = ContentType.POST
    source_url: str = ""
    """What an article share shares."""
    recent: Sequence[str] = ()
    """The last posts of this persona on this account, other than this one, newest first."""
    links: Mapping[str, LinkState] = field(default_factory=dict)
    """By address; what is not in it was not looked at."""
    moderation: Moderation | None = None
