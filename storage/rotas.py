"""Rotas, and who takes a shift instead of whoever the rotation names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from agents.errors import NotFound
from agents.oncall.rota import Override, Rota
from storage.rows import one, put, swap
from storage.tables import OverrideRow, RotaRow

LONGEST_SHIFT = timedelta(weeks=53)
"""An override that ended less long ago may be where a shift that still runs began."""


class Rotas:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, rota: Rota) -> None:
        """Raises Raced if its name or its layer is taken."""
        put(self._connection, RotaRow, **_row(rota))

    def get(self, id: str) -> Rota:
        return _rota(one(self._connection, _ROTAS.where(RotaRow.id == id), "There is no such rota."))

    def by_name(self, name: str) -> Rota:
        """Or by id. Without regard to case or a leading @. Raises NotFound with the nearest name."""
        wanted = name.strip().removeprefix("@").lower()
        every = self.all()
        for rota in every:
            if wanted in (rota.name, rota.id):
                return rota
        if not every:
            raise NotFound("There is no rota yet.", remedy="/oncall rota new makes one.")
        raise NotFound.named("rota", name, [rota.name for rota in every])

    def all(self) -> list[Rota]:
        """By layer, the one that is asked first first."""
        return [_rota(row) for row in self._connection.execute(_ROTAS.order_by(RotaRow.layer))]

    def change(self, before: Rota, after: Rota) -> Rota:
        """Compare-and-set on the revision; id, name and layer stay. Raises Raced."""
        swap(
            self._connection,
            RotaRow,
            RotaRow.id == before.id,
            RotaRow.revision == before.revision,
            values=_row(after) | {"revision": before.revision + 1},
            lost="The rota was changed by somebody else just now.",
        )
        return self.get(before.id)

    def remove(self, rota: Rota) -> None:
        """With its overrides. Raises Raced if it changed meanwhile."""
        self.change(
            rota, rota
        )  # the row is ours now: whoever overrides it at this moment waits, and finds it gone
        self._connection.execute(delete(OverrideRow).where(OverrideRow.rota_id == rota.id))
        self._connection.execute(delete(RotaRow).where(RotaRow.id == rota.id))

    def overrides(self, at: datetime, rota_id: str = "") -> list[Override]:
        """Those that matter to a shift at that time or later, of one rota or of all, by their beginnings."""
        query = _OVERRIDES.where(OverrideRow.ends_at > at - LONGEST_SHIFT)
        if rota_id:
            query = query.where(OverrideRow.rota_id == rota_id)
        query = query.order_by(OverrideRow.starts_at, OverrideRow.id)
        return [_override(row) for row in self._connection.execute(query)]

    def override(self, id: str) -> Override:
        missing = "That override is over, or was given back."
        return _override(one(self._connection, _OVERRIDES.where(OverrideRow.id == id), missing))

    def take_over(self, rota: Rota, overrides: Iterable[Override]) -> Rota:
        """Adds them; the rota's revision moves, so that it is not removed or changed meanwhile. Raises Raced."""
        changed = self.change(rota, rota)
        if rows := [asdict(each) for each in overrides]:
            self._connection.execute(insert(OverrideRow), rows)
        return changed

    def put_calendar(self, rota: Rota, source: str, overrides: Iterable[Override]) -> tuple[Rota, int]:
        """Adds them in place of those of that source; with how many those were. Raises Raced."""
        changed = self.change(rota, rota)
        row = OverrideRow
        gone = self._connection.execute(
            delete(row).where(row.rota_id == rota.id, row.source == source)
        ).rowcount
        return self.take_over(changed, overrides), gone

    def give_back(self, override: Override, now: datetime) -> None:
        """It ends now; one that has not begun is gone."""
        where = (OverrideRow.id == override.id, OverrideRow.ends_at == override.ends_at)
        if override.starts_at >= now:
            self._connection.execute(delete(OverrideRow).where(*where))
        else:
            lost = "That override was changed by somebody else just now."
            swap(self._connection, OverrideRow, *where, values={"ends_at": now}, lost=lost)

    def forget_person(self, person_id: str, now: datetime) -> None:
        """Their overrides end now, and those to come are gone."""
        row = OverrideRow
        self._connection.execute(delete(row).where(row.person_id == person_id, row.starts_at >= now))
        running = (row.person_id == person_id, row.ends_at > now)
        self._connection.execute(update(row).where(*running).values(ends_at=now))


_ROTA_FIELDS = tuple(field.name for field in fields(Rota))
_OVERRIDE_FIELDS = tuple(field.name for field in fields(Override))
_ROTAS = select(*(RotaRow.__table__.c[name] for name in _ROTA_FIELDS))
_OVERRIDES = select(*(OverrideRow.__table__.c[name] for name in _OVERRIDE_FIELDS))


def _row(rota: Rota) -> dict[str, Any]:
    return asdict(rota) | {"people": list(rota.people), "starts": rota.starts.isoformat(timespec="minutes")}


def _rota(row: Any) -> Rota:
    values = {name: getattr(row, name) for name in _ROTA_FIELDS}
    starts = datetime.fromisoformat(row.starts)
    return Rota(**values | {"people": tuple(row.people), "starts": starts})


def _override(row: Any) -> Override:
    return Override(**{name: getattr(row, name) for name in _OVERRIDE_FIELDS})
