"""Small moves that every repository makes: fetch one, compare-and-set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, insert, update

from agents.errors import NotFound, Raced
from storage.columns import Table


def one(connection: Connection, query: Select[*tuple[Any, ...]], missing: str) -> Row[*tuple[Any, ...]]:
    """The one row. Raises NotFound with the sentence `missing`."""
    row = connection.execute(query).first()
    if row is None:
        raise NotFound(missing, remedy="It may have been removed, or its id mistyped.")
    return row


def put(connection: Connection, table: type[Table], **values: Any) -> None:
    connection.execute(insert(table).values(**values))


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
    return connection.execute(update(table).where(*where).values(**values)).rowcount == 1
