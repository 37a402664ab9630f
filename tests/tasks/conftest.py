from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.servers.model import ModelServer, running
from tests.tasks.crew import Story, crew, story
from tests.tasks.office import Office, open_office
from tests.tasks.scripts import stages


@pytest.fixture
def server() -> Iterator[ModelServer]:
    """An OpenAI-compatible server that takes a task from its plan to its end."""
    with running() as made:
        made.script = stages()
        yield made


@pytest.fixture
def at_work(database_url: str, tmp_path: Path, server: ModelServer) -> Iterator[Story]:
    """Ada with a task, on SQLite and on PostgreSQL."""
    troupe = crew(tmp_path, database_url, server.url)
    with capture_logs():  # what raises on purpose is not printed with all of its frames
        yield story(troupe)
    troupe.close()


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    """The cast and @ada, on SQLite and on PostgreSQL: every job runs but a persona's work, which the test plays itself."""
    with open_office(database_url) as made:
        yield made
