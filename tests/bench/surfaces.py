"""Everything up at once, for alerts: `./troupe up` with Slack and Discord beside it, each an emulator in a process of its own.

Cards of alerts stand in a channel called alerts on every surface.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace

import psutil

from agents.events import Subject
from agents.oncall.alert import Alert
from agents.oncall.kinds import AlertKind, Severity
from agents.people import Identity
from bot.settings import load
from bot.wiring import Troupe
from storage.unit_of_work import UnitOfWork
from tests.bench.house import House, Unrung, house
from tests.bench.installation import up
from tests.bench.workspace import DISCORD, SLACK, Workspace, workspace
from tests.servers.processes import ServerError

ALERTS, ELSEWHERE = "alerts", "elsewhere"
CHATS = (SLACK, DISCORD)
LOOK_S = 0.05
ID, TIMES = re.compile(r"\*Alert\*+\W*(\w+)"), re.compile(r"\*Times\*+\W*([\d,]+)")


@dataclass(frozen=True, slots=True)
class Shown:
    """A card of an alert in a chat.  at: since when, seconds since 1970.  count: of failures, as it says."""

    alert: str
    at: float
    count: int


@dataclass(frozen=True)
class Scene:
    """up: the process id of `./troupe up`.  console: the id of its channel ALERTS.  chats: by name.

    rooms: ids of the channels ELSEWHERE in our rows, by chat.
    """

    home: House
    up: int
    console: str
    chats: Mapping[str, Workspace]
    rooms: Mapping[str, str]

    def shown(self, chat: str) -> list[Shown]:
        found = []
        for post in self.chats[chat].ask(f"posts?channel={ALERTS}"):
            id, times = ID.search(post["words"]), TIMES.search(post["words"])
            if id:
                found.append(Shown(id[1], post["at"], int(times[1].replace(",", "")) if times else 1))
        return found

    def process(self, chat: str) -> psutil.Process | None:
        """The one that serves a chat, while there is one."""
        for child in psutil.Process(self.up).children():
            try:
                if f"bot.{chat}" in child.cmdline() and child.status() != psutil.STATUS_ZOMBIE:
                    return child
            except psutil.NoSuchProcess:
                continue
        return None

    def fails(self, cause: str, number: int = 0) -> tuple[Alert, float]:
        """Something fails by that cause. The alert, and when it began to be committed: seconds since 1970."""
        with self.home.troupe.storage.unit_of_work() as work:
            alert = _raise(cause, number, work)
            at = time.time()
        return alert, at


def _raise(cause: str, number: int, work: UnitOfWork) -> Alert:
    return work.raise_alert(
        AlertKind.PUBLISH_FAILED,
        Subject("post", f"{cause}-{number}"),
        f"Number {number} was refused.",
        kept="Nothing is lost: the post is kept as it was approved.",
        remedy="Look at the account.",
        group=Subject("account", cause),
        severity=Severity.HIGH,
    )


@contextmanager
def scene() -> Iterator[Scene]:
    """Everything is up, and both chats are connected."""
    with ExitStack() as stack:
        bare = stack.enter_context(house("sqlite", kind=Unrung))
        made = {
            chat.name: stack.enter_context(workspace(chat, bare, ["alice", "bob"], [ALERTS, ELSEWHERE]))
            for chat in CHATS
        }
        console, rooms = _rooms(bare, {name: ids for name, (_, ids) in made.items()})
        chats = {name: chat for name, (chat, _) in made.items()}
        settings = {name: value for chat in chats.values() for name, value in chat.environment.items()}
        folder = bare.troupe.settings.troupe_home
        running = stack.enter_context(up(home=folder, settings=settings))
        for chat in chats.values():
            chat.wait(lambda state: state["connections"] == 1)
        troupe = stack.enter_context(closing(Troupe(load(troupe_home=folder))))
        yield Scene(replace(bare, troupe=troupe), running.pid, console, chats, rooms)


def _rooms(home: House, ids: Mapping[str, Mapping[str, Mapping[str, str]]]) -> tuple[str, dict[str, str]]:
    """Channels and people as both sides know them: the console's ALERTS, and ELSEWHERE by chat.

    ids: of users and channels, by chat.
    """
    rooms = {}
    with home.troupe.storage.unit_of_work() as work:
        console = work.channels.add("console", ALERTS, work.now).id
        for chat, known in ids.items():
            for name, external_id in known["channels"].items():
                channel = work.channels.add(chat, name, work.now, external_id=external_id)
                if name == ELSEWHERE:
                    rooms[chat] = channel.id
            for person, name in ((home.alice, "alice"), (home.bob, "bob")):
                work.people.link(Identity(person.id, chat, known["users"][name]), work.now)
    return console, rooms


def wait(what: str, until: Callable[[], bool], within_s: float) -> None:
    """Raises ServerError when it never comes."""
    end = time.monotonic() + within_s
    while not until():
        if time.monotonic() > end:
            raise ServerError(f"{what}: not within {within_s:g} s")
        time.sleep(LOOK_S)
