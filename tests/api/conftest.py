from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from time import sleep

import pytest
import uvicorn
from starlette.testclient import TestClient

from tests.api.team import Team, build
from tests.servers.processes import free_port


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return build(tmp_path)


@pytest.fixture
def alice(team: Team) -> TestClient:
    """A program with an owner's key."""
    return team.client()


@pytest.fixture
def address(team: Team) -> Iterator[str]:
    """The API behind a real server on loopback."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(team.app, port=port, log_config=None, access_log=False))
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        sleep(0.01)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)
