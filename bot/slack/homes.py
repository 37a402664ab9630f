"""The Home tab: for whoever opened it lately, it is the present too."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from time import monotonic
from typing import TYPE_CHECKING, Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from agents.events import Subject
from agents.talk.message import Message
from bot.chat.people import People, stranger
from bot.outbox.wire import WireError
from bot.present import home as present
from bot.slack import home
from bot.slack.api import call

if TYPE_CHECKING:
    from bot.wiring import Troupe

log = structlog.get_logger()

LIVES_S = 3600.0
"""How long after it was opened a tab is redrawn; whoever opens it again sees the present anyway."""
SETTLE_S = 2.0
"""Changes within that time are one: views.publish may be called about a hundred times a minute."""
MOST = 40
"""Tabs that are redrawn at once; those opened last go first."""
SHOWN = frozenset({"post", "alert", "persona", "account"})


class Homes:
    """One for a process; a `live.Listener`."""

    def __init__(self, troupe: Troupe, client: AsyncWebClient, people: People) -> None:
        self._troupe, self._client, self._people = troupe, client, people
        self._opened: dict[str, float] = {}
        self._looks: dict[str, int] = {}
        self._stale = asyncio.Event()

    async def opened(self, event: Mapping[str, Any]) -> None:
        if event.get("tab", "home") == "home":
            user = str(event["user"])
            self._opened.pop(user, None)
            self._opened[user] = monotonic()
            self._looks.pop(user, None)
            await self._publish(user)

    async def run(self) -> None:
        """Ends only when it is cancelled."""
        while True:
            await self._stale.wait()
            await asyncio.sleep(SETTLE_S)
            self._stale.clear()
            self._opened = {user: at for user, at in self._opened.items() if monotonic() - at < LIVES_S}
            for user in [*self._opened][-MOST:]:
                await self._publish(user)

    def changed(self, subjects: frozenset[Subject]) -> None:
        if self._opened and any(subject.kind in SHOWN for subject in subjects):
            self._stale.set()

    def found(self, subjects: frozenset[Subject]) -> None:
        self.changed(subjects)

    def said(self, messages: Sequence[Message]) -> None:
        pass

    async def looked(self) -> None:
        pass

    async def _publish(self, user: str) -> None:
        try:
            person = await self._people.known(user)
            view = await asyncio.to_thread(self._draw, person.id) if person else home.stranger(stranger())
            look = hash(repr(view))
            if self._looks.get(user) != look:
                await call(self._client.views_publish(user_id=user, view=view))
                self._looks[user] = look
        except WireError as error:
            log.info("slack.home_not_shown", user=user, reason=str(error))
        except Exception:
            log.exception("slack.home_failed", user=user)

    def _draw(self, person_id: str) -> dict[str, Any]:
        with self._troupe.storage.reading() as work:
            person = work.people.get(person_id)
            return home.view(present.sections(person, work), work.now)
