from __future__ import annotations

from collections.abc import Iterator

import pytest

from storage.unit_of_work import Storage
from tests.publishing.desk import Desk
from tests.publishing.fake import FakePublisher
from tests.storage.cast import Bell, Now, opened


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def storage(database_url: str, now: Now) -> Iterator[Storage]:
    """On SQLite and on PostgreSQL."""
    made = opened(database_url, now, Bell())
    yield made
    made.engine.dispose()


@pytest.fixture
def desk(storage: Storage, now: Now) -> Desk:
    return Desk(storage, now)


@pytest.fixture
def fake(desk: Desk) -> FakePublisher:
    return desk.fake
