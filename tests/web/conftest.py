from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers.processes import scratch
from tests.servers.redis_server import Redis
from tests.web.console import Console


@pytest.fixture(scope="module")
def console(redis_process: Redis) -> Iterator[Console]:
    """The web console, running. One for a module; its people and posts stay from test to test."""
    redis_process.start()
    with scratch("console") as home, Console(home, redis_process.url) as running:
        yield running
        running.troupe.close()
