"""Column types that mean the same on SQLite and on PostgreSQL."""

from __future__ import annotations

import inspect
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import NoneType
from typing import Annotated, Any, ClassVar, get_args, get_origin

import sqlalchemy
from sqlalchemy import JSON, Boolean, ColumnElement, DateTime, Dialect, Integer, MetaData, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.schema import SchemaItem
from sqlalchemy.types import TypeDecorator, TypeEngine

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
"""No i, l, o, u: nothing to misread when an id is typed from a screen (Crockford's base 32)."""


def new_id() -> str:
    """Ten characters, 50 random bits: short enough to type, and no two alike in a team's lifetime."""
    number = secrets.randbits(50)
    return "".join(_CROCKFORD[(number >> shift) & 31] for shift in range(45, -1, -5))


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in Python. PostgreSQL keeps timestamptz; SQLite keeps naive text that sorts."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")

Column = ColumnElement
"""How a column is annotated: SQLAlchemy's own class is typed to be reached by a table's `c` alone."""
Item = TypeEngine[Any] | type[TypeEngine[Any]] | SchemaItem


@dataclass(frozen=True, slots=True)
class Made:
    """What a column is made of besides its name: arguments of SQLAlchemy's `Column`."""

    items: tuple[Item, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)


def column(*items: Item, **options: Any) -> Any:
    """What a column has besides what its kind says.  items: another type, a foreign key."""
    return Made(items, options)


Id = Annotated[str, Made((String(40),))]
Key = Annotated[str, Made((String(40),), {"primary_key": True, "default": new_id})]
Word = Annotated[str, Made((String(100),))]
Prose = Annotated[str, Made((Text,), {"default": ""})]
Moment = Annotated[datetime, Made((UtcDateTime,))]
MaybeMoment = Annotated[datetime | None, Made((UtcDateTime,))]

_PLAIN = {
    int: Made((Integer,)),
    bool: Made((Boolean,)),
    dict[str, Any]: Made((Json,)),
    list[Any]: Made((Json,)),
}
"""Of kinds that are a type of Python alone."""
_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""Of constraints: fixed, so that migrations can name them."""


class _AsTable(type):
    """Statements take the class for its table."""

    __table__: sqlalchemy.Table

    def __clause_element__(cls) -> sqlalchemy.Table:
        return cls.__table__


class Table(metaclass=_AsTable):
    """Base of all tables. Each annotation is a `Column[kind]`, and stands in the class as that column.

    SQLAlchemy's declarative classes read the same, but are made for objects of the ORM, of which we have none: with them each
    process holds 9 MiB more (measured).
    """

    metadata: ClassVar[MetaData] = MetaData(naming_convention=_NAMES)
    __tablename__: ClassVar[str]
    __table_args__: ClassVar[tuple[SchemaItem, ...]] = ()

    def __init_subclass__(cls) -> None:
        hints = inspect.get_annotations(cls, eval_str=True)
        columns = [
            _column(name, get_args(hint)[0], vars(cls).get(name, Made())) for name, hint in hints.items()
        ]
        cls.__table__ = sqlalchemy.Table(cls.__tablename__, cls.metadata, *columns, *cls.__table_args__)
        for each in columns:
            setattr(cls, each.name, each)


def _column(name: str, kind: Any, own: Made) -> sqlalchemy.Column[Any]:
    """kind: what stands in the brackets of `Column[…]`."""
    python, made = get_args(kind) if get_origin(kind) is Annotated else (kind, _PLAIN.get(kind, Made()))
    items = (*made.items, *own.items)
    types = [item for item in items if not isinstance(item, SchemaItem)]
    links = [item for item in items if isinstance(item, SchemaItem)]
    options = {"nullable": NoneType in get_args(python), **made.options, **own.options}
    return sqlalchemy.Column(name, types[-1], *links, **options)  # the last type is its own, where it has one
