"""Brings a database to this version of the code, and back."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, make_url

from storage.database import connect

_HERE = Path(__file__).parent / "migrations"


def upgrade(url: str, revision: str = "head") -> None:
    """Runs what is missing. Two processes at once wait for each other; on a current database it takes milliseconds."""
    engine = connect(url)
    try:
        with engine.begin() as connection:
            if current(connection) != ScriptDirectory(str(_HERE)).get_current_head() or revision != "head":
                command.upgrade(_config(connection), revision)
    finally:
        engine.dispose()


def downgrade(url: str, revision: str) -> None:
    engine = connect(url)
    try:
        with engine.begin() as connection:
            command.downgrade(_config(connection), revision)
    finally:
        engine.dispose()


def standing(url: str) -> tuple[str | None, str | None]:
    """The revision that the database is at (None: an empty one, or no file yet), and that of this code. Makes nothing."""
    head, place = ScriptDirectory(str(_HERE)).get_current_head(), make_url(url)
    if place.get_backend_name() == "sqlite" and not Path(place.database or "").exists():
        return None, head
    engine = connect(url)
    try:
        with engine.connect().execution_options(reading=True) as connection:
            return current(connection), head
    finally:
        engine.dispose()


def current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
