"""An empty workspace for every test of the Slack surface, and a team at work in one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import commands
from bot.slack.manifest import manifest
from tests.slack.emulator import Emulator, Patience
from tests.slack.team import Team, team

SOON = Patience(retries_s=(0.0, 0.2, 0.5))


@pytest.fixture
def slack() -> Iterator[Emulator]:
    """Slack with everything granted and its real allowances; events come again after 0.2 s, not after minutes."""
    with Emulator(patience=SOON).running() as emulator:
        yield emulator


@pytest.fixture
def crew(tmp_path: Path, redis_url: str) -> Iterator[Team]:
    """A team in a workspace whose admin pasted our manifest. What a test does not provoke itself, Slack never refuses."""
    commands.load()
    with (
        Emulator(manifest(), patience=SOON).running() as emulator,
        team(tmp_path, emulator, redis_url) as crew,
    ):
        yield crew
