"""An empty workspace for every test of the Slack surface."""

from collections.abc import Iterator

import pytest

from tests.slack.emulator import Emulator, Patience


@pytest.fixture
def slack() -> Iterator[Emulator]:
    """Slack with everything granted and its real allowances; events come again after 0.2 s, not after minutes."""
    with Emulator(patience=Patience(retries_s=(0.0, 0.2, 0.5))).running() as emulator:
        yield emulator
