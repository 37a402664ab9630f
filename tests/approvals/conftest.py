from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.approvals.house import House, open_house
from tests.publishing.fake import FakePublisher


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    """The cast with one worker, on SQLite and on PostgreSQL."""
    with open_house(database_url, FakePublisher()) as made:
        yield made
