from __future__ import annotations

from collections.abc import Iterator

import pytest

from storage.unit_of_work import Storage
from tests.storage.cast import Bell, Now, opened


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def bell() -> Bell:
    return Bell()


@pytest.fixture
def storage(database_url: str, now: Now, bell: Bell) -> Iterator[Storage]:
    """On SQLite and on PostgreSQL."""
    made = opened(database_url, now, bell)
    yield made
    made.engine.dispose()
