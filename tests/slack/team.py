"""A team in Slack: Troupe's real process parts in threads of this one, against the emulator, a real Redis and a real database.

    with team(tmp_path, slack, redis_url) as troupe:
        alice.types('/post draft @ada "our new release"', in_=general)

Alice owns, Mia manages, Bob edits, Charlie looks; all of them are linked. Ada is their persona, with the stage. Zoe is
in the workspace too, and nobody knows her. Work is done by one thread that drains what is owed, as workers would.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import select

from agents.jobs import JobName
from agents.people import Identity, Person, Role
from agents.personas.persona import Persona
from agents.personas.templates import template
from bot import commands, wiring
from bot.settings import load
from bot.slack.serve import serve
from bot.wiring import Troupe
from jobs.run import run
from storage import migrate
from storage.jobs import RING_GRACE
from storage.tables import JobRow
from tests.oncall.post_office import nobody_answers
from tests.slack.emulator import Emulator, Room
from tests.slack.emulator import Person as User
from tests.system.process import Loopback

CAST = {"alice": Role.OWNER, "mia": Role.MANAGER, "bob": Role.EDITOR, "charlie": Role.VIEWER}
SOON = [name.value for name in JobName if name not in (JobName.EXPIRE, JobName.ESCALATE, JobName.WORK)]


@dataclass
class Team:
    surface: ClassVar = "slack"
    troupe: Troupe
    slack: Emulator
    people: dict[str, Person] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    ada: Persona | None = None

    @property
    def general(self) -> Room:
        return self.rooms["general"]

    rooms: dict[str, Room] = field(default_factory=dict)
    _slack: threading.Thread | None = None
    _worker: threading.Thread | None = None
    _stop: threading.Event = field(default_factory=threading.Event)
    _loop: asyncio.AbstractEventLoop | None = None
    _serving: Any = None

    def __getattr__(self, name: str) -> User:
        users: dict[str, User] = self.__dict__.get("users", {})
        if name in users:
            return users[name]
        raise AttributeError(name)

    def channel(self, name: str) -> Room:
        room = self.slack.channel(name, members=[*self.users.values()], bot=True)
        self.rooms[name] = room
        return room

    # ---- the process ----

    def start(self) -> None:
        """The process `slack`, in a thread with a loop of its own."""
        ready = threading.Event()

        def live() -> None:
            async def main() -> None:
                loop = asyncio.get_running_loop()
                loop.set_default_executor(ThreadPoolExecutor(8))
                self._loop, self._serving = loop, asyncio.create_task(serve(self.troupe))
                ready.set()
                await asyncio.wait([self._serving])

            asyncio.run(main())

        self._slack = threading.Thread(target=live, daemon=True)
        self._slack.start()
        ready.wait()
        self.slack.until(self._is_reached, 15)

    def _is_reached(self) -> bool:
        return self.slack.connections > 0 if self.slack.signed is None else self.slack.answers()

    def stop(self) -> None:
        assert self._loop is not None and self._slack is not None
        self._loop.call_soon_threadsafe(self._serving.cancel)
        self._slack.join(15)
        assert not self._slack.is_alive(), "the process did not end"
        if not self._serving.cancelled() and self._serving.exception():
            raise self._serving.exception()

    def restart(self) -> None:
        self.stop()
        self.start()

    def _work(self) -> None:
        """What is due, and what was rung: that is due a little later, for the clock to find if nobody hears the bell."""
        owed = select(JobRow.id, JobRow.due_at, JobRow.created_at).where(
            JobRow.done_at.is_(None), JobRow.holder == "", JobRow.name.in_(SOON)
        )
        while not self._stop.wait(0.02):
            now = self.troupe.clock()
            with self.troupe.storage.engine.connect().execution_options(reading=True) as connection:
                rows = connection.execute(owed).all()
            for row in rows:
                if row.due_at <= now or row.due_at == row.created_at + RING_GRACE:
                    run(row.id)


@contextmanager
def team(home: Path, slack: Emulator, redis_url: str, **settings: Any) -> Iterator[Team]:
    given = load(
        _env_file=None,
        troupe_home=home,
        redis_url=redis_url,
        slack_bot_token=slack.bot_token,
        slack_app_token=slack.app_token,
        slack_api_url=slack.url.rstrip("/"),
        **(nobody_answers() | settings),
    )
    migrate.upgrade(given.database_url)
    commands.load()
    built = Team(wiring.use(wiring.build(given, resolver=Loopback())), slack)
    for name in (*CAST, "zoe"):
        built.users[name] = slack.user(name)
    built.channel("general")
    with built.troupe.storage.unit_of_work() as work:
        for name, role in CAST.items():
            person = built.people[name] = work.people.add(name.title(), role, work.now)
            work.people.link(Identity(person.id, "slack", built.users[name].id), work.now)
        built.ada = work.personas.add(
            template("product-marketer").model_copy(update={"name": "Ada", "handle": "ada"}), work.now
        )
        work.accounts.connect(built.ada.id, "stage", "ada", {}, work.now)
        work.channels.add("console", "general", work.now)
    built._worker = threading.Thread(target=built._work, daemon=True)
    built._worker.start()
    built.start()
    try:
        yield built
    finally:
        built.stop()
        built._stop.set()
        built._worker.join(10)
        built.troupe.close()
