"""A team at work in each chat, by turns."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import commands
from bot.slack.manifest import manifest
from tests.discord.emulator import Emulator as Discord
from tests.discord.hands import DiscordHands
from tests.discord.team import team as discord_team
from tests.slack.emulator import Emulator as Slack
from tests.slack.emulator import Patience
from tests.slack.hands import SlackHands
from tests.slack.team import team as slack_team
from tests.surfaces.hands import Hands

SOON = Patience(retries_s=(0.0, 0.2, 0.5))


@pytest.fixture(params=["slack", "discord"])
def at(request: pytest.FixtureRequest, tmp_path: Path, redis_url: str) -> Iterator[Hands]:
    commands.load()
    if request.param == "slack":
        with (
            Slack(manifest(), patience=SOON).running() as slack,
            slack_team(tmp_path, slack, redis_url) as crew,
        ):
            yield SlackHands(crew)
        return
    with Discord().running() as discord, discord_team(tmp_path, discord, redis_url) as crew_there:
        yield DiscordHands(crew_there)
        assert discord.untruths() == []
