"""Tables from annotated classes."""

from __future__ import annotations

import subprocess
import sys

from sqlalchemy import BigInteger, Integer, LargeBinary, MetaData, String, delete, select

from storage.columns import Column, Key, MaybeMoment, Moment, Prose, Table, UtcDateTime, Word, column


class ShelfRow(Table):
    metadata = MetaData()
    __tablename__ = "shelves"
    id: Column[Key]
    name: Column[Word] = column(unique=True)
    code: Column[str] = column(String(7), index=True)
    books: Column[int]
    weight: Column[int] = column(BigInteger)
    cover: Column[bytes | None] = column(LargeBinary)
    about: Column[Prose]
    built_at: Column[Moment]
    left_at: Column[MaybeMoment]


def test_the_columns_are_those_of_the_class_in_its_order() -> None:
    table = ShelfRow.__table__
    assert [each.name for each in table.columns] == list(ShelfRow.__annotations__)
    assert all(table.columns[name] is getattr(ShelfRow, name) for name in ShelfRow.__annotations__)


def test_a_column_has_what_its_kind_says() -> None:
    table = ShelfRow.__table__
    assert [each.name for each in table.primary_key] == ["id"]
    assert {each.name for each in table.columns if each.nullable} == {"cover", "left_at"}
    assert isinstance(table.c.built_at.type, UtcDateTime)
    assert type(table.c.books.type) is Integer
    assert table.c.about.default is not None


def test_what_it_says_itself_goes_before_what_its_kind_says() -> None:
    table = ShelfRow.__table__
    assert isinstance(table.c.weight.type, BigInteger)
    assert [str(table.c[name].type) for name in ("name", "code")] == ["VARCHAR(100)", "VARCHAR(7)"]
    assert (table.c.name.unique, table.c.code.index) == (True, True)


def test_the_class_stands_for_its_table_in_a_statement() -> None:
    assert str(delete(ShelfRow).where(ShelfRow.books == 0)) == str(
        delete(ShelfRow.__table__).where(ShelfRow.__table__.c.books == 0)
    )
    assert str(select(ShelfRow)) == str(select(ShelfRow.__table__))


def test_the_orm_is_not_loaded() -> None:
    """It weighs 6 MiB in each process."""
    seen = "import sys, storage.unit_of_work; print('sqlalchemy.orm' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", seen], capture_output=True, text=True, check=True)
    assert found.stdout == "False\n"
