"""Who asked to be let in from another surface, and which groups there let people in."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select

from agents.guests import Guest, GuestState, UserGroup
from agents.people import Role
from storage.columns import new_id
from storage.rows import attempt, one, put, put_unless_there, swap
from storage.tables import GuestRow, UserGroupRow

_STRONGEST = {role.value: rank for rank, role in enumerate(Role)}


class Guests:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def ask(self, surface: str, user_id: str, name: str, zone: str, now: datetime) -> tuple[Guest, bool]:
        """The guest, and whether this is the first time: an account asks once."""
        guest = Guest(new_id(), surface, user_id, name, GuestState.WAITING, now, zone=zone)
        row = asdict(guest) | {"state": guest.state.value}
        if put_unless_there(self._connection, GuestRow, **row):
            return guest, True
        return self.known(surface, user_id) or guest, False

    def get(self, id: str) -> Guest:
        return _guest(one(self._connection, _GUESTS.where(GuestRow.id == id), "Nobody asked that."))

    def known(self, surface: str, user_id: str) -> Guest | None:
        query = _GUESTS.where(GuestRow.surface == surface, GuestRow.user_id == user_id)
        row = self._connection.execute(query).first()
        return _guest(row) if row else None

    def change(self, before: Guest, state: GuestState, by: str) -> Guest:
        """Compare-and-set; a move that is not allowed raises Conflict, a lost race Raced.  by: the name of who decided."""
        before.must(state)
        swap(
            self._connection,
            GuestRow,
            GuestRow.id == before.id,
            GuestRow.state == before.state.value,
            values={"state": state.value, "decided_by": by},
            lost="Somebody else decided about this guest just now.",
        )
        return self.get(before.id)

    def group(self, surface: str, external_id: str) -> UserGroup | None:
        row = self._connection.execute(_GROUPS.where(*_key(surface, external_id))).first()
        return _group(row) if row else None

    def groups(self, surface: str = "") -> list[UserGroup]:
        """Those of one surface, "" for all; the strongest role first, which is what somebody in two of them gets."""
        query = _GROUPS.where(UserGroupRow.surface == surface) if surface else _GROUPS
        found = [_group(row) for row in self._connection.execute(query.order_by(UserGroupRow.name))]
        return sorted(found, key=lambda group: _STRONGEST[group.role.value])

    def set_group(self, group: UserGroup) -> None:
        """In place of what was said of that group before."""
        key = _key(group.surface, group.external_id)
        values = asdict(group) | {"role": group.role.value}
        if not attempt(self._connection, UserGroupRow, *key, values=values):
            put(self._connection, UserGroupRow, **values)

    def end_group(self, surface: str, external_id: str) -> bool:
        ended = self._connection.execute(delete(UserGroupRow).where(*_key(surface, external_id)))
        return ended.rowcount == 1


_GUESTS = select(GuestRow.__table__)
_GROUPS = select(UserGroupRow.__table__)


def _key(surface: str, external_id: str) -> tuple[Any, ...]:
    return UserGroupRow.surface == surface, UserGroupRow.external_id == external_id


def _guest(row: Any) -> Guest:
    state = GuestState(row.state)
    return Guest(row.id, row.surface, row.user_id, row.name, state, row.asked_at, row.decided_by, row.zone)


def _group(row: Any) -> UserGroup:
    role = Role(row.role)
    return UserGroup(row.surface, row.external_id, row.name, role, row.made_by, row.created_at)
