"""Every attempt to get somebody's attention for an alert, each made once."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from agents.oncall.page import Page, PageState
from agents.talk.delivery import DeliveryState
from agents.talk.message import DIRECT
from storage.messages import CONSOLE
from storage.rows import attempt, one, put_unless_there
from storage.tables import ChannelRow, DeliveryRow, MessageRow, PageRow


class Pages:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, page: Page) -> bool:
        """False, and no change, if that person was asked that way at that level of that round already."""
        return put_unless_there(self._connection, PageRow, **(asdict(page) | {"state": page.state.value}))

    def get(self, id: str) -> Page:
        return _page(one(self._connection, _PAGES.where(PageRow.id == id), "There is no such page."))

    def of(self, alert_id: str) -> list[Page]:
        """Oldest first."""
        query = _PAGES.where(PageRow.alert_id == alert_id).order_by(PageRow.created_at, PageRow.id)
        return [_page(row) for row in self._connection.execute(query)]

    def last_at(self, alert_id: str) -> datetime | None:
        """When somebody was asked about it last; None for never."""
        asked = (PageRow.alert_id == alert_id, PageRow.state.not_in((PageState.HELD, PageState.DROPPED)))
        return self._connection.execute(select(func.max(PageRow.created_at)).where(*asked)).scalar()

    def move(self, page: Page, **values: Any) -> bool:
        """Compare-and-set on state and tries; False if somebody else moved it meanwhile."""
        return attempt(
            self._connection,
            PageRow,
            PageRow.id == page.id,
            PageRow.state == page.state.value,
            PageRow.tries == page.tries,
            values=values,
        )

    def stands(self, page: Page) -> bool:
        """Whether what was said to that person with this page stands in a chat of theirs: it has the page's very moment."""
        query = (
            select(MessageRow.id)
            .join(DeliveryRow, DeliveryRow.message_id == MessageRow.id)
            .join(ChannelRow, ChannelRow.id == MessageRow.channel_id)
            .where(
                ChannelRow.external_id == DIRECT + page.person_id,
                ChannelRow.surface != CONSOLE,
                MessageRow.at == page.created_at,
                DeliveryRow.state == DeliveryState.SENT.value,
            )
        )
        return self._connection.execute(query.limit(1)).first() is not None


_FIELDS = tuple(f.name for f in fields(Page))
_PAGES = select(*(PageRow.__table__.c[name] for name in _FIELDS))


def _page(row: Any) -> Page:
    values = {name: getattr(row, name) for name in _FIELDS}
    return Page(**(values | {"state": PageState(row.state)}))
