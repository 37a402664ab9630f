"""People and how each surface knows them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, func, select

from agents.errors import Conflict, NotFound
from agents.people import Identity, Person, Role
from storage.columns import new_id
from storage.rows import attempt, one, put
from storage.tables import ContactRow, IdentityRow, PersonRow


class People:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, name: str, role: Role, now: datetime, *, zone: str = "UTC") -> Person:
        """Raises Conflict if the name is taken (without regard to case)."""
        if any(p.name.lower() == name.lower() for p in self.everyone(removed=True)):
            raise Conflict(f"Somebody is called {name} already.", remedy="Choose another name.")
        person = Person(new_id(), name, role, zone)
        put(self._connection, PersonRow, id=person.id, name=name, role=role.value, zone=zone, created_at=now)
        return person

    def get(self, id: str) -> Person:
        return _person(one(self._connection, _PERSON, "There is no such person.", is_=id))

    def by_name(self, name: str) -> Person:
        """Without regard to case or a leading @. Raises NotFound with the nearest name."""
        wanted = name.strip().removeprefix("@").lower()
        everyone = self.everyone()
        for person in everyone:
            if person.name.lower() == wanted or person.id == wanted:
                return person
        raise NotFound.named("person", name, (p.name for p in everyone))

    def everyone(self, *, removed: bool = False) -> list[Person]:
        query = _PEOPLE.order_by(PersonRow.created_at, PersonRow.name, PersonRow.id)
        if not removed:
            query = query.where(PersonRow.removed_at.is_(None))
        return [_person(row) for row in self._connection.execute(query)]

    def named(self) -> dict[str, str]:
        """Ids of those who are in the team, by what a calendar may call them: lower-case name, mail address, id."""
        mail = select(ContactRow.address, ContactRow.person_id).where(
            ContactRow.way == "email", ContactRow.confirmed_at.isnot(None)
        )
        here = {person.id: person for person in self.everyone()}
        named = {address.lower(): id for address, id in self._connection.execute(mail) if id in here}
        return {id: id for id in here} | named | {person.name.lower(): id for id, person in here.items()}

    def owners(self) -> list[Person]:
        return [person for person in self.everyone() if person.role is Role.OWNER]

    def hold_owners(self) -> list[Person]:
        """Every owner; no other transaction changes one of them until this one ends (SQLite has one writer anyway)."""
        owners = (PersonRow.role == Role.OWNER.value, PersonRow.removed_at.is_(None))
        rows = self._connection.execute(_PEOPLE.where(*owners).order_by(PersonRow.id).with_for_update())
        return [_person(row) for row in rows]

    def hold(self, ids: Iterable[str]) -> list[Person]:
        """Those of them who are in the team; no other transaction removes one of them until this one ends."""
        here = (PersonRow.id.in_(sorted(set(ids))), PersonRow.removed_at.is_(None))
        query = _PEOPLE.where(*here).order_by(PersonRow.id).with_for_update(read=True)
        return [_person(row) for row in self._connection.execute(query)]

    def count_active(self) -> int:
        query = select(func.count()).select_from(PersonRow).where(PersonRow.removed_at.is_(None))
        return self._connection.execute(query).scalar_one()

    def change(self, before: Person, **changes: Any) -> Person:
        """changes: role, zone, removed_at, name. Raises Conflict if the person changed meanwhile."""
        was = (PersonRow.role == before.role.value, PersonRow.name == before.name)
        if not attempt(self._connection, PersonRow, PersonRow.id == before.id, *was, values=changes):
            raise Conflict(
                f"{before.name} was changed by somebody else just now.", remedy="Look again and repeat it."
            )
        return self.get(before.id)

    def link(self, identity: Identity, now: datetime) -> None:
        """Raises Conflict if that identity belongs to somebody else."""
        holder = self.known_as(identity.surface, identity.user_id)
        if holder is not None and holder.id != identity.person_id:
            raise Conflict(f"That {identity.surface} account belongs to {holder.name} already.")
        if holder is None:
            put(
                self._connection,
                IdentityRow,
                surface=identity.surface,
                user_id=identity.user_id,
                person_id=identity.person_id,
                linked_at=now,
            )

    def known_as(self, surface: str, user_id: str) -> Person | None:
        row = self._connection.execute(_KNOWN_AS, {"on": surface, "as": user_id}).first()
        return _person(row) if row else None

    def identities(self, person_id: str) -> list[Identity]:
        return _identities(self._connection, IdentityRow.person_id == person_id)

    def all_identities(self) -> list[Identity]:
        """Everybody's."""
        return _identities(self._connection)


def _identities(connection: Connection, *where: ColumnElement[bool]) -> list[Identity]:
    query = select(IdentityRow.__table__).where(*where).order_by(IdentityRow.surface, IdentityRow.user_id)
    return [Identity(r.person_id, r.surface, r.user_id) for r in connection.execute(query)]


_PEOPLE = select(PersonRow.id, PersonRow.name, PersonRow.role, PersonRow.zone, PersonRow.removed_at)
_PERSON = _PEOPLE.where(PersonRow.id == bindparam("is_"))
_KNOWN_AS = _PEOPLE.join(IdentityRow, IdentityRow.person_id == PersonRow.id).where(
    IdentityRow.surface == bindparam("on"), IdentityRow.user_id == bindparam("as")
)
"""Built once: whatever anybody says or presses begins with it."""


def _person(row: Any) -> Person:
    return Person(row.id, row.name, Role(row.role), row.zone, row.removed_at)
