"""The installation as checks see it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from bot.settings import Settings

if TYPE_CHECKING:
    from bot.wiring import Troupe
    from storage.unit_of_work import UnitOfWork


class NotThere(Exception):
    """What a check needs is not there; the check for that itself says why and what to do."""


class Patient:
    """Looking at it makes nothing: no folder, no key, no database."""

    def __init__(self, troupe: Troupe) -> None:
        self.troupe = troupe

    @property
    def settings(self) -> Settings:
        return self.troupe.settings

    @cached_property
    def standing(self) -> tuple[str | None, str | None]:
        """The revision of the database, None for an empty or a missing one, and that of this code. Raises DBAPIError."""
        from storage import migrate

        return migrate.standing(self.settings.database_url)

    @contextmanager
    def reading(self) -> Iterator[UnitOfWork]:
        """Raises NotThere when the database is not, or is another version's."""
        from sqlalchemy.exc import DBAPIError

        try:
            current, head = self.standing
        except DBAPIError:
            raise NotThere("the database does not answer") from None
        if current != head:
            raise NotThere("the database is not ready")
        with self.troupe.storage.reading() as work:
            yield work
