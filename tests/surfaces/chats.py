"""A team at work in one of the chats; and the process `agent` beside it, where personas work on tasks."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from redis import Redis

from bot import commands
from bot.settings import ROOT
from bot.slack.manifest import manifest
from bot.wiring import Troupe
from tests.bench.processes import REGISTERED
from tests.discord.emulator import Emulator as Discord
from tests.discord.hands import DiscordHands
from tests.discord.team import team as discord_team
from tests.servers.processes import Process
from tests.slack.emulator import Emulator as Slack
from tests.slack.emulator import Patience
from tests.slack.hands import SlackHands
from tests.slack.team import team as slack_team
from tests.surfaces.hands import Hands

SURFACES = ("slack", "discord")
SOON = Patience(retries_s=(0.0, 0.2, 0.5))


def opened(surface: str, home: Path, redis_url: str, **settings: Any) -> AbstractContextManager[Hands]:
    """settings: of the team's Troupe, by name."""
    commands.load()
    return (_slack if surface == "slack" else _discord)(home, redis_url, settings)


@contextmanager
def _slack(home: Path, redis_url: str, settings: dict[str, Any]) -> Iterator[Hands]:
    with (
        Slack(manifest(), patience=SOON).running() as slack,
        slack_team(home, slack, redis_url, **settings) as crew,
    ):
        yield SlackHands(crew)


@contextmanager
def _discord(home: Path, redis_url: str, settings: dict[str, Any]) -> Iterator[Hands]:
    with Discord().running() as discord, discord_team(home, discord, redis_url, **settings) as crew:
        yield DiscordHands(crew)
        assert discord.untruths() == []


@contextmanager
def agent(troupe: Troupe) -> Iterator[Process]:
    """The real one, which forks for each stretch of work. Returns when it takes jobs."""
    names = ("database_url", "redis_url", "troupe_home", "smtp_url", "smtp_from")
    environment = {name.upper(): str(getattr(troupe.settings, name)) for name in names}
    environment["TASK_EMAIL_DOMAINS"] = ",".join(troupe.settings.task_email_domains)
    with (
        Redis.from_url(troupe.redis_url) as redis,
        Process(
            [sys.executable, "-m", "jobs.worker", "tasks"],
            log=troupe.settings.troupe_home / "agent.log",
            ready=lambda: bool(redis.smembers(REGISTERED)),
            env=environment | {"PYTHONPATH": str(ROOT), "LOG_LEVEL": "WARNING"},
            cwd=ROOT,
        ) as process,
    ):
        yield process
