"""A chat for the bench: its emulator in a process of its own, with no limits on rates, and who connects to it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import httpx
from sqlalchemy import func, select

from bot.settings import ROOT
from storage.tables import MessageRow
from tests.bench.house import House
from tests.bench.processes import process
from tests.servers.processes import Process, ServerError

PATIENCE_S = 600.0
"""For one load; the longest goes on for less than a minute when nothing is lost."""


@dataclass(frozen=True)
class Chat:
    """name: of our surface, and of the process that serves it.  settings: of an app, from what the emulator prints."""

    name: str
    settings: Callable[[Mapping[str, str]], dict[str, str]]

    @property
    def ours(self) -> tuple[str, str]:
        """Our own process, which can be asked what it has loaded."""
        return "tests.bench.census", f"bot.{self.name}"

    def bare(self, kind: str) -> tuple[str, str]:
        """One of its bare peers."""
        return f"tests.bench.bare_{self.name}", kind


SLACK = Chat(
    "slack",
    lambda told: {
        "SLACK_API_URL": told["url"].rstrip("/"),
        "SLACK_BOT_TOKEN": told["bot_token"],
        "SLACK_APP_TOKEN": told["app_token"],
    },
)
DISCORD = Chat(
    "discord",
    lambda told: {
        "DISCORD_API_URL": told["api"],
        "DISCORD_GATEWAY_URL": told["gateway"].rstrip("/"),
        "DISCORD_TOKEN": told["token"],
    },
)


@dataclass(frozen=True)
class Workspace:
    """environment: what an app is told to connect to.  control: of the emulator, its `control.py`."""

    chat: Chat
    house: House
    environment: Mapping[str, str]
    control: str

    def ask(self, what: str, given: Mapping[str, Any] | None = None) -> Any:
        """POST of JSON, GET without. Raises httpx.HTTPError."""
        method = "GET" if given is None else "POST"
        answer = httpx.request(method, self.control + what, json=given, timeout=PATIENCE_S)
        return answer.raise_for_status().json()

    def load(
        self, kind: str, what: str, rate: float, seconds: float, channel: str = "general", **more: Any
    ) -> Any:
        """What the emulator's `load.py` measured."""
        fields = {"kind": kind, "what": what, "rate": rate, "seconds": seconds, "channel": channel, **more}
        return self.ask("load", fields)

    @contextmanager
    def app(self, module: str, *words: str) -> Iterator[Process]:
        """The only one that is connected: what is sent goes to any of those that are."""
        self.wait(lambda state: not state["connections"])

        def ready() -> bool:
            return bool(self._state()["connections"] == 1)

        with process(self.house, module, *words, ready=ready, env=self.environment) as app:
            yield app

    def wait(self, until: Callable[[Any], bool], within_s: float = 60.0) -> None:
        """Until the state is so. Raises ServerError when it never is."""
        end = monotonic() + within_s
        while not until(state := self._state()):
            if monotonic() > end:
                raise ServerError(f"the emulator did not come to what was waited for: {state}")
            sleep(0.05)

    def heard(self) -> int:
        """How many messages there are in the house."""
        with self.house.troupe.storage.engine.connect().execution_options(reading=True) as connection:
            return connection.execute(select(func.count()).select_from(MessageRow)).scalar_one()

    def _state(self) -> Any:
        return self.ask("state")


@contextmanager
def workspace(
    chat: Chat, house: House, users: Sequence[str], channels: Sequence[str]
) -> Iterator[tuple[Workspace, Any]]:
    """With the ids of its users and channels, by name. All users are in all channels."""
    log = house.troupe.settings.troupe_home / f"{chat.name}.log"
    argv = [sys.executable, "-m", f"tests.{chat.name}.emulator", "--rates", "off"]
    env = {"PYTHONPATH": str(ROOT)}
    with Process(argv, log=log, ready=lambda: _told(log) is not None, env=env, cwd=ROOT):
        told = _told(log) or {}
        made = Workspace(chat, house, chat.settings(told), told["control"])
        yield (
            made,
            made.ask("setup", {"users": list(users), "channels": {name: list(users) for name in channels}}),
        )


def _told(log: Path) -> Any:
    """The emulator's first line, once it is there."""
    line, ended, _ = log.read_text().partition("\n")
    return json.loads(line) if ended else None
