from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.tasks.office import Office, open_office


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    """The cast and @ada, on SQLite and on PostgreSQL."""
    with open_office(database_url) as made:
        yield made
