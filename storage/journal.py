"""What a run of an agent has to keep, written together: what its last call took, and how far it is.

A round of an agent has two moments before which everything must be written down: a model is about to be asked, and a tool is
about to be run. There is one transaction of ours at each, for the money and for the look whether the task is still wanted; what
is to be kept until then goes into it, instead of a transaction for each of them. So an answer and what it took are kept both
or neither.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TypeVar

from sqlalchemy import Connection

from storage.rows import one_trip

T = TypeVar("T")
Write = Callable[[Connection], Callable[[], None] | None]
"""Writes in the transaction that it is given, and asks for nothing there; what it returns is called when that is committed."""


class Journal:
    """Of one run.  hasty: a transaction that a power cut may undo."""

    def __init__(self, hasty: Callable[[], AbstractContextManager[Connection]]) -> None:
        self._hasty, self._waiting = hasty, list[Write]()

    @property
    def is_empty(self) -> bool:
        return not self._waiting

    def add(self, write: Write) -> None:
        """Waits for the next transaction."""
        self._waiting.append(write)

    @contextmanager
    def along(
        self, transaction: AbstractContextManager[Connection], ask: Callable[[Connection], T]
    ) -> Iterator[tuple[Connection, T]]:
        """The transaction, with all that waits written first. Rolled back, it waits on.

        ask: sends, in the same trip, what the transaction begins with; what it returned is there afterwards.
        """
        with transaction as connection:
            written = list(self._waiting)
            with one_trip(connection):
                afterwards = [write(connection) for write in written]
                asked = ask(connection)
            yield connection, asked
        del self._waiting[: len(written)]
        for act in afterwards:
            if act is not None:
                act()

    def flush(self) -> None:
        """Nothing waits any more."""
        if self._waiting:
            with self.along(self._hasty(), lambda _: None):
                """All is written."""
