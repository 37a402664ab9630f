"""The fixtures every test may ask for: real servers. What they are and can do: tests/servers/README.md.

Servers are imported and started by the first test that wants them, so the quick tests pay nothing.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.chat import Chat
    from tests.servers.aimock import Aimock
    from tests.servers.pds import Pds
    from tests.servers.postgres import Postgres
    from tests.servers.redis_server import Redis


settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile(
        "ci"
    )  # the same examples for everybody; new ones are looked for where somebody can look into them

ALIVE = frozenset(
    {
        *("bench", "chaos", "discord", "faults", "jobs", "oncall", "outbox"),
        *("sandbox", "servers", "slack", "surfaces", "system", "tasks", "web"),
    }
)
"""Folders whose tests run real processes against the clock: on a machine that stands still for a moment one may fail by that
alone. In CI such a test is run again, and the report says so; a fault fails every time."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.environ.get("CI"):
        for item in items:
            if item.path.parent.name in ALIVE:
                item.add_marker(pytest.mark.flaky(reruns=2, reruns_delay=1))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The PostgreSQL server. `postgres.template(name, build)` makes a database to copy others from."""
    from tests.servers.postgres import running

    with running() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """The URL (postgresql+psycopg://…) of an empty database of this test's own."""
    with postgres.database() as url:
        yield url


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file as the migrations make it, to be copied."""
    from storage.migrate import upgrade

    file = tmp_path_factory.mktemp("migrated") / "troupe.db"
    upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty Troupe of this test's own, made by the migrations: the test runs on SQLite and on a real PostgreSQL."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "troupe.db")
        yield f"sqlite:///{tmp_path}/troupe.db"
    else:
        from storage.migrate import upgrade

        server: Postgres = request.getfixturevalue("postgres")
        with server.database(server.template("migrated", upgrade)) as url:
            yield url


@pytest.fixture(scope="session")
def redis_process() -> Iterator[Redis]:
    from tests.servers.redis_server import running

    with running() as server:
        yield server


@pytest.fixture
def redis_server(redis_process: Redis) -> Redis:
    """The Redis server, running and empty: to be killed, paused, started again at the same address, flushed."""
    redis_process.start()
    redis_process.flush()
    return redis_process


@pytest.fixture
def redis_url(redis_server: Redis) -> str:
    """The URL (unix://…) of an empty Redis."""
    return redis_server.url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium. For a module, not for the session: while it lives, `asyncio.run` fails in the main thread."""
    from tests.servers.browser import running

    with running() as chromium:
        yield chromium


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty page in a fresh profile. An uncaught error of a page's script fails the test."""
    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        context.set_default_timeout(10_000)
        errors: list[str] = []
        context.on("weberror", lambda error: errors.append(str(error.error)))
        yield context.new_page()
    assert not errors, f"The page's scripts failed: {errors}"


@pytest.fixture(scope="session")
def aimock_process() -> Iterator[Aimock]:
    from tests.servers.aimock import running

    with running() as server:
        yield server


@pytest.fixture
def aimock(aimock_process: Aimock) -> Aimock:
    """The OpenAI-compatible server, running, with no answers, no chaos, an empty journal."""
    aimock_process.reset()
    return aimock_process


@pytest.fixture(scope="session")
def pds_process() -> Iterator[Pds]:
    from tests.servers.pds import running

    with running() as server:
        yield server


@pytest.fixture
def pds(pds_process: Pds) -> Pds:
    """The Bluesky server, running, with no faults. Make accounts with `pds.account()`."""
    pds_process.calm()
    return pds_process


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a skipped test is a failed one: what it needs is missing, and nobody would see it."""
    report = yield
    if os.environ.get("CI") and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"It was skipped, and in CI nothing may be: {report.longrepr}"
    return report


@pytest.fixture
def chat(migrated_file: Path, tmp_path: Path) -> Iterator[Chat]:
    """The team's chat with its cast, on SQLite: tests/chat.py."""
    from tests.chat import Chat

    shutil.copy(migrated_file, tmp_path / "troupe.db")
    made = Chat(f"sqlite:///{tmp_path}/troupe.db")
    yield made
    made.close()


@pytest.fixture
def chat_anywhere(database_url: str) -> Iterator[Chat]:
    """The same, once on SQLite and once on PostgreSQL."""
    from tests.chat import Chat

    made = Chat(database_url)
    yield made
    made.close()
