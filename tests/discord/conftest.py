"""An empty server for every test of the Discord surface, and a team at work in one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.discord.emulator import Emulator
from tests.discord.team import Team, team


@pytest.fixture
def discord() -> Iterator[Emulator]:
    """Discord with its real allowances, and a bot that may do what a bot like ours asks for."""
    with Emulator().running() as emulator:
        yield emulator
        assert emulator.untruths() == [], "the emulator told of something as Discord does not"


@pytest.fixture
def crew(tmp_path: Path, redis_url: str) -> Iterator[Team]:
    """What a test does not provoke itself, Discord never refuses."""
    with Emulator().running() as emulator, team(tmp_path, emulator, redis_url) as crew:
        yield crew
        assert emulator.untruths() == [], "the emulator told of something as Discord does not"
