"""The migrations make exactly the tables that the code has, and take them away again, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

import storage.tables  # noqa: F401  # fills the metadata
from storage import migrate
from storage.columns import Table
from storage.database import connect
from tests.storage.processes import in_processes


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database in which nothing was ever made."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/deep/er/troupe.db"
    else:
        yield request.getfixturevalue("postgres_url")


def tables(url: str) -> set[str]:
    engine = connect(url)
    try:
        return set(inspect(engine).get_table_names()) - {"alembic_version"}
    finally:
        engine.dispose()


def test_up_down_and_up_again(empty_url: str) -> None:
    ours = set(Table.metadata.tables)
    migrate.upgrade(empty_url)
    assert tables(empty_url) == ours
    migrate.downgrade(empty_url, "base")
    assert tables(empty_url) == set()
    migrate.upgrade(empty_url)
    assert tables(empty_url) == ours


def test_each_step_goes_down_to_where_it_came_from(empty_url: str) -> None:
    steps = [
        s.revision
        for s in ScriptDirectory(str(Path(migrate.__file__).parent / "migrations")).walk_revisions()
    ]
    seen = []
    for revision in reversed(steps):
        seen.append(tables(empty_url))
        migrate.upgrade(empty_url, revision)
    for before in reversed(seen):
        migrate.downgrade(empty_url, "-1")
        assert tables(empty_url) == before


def test_models_and_migrations_do_not_drift(database_url: str) -> None:
    engine = connect(database_url)
    try:
        with engine.connect() as connection:
            context = MigrationContext.configure(
                connection, opts={"compare_type": True, "compare_server_default": True}
            )
            assert compare_metadata(context, Table.metadata) == []
    finally:
        engine.dispose()


def test_partial_indexes_are_partial(database_url: str) -> None:
    """compare_metadata does not look at an index's WHERE, and these hold the promises: one alert, one card, cheap claims."""
    engine = connect(database_url)
    query = {
        "sqlite": "select name, sql from sqlite_master where type = 'index' and sql is not null",
        "postgresql": "select indexname, indexdef from pg_indexes where schemaname = 'public'",
    }[engine.dialect.name]
    with engine.connect() as connection:
        found = {row[0]: row[1] for row in connection.execute(text(query))}
    engine.dispose()
    wanted = {
        index.name
        for table in Table.metadata.tables.values()
        for index in table.indexes
        if index.dialect_options[engine.dialect.name]["where"] is not None
    }
    assert {"ix_jobs_due", "uq_alerts_open_cause", "uq_messages_card"} <= wanted
    assert [name for name in wanted if " WHERE " not in found[str(name)].upper()] == []


def test_processes_that_migrate_at_once_wait_for_each_other(empty_url: str) -> None:
    in_processes(3, migrate.upgrade, empty_url)
    assert tables(empty_url) == set(Table.metadata.tables)


def test_a_current_database_is_left_alone(database_url: str) -> None:
    engine = connect(database_url)
    with engine.begin() as connection:
        connection.execute(text("insert into switches (name, value) values ('kept', '{}')"))
    migrate.upgrade(database_url)
    with engine.connect() as connection:
        assert connection.execute(text("select name from switches")).scalar() == "kept"
        assert migrate.current(connection) is not None
    engine.dispose()
