"""What a handler gets besides the call: one open unit of work, and the ports to everything else.

`Ports` is built by `bot/wiring.py` for each call; nothing else in `bot/` knows a concrete class.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from agents.publishing.platform import Account, Rules

if TYPE_CHECKING:
    from agents.people import Person
    from bot.wiring import Troupe
    from storage.unit_of_work import UnitOfWork


class Connector(Protocol):
    """Signs in to one platform with what a form or the command line gave. Blocks on the network."""

    def __call__(self, values: Mapping[str, str]) -> Connected:
        """Raises Invalid or PublishError, naming the field and the remedy."""


@dataclass(frozen=True, slots=True)
class Connected:
    """What the platform answered: who the account is, and the credentials to keep."""

    handle: str
    external_id: str
    base_url: str
    credentials: dict[str, str]


class Images(Protocol):
    """Checks an uploaded picture and makes it fit for every platform."""

    def prepare(self, data: bytes) -> tuple[bytes, str, int, int]:
        """bytes, media type, width, height. Raises Invalid for a wrong kind, too large or broken."""


@dataclass(frozen=True, slots=True)
class Ports:
    """work: the open transaction, with `work.now`.  rules: by platform.  connectors: by platform."""

    work: UnitOfWork
    rules: Mapping[str, Rules]
    connectors: Mapping[str, Connector]
    images: Images
    public_url: str
    """Where the console answers, without a slash at the end."""
    moderated: bool = False
    """Whether a moderation service is connected."""
    mail_misses: str = ""
    """The setting without which nobody is reached by e-mail, "" when people are."""
    zone: str = "UTC"
    """IANA name: the zone of whoever asks, in which the times that they type are meant."""

    @property
    def now(self) -> datetime:
        return self.work.now

    def rules_for(self, account: Account) -> Rules:
        return self.rules[account.platform]


def reading_ports(troupe: Troupe, work: UnitOfWork, person: Person) -> Ports:
    """For looking only: what would change something or reach outside is not there."""
    return Ports(
        work=work,
        rules=troupe.rules,
        connectors={},
        images=troupe.images,
        public_url=troupe.public_url,
        zone=person.zone,
    )
