from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot import wiring
from bot.settings import load
from bot.wiring import build
from tests.bench.house import NO_REDIS, House, furnish
from tests.jobs.timed import Timed
from tests.jobs.yard import Yard
from tests.servers.redis_server import Redis


@pytest.fixture
def timed(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Timed]:
    """What `jobs.run.run` finds as this process's Troupe, on SQLite and on PostgreSQL."""
    made = Timed(load(troupe_home=tmp_path, database_url=database_url, redis_url=NO_REDIS))
    monkeypatch.setattr(wiring, "_process", made)
    with capture_logs():  # what raises on purpose is not printed with all of its frames
        yield made
    made.close()


@pytest.fixture
def quiet(timed: Timed) -> House:
    """Two people, a persona and drafts, where nothing happens by itself."""
    return furnish(timed)


@pytest.fixture
def house(database_url: str, redis_server: Redis, tmp_path: Path) -> Iterator[House]:
    """A house whose bell is heard by real processes: tests/jobs/yard.py."""
    troupe = build(load(troupe_home=tmp_path, database_url=database_url, redis_url=redis_server.url))
    yield furnish(troupe)
    troupe.close()


@pytest.fixture
def yard(house: House, redis_server: Redis) -> Iterator[Yard]:
    with Yard(house, redis_server) as made:
        yield made
