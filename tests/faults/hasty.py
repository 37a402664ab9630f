"""The same jobs in this very process, by a clock that need not wait: pauses between tries pass at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from agents.people import Role
from agents.personas.templates import template
from bot import commands, wiring
from bot.calls import Place
from bot.cards import plain
from bot.platforms import BLUESKY
from bot.settings import load
from bot.wiring import Troupe
from jobs.run import run
from storage import migrate
from storage.unit_of_work import Committed
from tests.bench.house import NO_REDIS
from tests.faults.site import PATIENCE_S, Ground
from tests.servers.pds import Pds
from tests.storage.cast import Now
from tests.system.process import Loopback

LONGEST = timedelta(minutes=4)
"""What is due later (the next step of an escalation) is not waited for."""
T = TypeVar("T")


@dataclass(frozen=True)
class Hasty(Troupe):
    now: Now = field(default_factory=Now)

    def clock(self) -> datetime:
        return self.now()

    def _ring(self, committed: Committed) -> None:
        """Nobody hears: `Desk.until` looks what is owed."""


@dataclass(frozen=True)
class Desk(Ground):
    troupe: Hasty

    def press(self, action: str, **values: str) -> None:
        with self.troupe.storage.reading() as work:
            owner = next(person for person in work.people.everyone() if person.role is Role.OWNER)
        answer = self.troupe.dispatcher.press(action, owner, Place("console"), values or None)
        assert answer.error is None, answer.error

    def until(self, look: Callable[[], T | None], what: str, within_s: float = PATIENCE_S) -> T:
        self._work_off()
        found = look()
        assert found, f"{what}; alerts: {[plain(self.card(alert)) for alert in self.alerts()]}"
        return found

    def _work_off(self) -> None:
        """Everything that is due, and falls due within LONGEST of what was done last."""
        while True:
            with self.troupe.storage.unit_of_work() as work:
                owed = work.jobs.claim_due(work.now)
            for one in owed:
                run(one.id)
            with self.troupe.storage.reading() as work:
                due = work.jobs.next_due()
            if owed:
                continue
            if due is None or due > self.troupe.now.moment + LONGEST:
                return
            self.troupe.now.moment = max(self.troupe.now.moment, due)


@contextmanager
def desk(home: Path, pds: Pds, **settings: str) -> Iterator[Desk]:
    given = load(_env_file=None, troupe_home=home, redis_url=NO_REDIS, **settings)
    migrate.upgrade(given.database_url)
    commands.load()
    troupe = Hasty(given, Loopback())
    wiring.use(troupe)
    at_pds = pds.account("ada")
    try:
        with troupe.storage.unit_of_work() as work:
            work.people.add("Olga", Role.OWNER, work.now)
            ada = work.personas.add(
                template("product-marketer").model_copy(update={"name": "Ada", "handle": "ada"}), work.now
            )
        connected = troupe.connect_bluesky(
            {"base_url": pds.url, "handle": at_pds.handle, "app_password": at_pds.app_password}
        )
        with troupe.storage.unit_of_work() as work:
            work.channels.add("console", "general", work.now)
            work.accounts.connect(
                ada.id,
                BLUESKY.platform,
                connected.handle,
                connected.credentials,
                work.now,
                external_id=connected.external_id,
                base_url=connected.base_url,
            )
            account = work.accounts.on(ada.id, BLUESKY.platform)
        yield Desk(troupe, pds, account, at_pds)
    finally:
        pds.calm()
        troupe.close()
