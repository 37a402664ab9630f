"""Addresses outside of chat, the secrets that sign what webhooks are sent, and quiet hours."""

from __future__ import annotations

import secrets
from base64 import b64encode
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select

from agents.oncall.kinds import Severity
from agents.oncall.quiet import Quiet
from agents.oncall.reach import Contact, Outside
from storage.columns import new_id
from storage.rows import attempt, one, put, put_unless_there
from storage.secrets import Box
from storage.tables import ContactRow, ReachRow

SECRET_BYTES = 32
"""Standard Webhooks: 24 to 64."""


class Contacts:
    def __init__(self, connection: Connection, box: Box) -> None:
        self._connection = connection
        self._box = box

    def get(self, id: str) -> Contact:
        query = _CONTACTS.where(ContactRow.id == id)
        return _contact(one(self._connection, query, "There is no such address any more."))

    def of(self, person_id: str) -> list[Contact]:
        """Those in use, the oldest first."""
        return [contact for contact in self.every(person_id) if contact.confirmed_at is not None]

    def every(self, person_id: str) -> list[Contact]:
        """Unconfirmed ones too."""
        row = ContactRow
        query = _CONTACTS.where(row.person_id == person_id).order_by(row.created_at, row.id)
        return [_contact(found) for found in self._connection.execute(query)]

    def is_known(self, email: str) -> bool:
        """Whether it is anybody's confirmed e-mail address."""
        row = ContactRow
        same = func.lower(row.address) == email.lower()
        query = select(row.id).where(row.way == "email", same, row.confirmed_at.is_not(None)).limit(1)
        return self._connection.execute(query).first() is not None

    def find(self, person_id: str, way: str, address: str) -> Contact | None:
        """The one in use; None if it was removed."""
        fitting = (one for one in self.of(person_id) if (one.way, one.address) == (way, address))
        return next(fitting, None)

    def add(
        self,
        person_id: str,
        way: Outside,
        address: str,
        severity: Severity,
        now: datetime,
        *,
        confirmed: bool,
        secret: str = "",
    ) -> Contact:
        """A new one, or the same with this severity and secret; once confirmed, it stays so, until then it begins anew."""
        row = ContactRow
        key = {"person_id": person_id, "way": way, "address": address}
        sealed = self._box.seal({"secret": secret}) if secret else None
        values = {"severity": severity.value, "secret": sealed}
        confirmed_at = now if confirmed else None
        put_unless_there(
            self._connection, row, id=new_id(), created_at=now, confirmed_at=confirmed_at, **key, **values
        )
        same = (row.person_id == person_id, row.way == way, row.address == address)
        attempt(self._connection, row, *same, values=values)
        attempt(self._connection, row, *same, row.confirmed_at.is_(None), values={"created_at": now})
        return _contact(one(self._connection, _CONTACTS.where(*same), "There is no such address any more."))

    def confirm(self, id: str, now: datetime) -> Contact:
        attempt(self._connection, ContactRow, ContactRow.id == id, values={"confirmed_at": now})
        return self.get(id)

    def remove(self, id: str) -> bool:
        """False if it was gone already."""
        return self._connection.execute(delete(ContactRow).where(ContactRow.id == id)).rowcount == 1

    def forget(self, person_id: str) -> None:
        """Everything about how somebody was reached, because they left."""
        for row in (ContactRow, ReachRow):
            self._connection.execute(delete(row).where(row.person_id == person_id))

    def new_secret(self) -> str:
        """Written as Standard Webhooks has it, so that its libraries take it as it is."""
        return "whsec_" + b64encode(secrets.token_bytes(SECRET_BYTES)).decode()

    def secret(self, id: str) -> str:
        """What signs the webhook's messages. Raises NotFound, and Sealed if none of the keys fits."""
        query = select(ContactRow.secret).where(ContactRow.id == id)
        sealed = one(self._connection, query, "There is no such address any more.").secret
        return self._box.open(sealed)["secret"]

    def reseal_all(self) -> int:
        """Every secret under the newest key; how many there were."""
        query = select(ContactRow.id, ContactRow.secret).where(ContactRow.secret.is_not(None))
        rows = self._connection.execute(query).all()
        for row in rows:
            values = {"secret": self._box.reseal(row.secret)}
            attempt(self._connection, ContactRow, ContactRow.id == row.id, values=values)
        return len(rows)

    def quiet(self, person_id: str) -> Quiet | None:
        query = select(ReachRow.quiet).where(ReachRow.person_id == person_id)
        text = self._connection.execute(query).scalar()
        return Quiet.parse(text) if text else None

    def set_quiet(self, person_id: str, quiet: Quiet | None) -> None:
        text = str(quiet) if quiet else ""
        where, values = ReachRow.person_id == person_id, {"quiet": text, "revision": ReachRow.revision + 1}
        if not attempt(self._connection, ReachRow, where, values=values):
            put(self._connection, ReachRow, person_id=person_id, quiet=text, revision=1)


_FIELDS = ("id", "person_id", "way", "address", "severity", "created_at", "confirmed_at")
_CONTACTS = select(*(ContactRow.__table__.c[name] for name in _FIELDS))


def _contact(row: Any) -> Contact:
    values = {name: getattr(row, name) for name in _FIELDS}
    return Contact(**(values | {"severity": Severity(row.severity)}))
