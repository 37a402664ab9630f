"""What a page asks over NiceGUI's socket, and the answers: one event, one operation each, acknowledged with its result.

Every operation looks the session up again, so that a page of somebody who was signed out can do nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any

import structlog
from starlette.requests import HTTPConnection

from agents.errors import Forbidden, Invalid, NotSignedIn, TroupeError
from agents.events import TROUPE, Subject
from agents.people import Person
from bot import forms
from bot.calls import Place
from bot.cards import Card, parse_action, plain
from bot.dispatch import Answer, Outcome
from bot.forms import FormErrors, FormView
from bot.present import answers
from bot.registry import REGISTRY
from bot.web import completion
from bot.web.drawing import items, note
from bot.web.forms import form_html, values_of
from bot.web.sessions import token_of, visitor
from bot.web.times import zone_named
from bot.web.viewers import Viewer, Viewers

if TYPE_CHECKING:
    from bot.wiring import Troupe
    from storage.unit_of_work import UnitOfWork

log = structlog.get_logger()

EVENT = "troupe"
OLDER = 30
"""Messages that are shown, and fetched more, at once."""

CATCH_UP = 500
"""Events between a page and its script; if there were more, every card is drawn again."""

Sent = dict[str, Any]


class SocketWire:
    """`viewers.Wire` on a Socket.IO server (a `socketio.AsyncServer`, which carries no types)."""

    def __init__(self, server: Any) -> None:
        self._server = server

    async def send(self, sids: Sequence[str], payload: Sent) -> None:
        await self._server.emit(EVENT, payload, to=list(sids))

    async def close(self, sid: str) -> None:
        await self._server.disconnect(sid)

    def waiting(self, sid: str) -> int | None:
        inner = self._server.manager.eio_sid_from_sid(sid, "/")
        socket = self._server.eio.sockets.get(inner) if inner else None
        return socket.queue.qsize() if socket and not socket.closed else None


@dataclass(frozen=True, slots=True)
class Asked:
    """One message of a page."""

    sid: str
    token: str
    said: Sent

    def text(self, name: str) -> str:
        value = self.said.get(name, "")
        return value if isinstance(value, str) else ""


class Desk:
    """Answers pages. `attach` it to the server once."""

    def __init__(self, troupe: Troupe, viewers: Viewers, hearing: Callable[[], bool]) -> None:
        """hearing: whether the bell tells this process what changes, its own changes included."""
        self._troupe, self._viewers, self._hearing = troupe, viewers, hearing
        self._operations: dict[str, Callable[[Asked, Person], Sent]] = {
            "press": self._press,
            "say": self._say,
            "complete": self._complete,
            "older": self._older,
            "thread": self._thread,
            "watch": self._watch,
        }

    def attach(self, server: Any) -> None:
        async def asked(sid: str, message: Any) -> Sent:
            connection = HTTPConnection(server.get_environ(sid)["asgi.scope"])
            said = message if isinstance(message, dict) else {}
            return await self.answer(Asked(sid, token_of(connection, self._troupe.settings), said))

        server.on(EVENT, asked)

    async def answer(self, asked: Asked) -> Sent:
        """Never raises: what goes wrong is said in the answer."""
        drawn_at = monotonic()
        try:
            result, person = await asyncio.to_thread(self._run, asked)
        except NotSignedIn:
            return {"signed_out": True}
        except Exception:
            log.exception("socket.failed", operation=asked.text("op"))
            return {"failed": "Something went wrong on Troupe's side; nothing was changed. Try it again."}
        self._remember(asked, person, result, drawn_at)
        return result

    def _run(self, asked: Asked) -> tuple[Sent, Person]:
        operation = self._operations.get(asked.text("op"))
        with self._troupe.storage.reading() as work:
            found = visitor(work, asked.token)
        if found is None:
            raise NotSignedIn("You are not signed in.")
        if operation is None:
            return {"failed": "This page is older than Troupe is. Reload it."}, found.person
        try:
            return operation(asked, found.person), found.person
        except TroupeError as error:
            card = answers.problem(error, found.person)
            return {
                "failed": str(error),
                "note": str(note(card, found.person, self._troupe.clock())),
            }, found.person

    def _remember(self, asked: Asked, person: Person, result: Sent, drawn_at: float) -> None:
        """On the event loop: what this page shows from now on, and which of its cards are to be drawn again."""
        if asked.text("op") == "watch" and "channel" in result:
            self._viewers.add(
                Viewer(asked.sid, asked.token, person, result.pop("channel"), result.pop("thread"))
            )
        viewer = self._viewers.get(asked.sid)
        shows, redraw = result.pop("shows", ()), result.pop("redraw", ())
        if viewer is None:
            return
        if asked.text("op") == "thread" and "failed" not in result:
            viewer.thread = asked.text("thread")
        self._viewers.shows(viewer, map(Subject.parse, shows), drawn_at)
        for card in redraw:
            self._viewers.again(viewer, card)

    def _place(self, asked: Asked, person: Person, work: UnitOfWork) -> Place:
        """Where the page is. Raises Forbidden for what another person has alone."""
        channel, thread = asked.text("channel"), asked.text("thread")
        if channel:
            _must_see(channel, person, work)
        if thread.startswith("message:"):
            number = thread.partition(":")[2]
            message = work.messages.get(int(number) if number.isdigit() else 0)
            _must_see(message.channel_id, person, work)
            if message.audience not in ("", person.id):
                raise Forbidden("That message is for somebody else.")
        elif thread and ":" not in thread:
            raise Invalid("There is no such thread.", remedy="Reload the page.")
        return Place("console", channel, thread)

    def _press(self, asked: Asked, person: Person) -> Sent:
        action, zone = asked.text("action"), zone_named(person.zone)
        with self._troupe.storage.reading() as work:
            place = self._place(asked, person, work)
        values = asked.said.get("values")
        if isinstance(values, dict):
            try:
                values = values_of(values, _fields(action), zone)
            except Invalid as error:
                return {"errors": {error.field or "": str(error)}}
        else:
            values = None
        answer = self._troupe.dispatcher.press(action, person, place, values)
        result = self._shown(answer.outcome, person)
        card = asked.text("card")
        if answer.error and ":" in card:
            result["redraw"] = [
                Subject.parse(card)
            ]  # what it shows is no longer true, or it was pressed in vain
        return result

    def _shown(self, outcome: Outcome, person: Person) -> Sent:
        """A living card that stands on the page is not sent here but redrawn, so that no older state overtakes a newer."""
        now = self._troupe.clock()
        match outcome:
            case FormView():
                return {"form": str(form_html(outcome, zone_named(person.zone)))}
            case FormErrors():
                return {"errors": dict(outcome.errors)}
            case Card(subject=None):
                return {"note": str(note(outcome, person, now))}
            case Card(subject=subject):
                shown = {
                    "note": str(note(outcome, person, now)),
                    "about": str(subject),
                    "shows": [str(subject)],
                }
                return shown if self._hearing() else shown | {"redraw": [subject]}

    def _say(self, asked: Asked, person: Person) -> Sent:
        with self._troupe.storage.reading() as work:
            place = self._place(asked, person, work)
        text = asked.text("text")
        if not text.lstrip().startswith("/"):
            self._troupe.dispatcher.say(text, person, place)
            return {}
        answer = self._troupe.dispatcher.command(text, person, place)
        result = self._shown(answer.outcome, person)
        if answer.error:
            return result | {"failed": str(answer.error)}
        return self._published(answer, place) or result | {"coming": self._stands(answer, place)}

    def _published(self, answer: Answer, place: Place) -> Sent | None:
        """An answer for everybody that is no living card stands in the channel, in words."""
        card = answer.outcome
        if not isinstance(card, Card) or card.subject or card.audience or not place.channel:
            return None
        with self._troupe.storage.unit_of_work(correlation=answer.correlation) as work:
            work.messages.say(place.channel, place.thread, TROUPE, plain(card), work.now)
            work.touch(Subject("channel", place.channel))
        return {}

    def _stands(self, answer: Answer, place: Place) -> bool:
        """Whether the card is on its way to the page as a message of its channel."""
        subject = answer.outcome.subject if isinstance(answer.outcome, Card) else None
        if subject is None or not place.channel:
            return False
        with self._troupe.storage.reading() as work:
            return any(m.channel_id == place.channel for m in work.messages.cards_of(subject))

    def _complete(self, asked: Asked, person: Person) -> Sent:
        with self._troupe.storage.reading() as work:
            options = completion.complete(asked.text("text"), self._troupe, work, person)
        return {"options": [[option.value, option.label] for option in options]}

    def _older(self, asked: Asked, person: Person) -> Sent:
        before = asked.said.get("before")
        with self._troupe.storage.reading() as work:
            place = self._place(asked, person, work)
            found = work.messages.in_channel(
                place.channel, person.id, limit=OLDER, before_id=before if isinstance(before, int) else None
            )
            html = str(items(found, work, person))
        return {"html": html, "more": len(found) == OLDER, "shows": [str(m.card) for m in found if m.card]}

    def _thread(self, asked: Asked, person: Person) -> Sent:
        """Everything said about one thing; "" closes what was open."""
        if not asked.text("thread"):
            return {}
        with self._troupe.storage.reading() as work:
            place = self._place(asked, person, work)
            said = work.messages.in_thread(place.thread, person.id)
            html = str(items(said, work, person, threads=False))
        return {"html": html, "shows": [str(m.card) for m in said if m.card]}

    def _watch(self, asked: Asked, person: Person) -> Sent:
        """What the page shows, and up to which event and message it is the present: what changed since is sent.

        A page that comes back names no event: all its cards are drawn again.
        """
        cards = asked.said.get("cards")
        shown = {c for c in cards if isinstance(c, str) and ":" in c} if isinstance(cards, list) else set()
        mark, newest = asked.said.get("mark"), asked.said.get("newest")
        with self._troupe.storage.reading() as work:
            place = self._place(asked, person, work)
            since = work.events.after(mark, limit=CATCH_UP) if isinstance(mark, int) else None
            here = (
                work.messages.in_channel(place.channel, person.id, limit=OLDER)
                if isinstance(newest, int)
                else []
            )
            missed = [m for m in here if m.id > int(newest or 0)] if place.channel else []
            html = str(items(missed, work, person))
        known = since is not None and len(since) < CATCH_UP
        changed = {str(subject) for _, subject in since or ()} if known else shown
        return {
            "shows": [*shown, *(str(m.card) for m in missed if m.card)],
            "redraw": [Subject.parse(card) for card in shown & changed],
            "channel": place.channel,
            "thread": place.thread,
            "items": html,
            "reload": len(missed) == OLDER and int(newest or 0) > 0,
        }


def _must_see(channel_id: str, person: Person, work: UnitOfWork) -> None:
    if work.channels.get(channel_id).direct_to not in ("", person.id):
        raise Forbidden("That is somebody else's own channel.")


def _fields(action: str) -> Sequence[forms.FormField]:
    """Of the form behind a button; none where there is no such button, which the dispatcher then says."""
    try:
        form = REGISTRY.find_button(parse_action(action)[0]).form
    except TroupeError:
        return ()
    return forms.view(form, action).fields if form else ()
