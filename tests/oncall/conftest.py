from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from jobs import run as door
from tests.oncall.ward import Ward, opened_ward


@pytest.fixture
def ward(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ward]:
    """A team on call, on SQLite and on PostgreSQL: tests/oncall/ward.py."""
    with opened_ward(database_url, partial(monkeypatch.setitem, door.WORK)) as made:
        yield made
