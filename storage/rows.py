"""Small moves that every repository makes: fetch one, compare-and-set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Dialect,
    Insert,
    Row,
    Select,
    Update,
    UpdateBase,
    insert,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import Compiled
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.dml import ReturningInsert

from agents.errors import Invalid, NotFound, Raced
from storage.columns import Table

Made = Select[*tuple[Any, ...]] | UpdateBase
SHORTEST_PREFIX = 3
"""Characters of an id from which on it is looked up."""


def one(
    connection: Connection, query: Select[*tuple[Any, ...]], missing: str, **values: Any
) -> Row[*tuple[Any, ...]]:
    """The one row. Raises NotFound with the sentence `missing`.  values: of the query's parameters."""
    row = connection.execute(query, values).first()
    if row is None:
        raise NotFound(missing, remedy="It may have been removed, or its id mistyped.")
    return row


def by_prefix(
    connection: Connection,
    query: Select[*tuple[Any, ...]],
    id: ColumnElement[str],
    prefix: str,
    noun: str,
    *,
    listed: str,
) -> Row[*tuple[Any, ...]]:
    """The one row whose id begins so, as a person types it.  listed: the command that shows all ("/task list").

    Raises NotFound, or Invalid if several begin so.
    """
    wanted = prefix.strip().lower().removeprefix("#")
    found = query.where(id.startswith(wanted, autoescape=True)).limit(2)
    rows = connection.execute(found).all() if len(wanted) >= SHORTEST_PREFIX else []
    if not rows:
        raise NotFound(f"There is no {noun} {prefix}.", remedy=f"{listed} shows what there is.", field=noun)
    if len(rows) > 1:
        raise Invalid(f"Several {noun}s begin with {prefix}.", remedy="Type more of its id.", field=noun)
    return rows[0]


def put(connection: Connection, table: type[Table], **values: Any) -> None:
    """A new row. Raises Raced if one with the same key came into being since the caller looked."""
    try:
        connection.execute(_insert(table), values)
    except IntegrityError as error:
        if not _is_taken(error):
            raise
        raise Raced(
            "Somebody did the same at the same moment, and was first.",
            remedy="Look again; nothing was done twice.",
        ) from error


def put_unless_there(connection: Connection, table: type[Table], **values: Any) -> bool:
    """A new row; False, and no change, if there is one with the same key. Waits for whoever is just making it."""
    return connection.execute(insert_unless_there(table, connection.dialect.name), values).first() is not None


def swap(
    connection: Connection,
    table: type[Table],
    *where: ColumnElement[bool],
    values: Mapping[str, Any],
    lost: str,
) -> None:
    """Compare-and-set: changes exactly one row, or raises Raced with the sentence `lost`."""
    if not attempt(connection, table, *where, values=values):
        raise Raced(lost, remedy="The card shows how it stands now; nothing was done twice.")


def attempt(
    connection: Connection, table: type[Table], *where: ColumnElement[bool], values: Mapping[str, Any]
) -> bool:
    """Compare-and-set that tells whether it won."""
    return connection.execute(_update(table).where(*where).values(**values)).rowcount == 1


@contextmanager
def one_trip(connection: Connection) -> Iterator[None]:
    """All that is sent within goes to PostgreSQL in one trip. What came of it is there afterwards.

    A `hasty` transaction (storage/database.py) is one from its first trip on.
    """
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite" or driver.pgconn.pipeline_status:
        yield
        return
    with driver.pipeline():
        if connection.get_execution_options().get("hasty", False):
            driver.execute("SET LOCAL synchronous_commit TO off")
        yield


class Sent:
    """A statement that was sent, for those that are made once, as the ones at the end of this file, with values and rows as
    the driver has them."""

    def __init__(self, connection: Connection, statement: Made, values: Mapping[str, Any]) -> None:
        self._rows: Sequence[Any] = ()
        self._cursor: Any = None
        if connection.dialect.name == "sqlite":
            with connection.execute(statement, values) as result:
                self._rows = result.all() if result.returns_rows else ()
        else:
            compiled = _compiled(statement, connection.dialect)
            driver: Any = connection.connection.driver_connection
            self._cursor = driver.execute(str(compiled), compiled.construct_params(values))

    @property
    def rows(self) -> Sequence[Any]:
        """That it returned, once the trip is over."""
        if self._cursor is not None:
            self._rows = self._cursor.fetchall() if self._cursor.description else ()
            self._cursor = None
        return self._rows


def _is_taken(error: IntegrityError) -> bool:
    """A unique key is there already. Any other constraint that breaks is a fault of ours."""
    code = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", None)
    return code in ("23505", "SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY")


# Built once and given its values when it runs, a statement costs half of one that is built with them: SQLAlchemy looks at
# every value that becomes a part of a statement. The plain table, because nothing here is an object of the ORM.


@cache
def _compiled(statement: Made, dialect: Dialect) -> Compiled:
    return statement.compile(dialect=dialect)


@cache
def _insert(table: type[Table]) -> Insert:
    return insert(table.metadata.tables[table.__tablename__])


@cache
def insert_unless_there(table: type[Table], dialect: str) -> ReturningInsert[*tuple[Any, ...]]:
    """Returns the row's key if it is new. Waits for whoever is just making it."""
    plain = table.metadata.tables[table.__tablename__]
    if dialect == "sqlite":
        return sqlite.insert(plain).on_conflict_do_nothing().returning(*plain.primary_key)
    return postgresql.insert(plain).on_conflict_do_nothing().returning(*plain.primary_key)


@cache
def _update(table: type[Table]) -> Update:
    return update(table.metadata.tables[table.__tablename__])
