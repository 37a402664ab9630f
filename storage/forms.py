"""Forms under way: what was typed so far, where a chat shows a form in several modals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select

from storage.columns import new_id
from storage.rows import attempt, put
from storage.tables import FormRow


@dataclass(frozen=True, slots=True)
class FormDraft:
    """user_id: the chat's own id of who fills it in.  about: the text form of a subject, or "".  values: without secrets."""

    user_id: str
    action: str
    channel_id: str = ""
    thread: str = ""
    about: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    id: str = ""


class Forms:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def begin(self, draft: FormDraft, now: datetime) -> FormDraft:
        begun = replace(draft, id=new_id())
        put(self._connection, FormRow, **asdict(begun), at=now)
        return begun

    def get(self, id: str, user_id: str) -> FormDraft | None:
        """Nobody goes on with somebody else's."""
        query = select(FormRow.__table__).where(FormRow.id == id, FormRow.user_id == user_id)
        row = self._connection.execute(query).first()
        if row is None:
            return None
        return FormDraft(row.user_id, row.action, row.channel_id, row.thread, row.about, row.values, row.id)

    def keep(self, draft: FormDraft, values: Mapping[str, Any]) -> FormDraft:
        """What was typed since, over what was typed before."""
        kept = replace(draft, values={**draft.values, **values})
        attempt(self._connection, FormRow, FormRow.id == draft.id, values={"values": dict(kept.values)})
        return kept

    def forget(self, before: datetime) -> int:
        """Those that were begun before that moment. How many they were."""
        return self._connection.execute(delete(FormRow).where(FormRow.at < before)).rowcount
