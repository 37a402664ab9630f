"""An installation to do harm to: real processes, a real Bluesky server, posts that wait for approval, and what can be seen."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import httpx

from agents.oncall.alert import Alert, AlertState
from agents.oncall.kinds import AlertKind
from agents.publishing.platform import Account
from agents.writing.post import State
from bot import wiring
from bot.cards import Card, plain
from bot.outbox.pen import EVERYBODY
from bot.platforms import BLUESKY
from bot.present.draw import draw
from bot.settings import load
from bot.wiring import Troupe
from tests.chaos.posts import Planned, plan
from tests.servers import pds as servers
from tests.servers.pds import Pds
from tests.system.process import Loopback
from tests.system.troupe import Running, up

PATIENCE_S = 60.0
LONG_AGO, FAR_OFF = datetime(2000, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
T = TypeVar("T")


@dataclass(frozen=True)
class Ground(ABC):
    """What is under test, however its processes run."""

    troupe: Troupe
    pds: Pds
    account: Account
    at_pds: servers.Account

    @abstractmethod
    def press(self, action: str, **values: str) -> None:
        """As the owner does, on a card."""

    @abstractmethod
    def until(self, look: Callable[[], T | None], what: str, within_s: float = PATIENCE_S) -> T:
        """What `look` finds, at once or in a while. Fails, saying `what` was expected."""

    def post(self) -> Planned:
        """A thread of three that waits for approval."""
        return plan(1, [self.account], self.troupe.storage)[0]

    def approve(self, post: Planned) -> None:
        self.press(post.approve)

    def state(self, post: Planned) -> State:
        with self.troupe.storage.reading() as work:
            return work.posts.variant(post.id).state

    def is_out(self, post: Planned, within_s: float = PATIENCE_S) -> None:
        """Published, each segment exactly once and as it was approved."""
        self.until(
            lambda: self.state(post) is State.PUBLISHED, f"published, but {self.state(post)}", within_s
        )
        said = [record["value"]["text"] for record in self.pds.records(self.at_pds.did)]
        assert sorted(said) == sorted(post.texts)

    def alerts(self) -> list[Alert]:
        """All there ever were."""
        with self.troupe.storage.reading() as work:
            return work.alerts.between(LONG_AGO, FAR_OFF)

    def alert(self, kind: AlertKind, within_s: float = PATIENCE_S) -> Alert:
        """The only one there is, and of that kind."""
        self.until(self.alerts, f"an alert {kind}", within_s)
        found = self.alerts()
        assert [alert.kind for alert in found] == [kind], [plain(self.card(alert)) for alert in found]
        return found[0]

    def card(self, alert: Alert) -> Card:
        with self.troupe.storage.reading() as work:
            return draw(alert.about, work, EVERYBODY)

    def button(self, alert: Alert, label: str) -> str:
        """What that button of the alert's card carries."""
        buttons = {button.label: button.action for button in self.card(alert).all_buttons}
        assert label in buttons, f"no {label!r} among {[*buttons]}"
        return buttons[label]

    def is_over(self, alert: Alert, within_s: float = PATIENCE_S) -> None:
        """That alert is resolved, and there is no other."""

        def resolved() -> bool:
            with self.troupe.storage.reading() as work:
                return work.alerts.get(alert.id).state is AlertState.RESOLVED

        self.until(resolved, "the alert is resolved", within_s)
        assert [one.id for one in self.alerts()] == [alert.id]


@dataclass(frozen=True)
class Site(Ground):
    """`./troupe up` in a home of its own."""

    running: Running
    api: httpx.Client

    def press(self, action: str, **values: str) -> None:
        body = {"action": action, **({"values": values} if values else {})}
        answer = self.api.post("/api/actions", json=body)
        assert answer.is_success, f"{action} was answered with {answer.status_code}: {answer.text}"

    def until(self, look: Callable[[], T | None], what: str, within_s: float = PATIENCE_S) -> T:
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            if found := look():
                return found
            time.sleep(0.1)
        told = [plain(self.card(alert)) for alert in self.alerts()]
        raise AssertionError(f"not within {within_s:g} s: {what}; alerts: {told}")


@contextmanager
def site(home: Path, pds: Pds, **settings: str) -> Iterator[Site]:
    """settings: environment variables."""
    at_pds = pds.account("ada")
    with ExitStack() as closing:
        running = closing.enter_context(up(home, **settings))
        given = {
            name.lower(): value for name, value in settings.items() if name in ("DATABASE_URL", "REDIS_URL")
        }
        troupe = wiring.build(load(_env_file=None, troupe_home=home, **given), resolver=Loopback())
        closing.callback(troupe.close)
        words = ["connect", "bluesky", "--persona", "ada", "--handle", at_pds.handle, "--pds", pds.url]
        running.troupe(*words, stdin=f"{at_pds.app_password}\n")
        running.troupe("say", "/persona policy @ada keys yes")
        with troupe.storage.reading() as work:
            account = work.accounts.on(work.personas.by_handle("ada").id, BLUESKY.platform)
        closing.callback(pds.calm)
        yield Site(troupe, pds, account, at_pds, running, closing.enter_context(running.api()))
