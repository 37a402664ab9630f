"""Small moves that every repository makes: fetch one, compare-and-set."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Insert, Row, Select, Update, insert, update

from agents.errors import NotFound, Raced
from storage.columns import Table


def one(connection: Connection, query: Select[*tuple[Any, ...]], missing: str) -> Row[*tuple[Any, ...]]:
    """The one row. Raises NotFound with the sentence `missing`."""
    row = connection.execute(query).first()
    if row is None:
        raise NotFound(missing, remedy="It may have been removed, or its id mistyped.")
    return row


def put(connection: Connection, table: type[Table], **values: Any) -> None:
    connection.execute(_insert(table), values)


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


# Built once and given its values when it runs, an insert costs half of one that is built with them: SQLAlchemy looks at
# every value that becomes a part of a statement. The plain table, because nothing here is an object of the ORM.


@cache
def _insert(table: type[Table]) -> Insert:
    return insert(table.metadata.tables[table.__tablename__])


@cache
def _update(table: type[Table]) -> Update:
    return update(table.metadata.tables[table.__tablename__])
