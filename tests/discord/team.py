"""A team in a Discord server: Troupe's real process parts in threads, against the emulator, a real Redis and a real database.

    with team(tmp_path, discord, redis_url) as crew:
        crew.bob.types("/post draft", in_=crew.general, persona="@ada", about="our new release")

Alice owns, Mia manages, Bob edits, Charlie looks; all of them are linked. Ada is their persona, with the stage. Zoe is
in the server too, and nobody knows her.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from agents.people import Identity, Person, Role
from agents.personas.persona import Persona
from agents.personas.templates import template
from bot import commands, wiring
from bot.discord.serve import serve
from bot.discord.standing import PACE, Pace
from bot.settings import load
from bot.wiring import Troupe
from storage import migrate
from tests.discord.emulator import Emulator, Room
from tests.discord.emulator import Person as User
from tests.oncall.post_office import nobody_answers
from tests.parts import Part, Worker
from tests.system.process import Loopback

CAST = {"alice": Role.OWNER, "mia": Role.MANAGER, "bob": Role.EDITOR, "charlie": Role.VIEWER}


@dataclass
class Team:
    surface: ClassVar = "discord"
    troupe: Troupe
    discord: Emulator
    part: Part
    people: dict[str, Person] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    rooms: dict[str, Room] = field(default_factory=dict)
    ada: Persona | None = None

    @property
    def general(self) -> Room:
        return self.rooms["general"]

    def __getattr__(self, name: str) -> User:
        users: dict[str, User] = self.__dict__.get("users", {})
        if name in users:
            return users[name]
        raise AttributeError(name)

    def channel(self, name: str) -> Room:
        self.rooms[name] = self.discord.channel(name)
        return self.rooms[name]

    def start(self) -> None:
        """The process `discord`; returns when it is connected."""
        self.part.start()
        self.discord.until(lambda: self.discord.connections > 0, 15)

    def stop(self) -> None:
        self.part.stop()
        self.discord.until(lambda: self.discord.connections == 0, 15)

    def restart(self) -> None:
        """At once: Discord lets a bot identify every five seconds, which is tested elsewhere."""
        self.discord.world.gateway.paced = False
        self.stop()
        self.start()


def addresses(discord: Emulator) -> dict[str, str]:
    """Settings that lead there."""
    return {
        "discord_token": discord.token,
        "discord_api_url": discord.api_url,
        "discord_gateway_url": discord.gateway_url.rstrip("/"),
    }


@contextmanager
def team(
    home: Path, discord: Emulator, redis_url: str, pace: Pace = PACE, /, **settings: Any
) -> Iterator[Team]:
    """pace: how often the process tries what does not work."""
    settings = addresses(discord) | nobody_answers() | settings
    given = load(_env_file=None, troupe_home=home, redis_url=redis_url, **settings)
    migrate.upgrade(given.database_url)
    commands.load()
    troupe = wiring.use(wiring.build(given, resolver=Loopback()))
    built = Team(troupe, discord, Part(partial(serve, pace=pace), troupe))
    for name in (*CAST, "zoe"):
        built.users[name] = discord.user(name)
    built.channel("general")
    with troupe.storage.unit_of_work() as work:
        for name, role in CAST.items():
            person = built.people[name] = work.people.add(name.title(), role, work.now)
            work.people.link(Identity(person.id, "discord", built.users[name].id), work.now)
        built.ada = work.personas.add(
            template("product-marketer").model_copy(update={"name": "Ada", "handle": "ada"}), work.now
        )
        work.accounts.connect(built.ada.id, "stage", "ada", {}, work.now)
        work.channels.add("console", "general", work.now)
    worker = Worker(troupe)
    worker.start()
    built.start()
    try:
        yield built
    finally:
        built.stop()
        worker.stop()
        troupe.close()
