"""Who looks at what, and what they are sent: the newest state of a card, drawn once for all who see it.

Most cards are the same for everybody (`draw.SHARED`), but for times, which are told in each reader's zone; the others are
drawn for each. While a card is being drawn, further changes only mark it; a browser that reads slowly is left out until it
has caught up.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Protocol

import structlog

from agents.events import Subject
from agents.people import Person
from agents.talk.message import Message
from bot.present.draw import SHARED, draw
from bot.times import zone_named
from bot.web.drawing import counts, item, redrawn, words_now
from bot.web.render import card_html
from bot.web.sessions import visitor
from storage.unit_of_work import Storage, UnitOfWork

log = structlog.get_logger()

DRAWERS = 2
"""Cards drawn at a time. More would only share one interpreter, and take it from clicks."""
BACKLOG = 64
"""Packets waiting for one browser from which it is left out."""
SESSIONS_EVERY = 10
"""Looks between two checks of all sessions; a person's change is checked at once."""


COUNTED = frozenset({"post", "alert", "system"})
"""Kinds of subject that move the menu's numbers."""
REMEMBERED_S = 60.0
"""How long it is known when a card changed: longer than any page takes to be drawn and to say that it is there."""


class Wire(Protocol):
    """The socket's server side."""

    async def send(self, sids: Sequence[str], payload: dict[str, Any]) -> None: ...
    async def close(self, sid: str) -> None: ...
    def waiting(self, sid: str) -> int | None:
        """Packets on their way to it; None once it is gone."""


@dataclass(slots=True)
class Viewer:
    """One open page."""

    sid: str
    token: str
    person: Person
    channel: str = ""
    thread: str = ""
    cards: set[Subject] = field(default_factory=set)
    sent: dict[Subject, int] = field(default_factory=dict)
    """Hash of what each card looked like when it was sent last."""


class Viewers:
    """One for a process; a `live.Listener`. Lives on the event loop, draws in threads."""

    def __init__(self, storage: Storage, wire: Wire) -> None:
        self._storage, self._wire = storage, wire
        self._viewers: dict[str, Viewer] = {}
        self._of_card: defaultdict[Subject, set[str]] = defaultdict(set)
        self._dirty: set[Subject] = set()
        self._drawing: set[Subject] = set()
        self._drawers = asyncio.Semaphore(DRAWERS)
        self._tasks: set[asyncio.Task[None]] = set()
        self._changed_at: dict[Subject, float] = {}
        self._events_drawn: dict[Subject, int] = {}
        self._looks = 0
        self._counted: dict[str, Any] = {}
        self._to_count = True

    def get(self, sid: str) -> Viewer | None:
        return self._viewers.get(sid)

    def add(self, viewer: Viewer) -> None:
        """Takes the place of what this socket showed before."""
        self.forget(viewer.sid)
        self._viewers[viewer.sid] = viewer

    def shows(self, viewer: Viewer, cards: Iterable[Subject], drawn_at: float) -> None:
        """From now on; what changed after it was drawn for this page is drawn again.  drawn_at: seconds, monotonic."""
        shown = set(cards)
        for card in shown:
            viewer.cards.add(card)
            self._of_card[card].add(viewer.sid)
        self.changed(card for card in shown if self._changed_at.get(card, 0.0) >= drawn_at)

    def again(self, viewer: Viewer, card: Subject) -> None:
        """Draws it and sends it, though it may look as before."""
        viewer.sent.pop(card, None)
        self.changed([card])

    def forget(self, sid: str) -> None:
        viewer = self._viewers.pop(sid, None)
        for card in viewer.cards if viewer else ():
            self._of_card[card].discard(sid)
            if not self._of_card[card]:
                del self._of_card[card]
                self._events_drawn.pop(card, None)

    def changed(self, subjects: Iterable[Subject]) -> None:
        at = monotonic()
        for subject in subjects:
            self._changed_at[subject] = at
            self._to_count = self._to_count or subject.kind in COUNTED
            if subject.kind == "person":
                self._start(self._check({subject.id}))
            if subject in self._of_card:
                self._dirty.add(subject)
                if subject not in self._drawing:
                    self._drawing.add(subject)
                    self._start(self._redraw(subject))

    def found(self, subjects: Iterable[Subject]) -> None:
        shown = [subject for subject in subjects if subject in self._of_card or subject.kind in COUNTED]
        if shown:
            self._start(self._draw_missed(shown))

    def said(self, messages: Sequence[Message]) -> None:
        if self._viewers:
            self._start(self._show(messages))

    async def looked(self) -> None:
        """Once a second: who is gone is forgotten, who was left out is served."""
        for sid in [sid for sid in self._viewers if self._wire.waiting(sid) is None]:
            self.forget(sid)
        behind = {card for card in self._of_card if any(self._owes(sid, card) for sid in self._of_card[card])}
        self.changed(behind)
        self._changed_at = {s: at for s, at in self._changed_at.items() if at > monotonic() - REMEMBERED_S}
        if self._to_count and self._viewers:
            await self._count()
        self._looks += 1
        if self._looks % SESSIONS_EVERY == 0:
            await self._check({viewer.person.id for viewer in self._viewers.values()})

    async def _count(self) -> None:
        """The menu's numbers, to everybody, at most once a second and only when they are others."""

        def count() -> dict[str, Any]:
            with self._storage.reading() as work:
                return counts(work)

        self._to_count = False
        counted = await asyncio.to_thread(count)
        if counted != self._counted:
            self._counted = counted
            await self._wire.send(list(self._viewers), counted)

    def _start(self, work: Awaitable[None]) -> None:
        async def safely() -> None:
            try:
                await work
            except Exception:
                log.exception("viewers.failed")

        task = asyncio.create_task(safely())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _owes(self, sid: str, card: Subject) -> bool:
        """Left out of a change of that card, and reading again."""
        return self._viewers[sid].sent.get(card) == _LEFT_OUT and (self._wire.waiting(sid) or 0) < BACKLOG

    async def _draw_missed(self, subjects: Sequence[Subject]) -> None:
        """Those about which there are more events than when they were drawn last."""

        def missed() -> list[Subject]:
            with self._storage.reading() as work:
                return [s for s in subjects if work.events.count(s) != self._events_drawn.get(s)]

        self.changed(await asyncio.to_thread(missed))

    async def _redraw(self, subject: Subject) -> None:
        try:
            while subject in self._dirty:
                self._dirty.discard(subject)
                watching = [self._viewers[sid] for sid in self._of_card.get(subject, ())]
                if watching:
                    async with self._drawers:
                        drawn = await asyncio.to_thread(self._draw, subject, watching)
                    for html, viewers in drawn:
                        await self._send_card(subject, html, viewers)
        finally:
            self._drawing.discard(subject)

    def _draw(self, subject: Subject, watching: Sequence[Viewer]) -> list[tuple[str, list[Viewer]]]:
        """Its HTML, and who sees it so."""
        shared = subject.kind in SHARED
        alike: defaultdict[str, list[Viewer]] = defaultdict(list)
        for viewer in watching:
            alike[viewer.person.zone if shared else viewer.person.id].append(viewer)
        with self._storage.reading() as work:
            # Counted first: what is read after it is no older.
            self._events_drawn[subject] = work.events.count(subject)
            if subject.kind == "message":
                looks = [(words_now(subject, work, viewers[0].person), viewers) for viewers in alike.values()]
                return [(str(html), viewers) for html, viewers in looks if html is not None]
            first = draw(subject, work, watching[0].person)
            drawn = []
            for viewers in alike.values():
                reader = viewers[0].person
                card = first if shared or reader is watching[0].person else draw(subject, work, reader)
                drawn.append((str(card_html(card, zone_named(reader.zone), work.now)), viewers))
            return drawn

    async def _send_card(self, subject: Subject, html: str, viewers: Sequence[Viewer]) -> None:
        """To those whose card looks otherwise, and who read what they were sent before."""
        look, receivers = hash(html), []
        for viewer in viewers:
            if viewer.sent.get(subject) == look:
                continue
            full = (self._wire.waiting(viewer.sid) or 0) >= BACKLOG
            viewer.sent[subject] = _LEFT_OUT if full else look
            if not full:
                receivers.append(viewer.sid)
        if receivers:
            await self._wire.send(receivers, {"cards": {str(subject): html}})

    async def _show(self, messages: Sequence[Message]) -> None:
        """New messages, to each page as it is: in its channel, in its thread, or as a sign that there is something."""
        groups: defaultdict[tuple[str, str, str], list[Viewer]] = defaultdict(list)
        personal = any(m.audience or (m.card and m.card.kind not in SHARED) for m in messages)
        for viewer in self._viewers.values():
            alike = viewer.person.id if personal else viewer.person.zone
            groups[alike, viewer.channel, viewer.thread].append(viewer)
        for group in groups.values():
            drawn_at = monotonic()
            payload, cards = await asyncio.to_thread(self._news, messages, group[0])
            if payload:
                await self._wire.send([viewer.sid for viewer in group], payload)
            for viewer in group:
                if viewer.sid in self._viewers:
                    self.shows(viewer, cards, drawn_at)

    def _news(self, messages: Sequence[Message], viewer: Viewer) -> tuple[dict[str, Any], set[Subject]]:
        mine = [m for m in messages if m.audience in ("", viewer.person.id)]
        with self._storage.reading() as work:
            mine = [
                m if m.done else work.messages.get(m.id) for m in mine
            ]  # it may have grown since it was read
            here = [m for m in mine if m.channel_id == viewer.channel and not m.thread]
            below = [m for m in mine if viewer.thread and m.thread == viewer.thread]
            threads = sorted({m.thread for m in mine if m.thread and viewer.channel})
            payload = {
                "channel": viewer.channel,
                "items": _items(here, work, viewer.person, {}),
                "thread": viewer.thread,
                "answers": _items(below, work, viewer.person, None),
                "replies": work.messages.thread_sizes(threads) if threads else {},
                "unread": sorted({m.channel_id for m in mine if m.channel_id != viewer.channel}),
            }
        cards = redrawn((*here, *below))
        return {name: value for name, value in payload.items() if value}, set(cards)

    async def _check(self, person_ids: set[str]) -> None:
        """Who was signed out or removed sees nothing from here on; a changed name, role or zone is taken over."""
        checked = [v for v in self._viewers.values() if v.person.id in person_ids]
        if not checked:
            return
        valid = await asyncio.to_thread(self._valid, {v.token for v in checked})
        for viewer in checked:
            person = valid.get(viewer.token)
            if person:
                viewer.person = person
            else:
                self.forget(viewer.sid)
                await self._wire.send([viewer.sid], {"signed_out": True})
                await self._wire.close(viewer.sid)

    def _valid(self, tokens: set[str]) -> dict[str, Person]:
        with self._storage.reading() as work:
            found = {token: visitor(work, token) for token in tokens}
        return {token: who.person for token, who in found.items() if who}


_LEFT_OUT = -1
"""In `Viewer.sent`: its next look has to be sent once the browser reads again. No hash of a text is -1 in CPython."""


def _items(
    messages: Sequence[Message], work: UnitOfWork, reader: Person, sizes: dict[str, int] | None
) -> str:
    return "".join(item(message, work, reader, sizes) for message in messages)
