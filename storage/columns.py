"""Column types that mean the same on SQLite and on PostgreSQL."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Annotated, Any

from sqlalchemy import JSON, DateTime, Dialect, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeDecorator

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

Id = Annotated[str, mapped_column(String(40))]
Key = Annotated[str, mapped_column(String(40), primary_key=True, default=new_id)]
Word = Annotated[str, mapped_column(String(100))]
Prose = Annotated[str, mapped_column(Text, default="")]
Moment = Annotated[datetime, mapped_column(UtcDateTime)]
MaybeMoment = Annotated[datetime | None, mapped_column(UtcDateTime)]


class Table(DeclarativeBase):
    """Base of all tables; constraint names are fixed so that migrations can name them."""

    type_annotation_map = {dict[str, Any]: Json, list[Any]: Json}  # noqa: RUF012  # SQLAlchemy's own protocol


Table.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
