"""Forms under way: what was typed so far, where a chat shows a form in several modals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select

from storage.rows import attempt, put_unless_there
from storage.tables import FormRow


@dataclass(frozen=True, slots=True)
class FormDraft:
    """One person's filling in of one form; the newest counts.

    user_id: the chat's own.  about: whose card the form's button stood on, the text form of a subject, or "".
    values: by field, without secrets.
    """

    user_id: str
    action: str
    channel_id: str = ""
    thread: str = ""
    about: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


class Forms:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, draft: FormDraft, now: datetime) -> None:
        """In place of what was kept of that person and form before."""
        row = {**asdict(draft), "values": dict(draft.values), "at": now}
        here = (FormRow.user_id == draft.user_id, FormRow.action == draft.action)
        if not attempt(self._connection, FormRow, *here, values=row):
            put_unless_there(self._connection, FormRow, **row)

    def get(self, user_id: str, action: str) -> FormDraft | None:
        query = select(FormRow.__table__).where(FormRow.user_id == user_id, FormRow.action == action)
        row = self._connection.execute(query).first()
        if row is None:
            return None
        return FormDraft(row.user_id, row.action, row.channel_id, row.thread, row.about, row.values)

    def drop(self, user_id: str, action: str) -> None:
        self._connection.execute(delete(FormRow).where(FormRow.user_id == user_id, FormRow.action == action))

    def forget(self, before: datetime) -> int:
        """Those that nobody went on with since that moment. How many they were."""
        return self._connection.execute(delete(FormRow).where(FormRow.at < before)).rowcount
