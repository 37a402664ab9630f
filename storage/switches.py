"""Words for the whole installation, leases over all processes, and each process's last sign of life."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, or_, select

from storage.rows import attempt, put_unless_there
from storage.tables import BeatRow, LeaseRow, SwitchRow

HALTED = "halted"


@dataclass(frozen=True, slots=True)
class Beat:
    """A process's last sign of life.  process: "kind@host:pid".  detail: pid, rss_mib, since (when it began, ISO 8601)."""

    process: str
    kind: str
    at: datetime
    detail: dict[str, Any]

    @property
    def place(self) -> str:
        """ "kind@host", the same for every life of it."""
        return self.process.rpartition(":")[0] or self.process

    @property
    def since(self) -> datetime | None:
        """When this life of it began, by its host's clock; None where it did not tell."""
        return datetime.fromisoformat(self.detail["since"]) if "since" in self.detail else None


class Switches:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, name: str) -> dict[str, Any] | None:
        return self._connection.execute(select(SwitchRow.value).where(SwitchRow.name == name)).scalar()

    def set(self, name: str, value: dict[str, Any]) -> bool:
        """False if it was set already, and then nothing changed."""
        return put_unless_there(self._connection, SwitchRow, name=name, value=value)

    def clear(self, name: str) -> bool:
        """False if it was not set."""
        return self._connection.execute(delete(SwitchRow).where(SwitchRow.name == name)).rowcount == 1

    @property
    def halted(self) -> dict[str, Any] | None:
        """Who halted Troupe and when; None while it runs."""
        return self.get(HALTED)

    def lease(self, name: str, holder: str, now: datetime, lives: timedelta) -> bool:
        """Takes or renews; False while somebody else holds it."""
        row = LeaseRow
        free = or_(row.holder == holder, row.until < now)
        values = {"holder": holder, "until": now + lives}
        renewed = attempt(self._connection, row, row.name == name, free, values=values)
        return renewed or put_unless_there(self._connection, row, name=name, **values)

    def holder(self, name: str) -> str:
        """Who holds it or held it last, "" for nobody."""
        return self._connection.execute(select(LeaseRow.holder).where(LeaseRow.name == name)).scalar() or ""

    def release(self, name: str, holder: str) -> None:
        self._connection.execute(delete(LeaseRow).where(LeaseRow.name == name, LeaseRow.holder == holder))

    def beat(self, process: str, kind: str, now: datetime, detail: dict[str, Any]) -> None:
        values = {"at": now, "kind": kind, "detail": detail}
        if not attempt(self._connection, BeatRow, BeatRow.process == process, values=values):
            put_unless_there(self._connection, BeatRow, process=process, **values)

    def leave(self, process: str) -> None:
        """It ended well, or everybody who had to know heard that it is gone."""
        self._connection.execute(delete(BeatRow).where(BeatRow.process == process))

    def mark(self, beat: Beat, **detail: Any) -> bool:
        """Notes something beside its last sign of life; the next one wipes it out. False if that came just now."""
        same = (BeatRow.process == beat.process, BeatRow.at == beat.at)
        return attempt(self._connection, BeatRow, *same, values={"detail": {**beat.detail, **detail}})

    def beats(self, since: datetime) -> list[Beat]:
        query = select(BeatRow.__table__).where(BeatRow.at >= since).order_by(BeatRow.kind, BeatRow.process)
        return [Beat(r.process, r.kind, r.at, r.detail) for r in self._connection.execute(query)]
