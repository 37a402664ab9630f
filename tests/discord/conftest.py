"""An empty server for every test of the Discord surface."""

from collections.abc import Iterator

import pytest

from tests.discord.emulator import Emulator


@pytest.fixture
def discord() -> Iterator[Emulator]:
    """Discord with its real allowances, and a bot that may do what a bot like ours asks for."""
    with Emulator().running() as emulator:
        yield emulator
