"""What commands have in common that work on an installation: its database, its people, and how they fail."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from agents.errors import NotFound, TroupeError
from agents.people import Person, Role
from bot import logs

if TYPE_CHECKING:
    from bot.wiring import Troupe
    from storage.unit_of_work import UnitOfWork


@contextmanager
def open_desk() -> Iterator[Troupe]:
    """This installation, its database up to date. Whatever goes wrong inside ends the command with one sentence.

    stdout is for the answer alone: what is logged goes to stderr, and only what is grave.
    """
    from sqlalchemy.exc import DBAPIError

    from bot import wiring

    troupe = wiring.process()
    settings = troupe.settings
    logs.setup(level="ERROR", form=settings.log_format, secrets=settings.secrets(), stream=sys.stderr)
    try:
        _must_be_ready(settings.database_url)
        yield troupe
    except TroupeError as error:
        sys.exit(f"troupe: {error}")
    except DBAPIError as error:
        sys.exit(
            f"troupe: The database does not answer: {logs.clean(str(error.orig))}. Look at ./troupe doctor"
        )


def _must_be_ready(url: str) -> None:
    from storage import migrate

    current, head = migrate.standing(url)
    if current is None:
        raise NotFound("There is no installation here yet.", remedy="Run ./troupe up once, then this again.")
    if current != head:
        raise NotFound(
            f"The database is at version {current}, and this code wants {head}.",
            remedy="Run ./troupe prepare, then this again.",
        )


def person_named(name: str, work: UnitOfWork) -> Person:
    """name: "" for the first owner. Whoever may run this command may read the database: it is as good as an owner."""
    if name:
        return work.people.by_name(name)
    owners = [person for person in work.people.everyone() if person.role is Role.OWNER]
    if not owners:
        raise NotFound("Nobody owns this installation.", remedy="Run ./troupe prepare, which makes an owner.")
    return owners[0]


def tell(text: str) -> None:
    """The answer, for people and for programs."""
    sys.stdout.write(f"{text}\n")


def note(text: str) -> None:
    """What people should know besides, on stderr."""
    sys.stderr.write(f"{text}\n")
