"""What a page may ask for, and the answers: presses, words, and what it wants to see next.

Every question looks the session up again, so that a page of somebody who was signed out can do nothing.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any

import structlog

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
from bot.times import zone_named
from bot.web import browse
from bot.web.drawing import note
from bot.web.forms import form_html, values_of
from bot.web.sessions import visitor
from bot.web.viewers import Viewer, Viewers

if TYPE_CHECKING:
    from bot.wiring import Troupe
    from storage.unit_of_work import UnitOfWork

log = structlog.get_logger()

AT_ONCE = 20
"""Questions of one page that may wait for their answers. Nobody's fingers ask more; a script would take all threads."""

Sent = dict[str, Any]
"""An answer. The page gets all of it but `shows` and `redraw`, which are for `Viewers`."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One message of a page.  token: of the session its connection was opened with."""

    sid: str
    token: str
    said: Sent

    def text(self, name: str) -> str:
        value = self.said.get(name, "")
        return value if isinstance(value, str) else ""


class Desk:
    """One for a process. `answer` is called on the event loop; everything else runs in threads."""

    def __init__(self, troupe: Troupe, viewers: Viewers, hearing: Callable[[], bool]) -> None:
        """hearing: whether the bell tells this process what changes, its own changes included."""
        self._troupe, self._viewers, self._hearing = troupe, viewers, hearing
        self._asking: Counter[str] = Counter()

    async def answer(self, asked: Asked) -> Sent:
        """Never raises: what goes wrong is said in the answer."""
        if self._asking[asked.sid] >= AT_ONCE:
            return {"failed": f"This page asks for more than {AT_ONCE} things at once. Wait a moment."}
        drawn_at = monotonic()
        self._asking[asked.sid] += 1
        try:
            result, person = await asyncio.to_thread(self._run, asked)
        except NotSignedIn:
            return {"signed_out": True}
        except Exception:
            log.exception("desk.failed", operation=asked.text("op"))
            return {"failed": "Something went wrong on Troupe's side; nothing was changed. Try it again."}
        finally:
            self._asking[asked.sid] -= 1
            if not self._asking[asked.sid]:
                del self._asking[asked.sid]
        self._remember(asked, person, result, drawn_at)
        return result

    def _run(self, asked: Asked) -> tuple[Sent, Person]:
        with self._troupe.storage.reading() as work:
            found = visitor(work, asked.token)
            if found is None:
                raise NotSignedIn("You are not signed in.")
            person = found.person
            try:
                place = _place(asked, person, work)
            except TroupeError as error:
                return {"failed": str(error)}, person
            if (look := browse.OPERATIONS.get(asked.text("op"))) is not None:
                return look(asked.said, place, person, work, self._troupe), person
        try:
            match asked.text("op"):
                case "press":
                    return self._press(asked, person, place), person
                case "say":
                    return self._say(asked.text("text"), person, place), person
        except TroupeError as error:
            card = answers.problem(error, person)
            return {"failed": str(error), "note": str(note(card, person, self._troupe.clock()))}, person
        return {"failed": "This page is older than Troupe is. Reload it."}, person

    def _remember(self, asked: Asked, person: Person, result: Sent, drawn_at: float) -> None:
        """On the event loop: what this page shows from now on, and which of its cards are to be drawn again."""
        shows, redraw = result.pop("shows", ()), result.pop("redraw", ())
        failed = "failed" in result
        if asked.text("op") == "watch" and not failed:
            self._viewers.add(
                Viewer(asked.sid, asked.token, person, asked.text("channel"), asked.text("thread"))
            )
        viewer = self._viewers.get(asked.sid)
        if viewer is None:
            return
        if asked.text("op") == "thread" and not failed:
            viewer.thread = asked.text("thread")
        self._viewers.shows(viewer, map(Subject.parse, shows), drawn_at)
        for card in map(Subject.parse, redraw):
            self._viewers.again(viewer, card)

    def _press(self, asked: Asked, person: Person, place: Place) -> Sent:
        action, card, values = asked.text("action"), asked.text("card"), asked.said.get("values")
        if isinstance(values, dict):
            try:
                values = values_of(values, _fields(action), zone_named(person.zone))
            except Invalid as error:
                return {"errors": {error.field or "": str(error)}}
        else:
            values = None
        answer = self._troupe.dispatcher.press(action, person, place, values)
        result = self._shown(answer.outcome, person, card)
        if answer.error and ":" in card:
            result["redraw"] = [card]  # it was pressed in vain, so perhaps it shows what is no longer true
        return result

    def _say(self, text: str, person: Person, place: Place) -> Sent:
        if not text.lstrip().startswith("/"):
            self._troupe.dispatcher.say(text, person, place)
            return {}
        answer = self._troupe.dispatcher.command(text, person, place)
        result = self._shown(answer.outcome, person)
        if answer.error:
            return result | {"failed": str(answer.error)}
        return self._published(answer, place) or result | {"coming": self._stands(answer, place)}

    def _shown(self, outcome: Outcome, person: Person, pressed: str = "") -> Sent:
        """A living card that stands on the page is not sent here but redrawn, so that no older state overtakes a newer.

        pressed: the card whose button it was, "" for none.
        """
        now = self._troupe.clock()
        match outcome:
            case FormView():
                return {"form": str(form_html(outcome, zone_named(person.zone)))}
            case FormErrors():
                return {"errors": dict(outcome.errors)}
            case Card(subject=None):
                return {"note": str(note(outcome, person, now))}
            case Card(subject=subject):
                about = str(subject)
                shown: Sent = {"about": about, "shows": [about], "redraw": [] if self._hearing() else [about]}
                return shown if about == pressed else shown | {"note": str(note(outcome, person, now))}

    def _published(self, answer: Answer, place: Place) -> Sent | None:
        """An answer for everybody that is no living card stands in the channel, in words."""
        card = answer.outcome
        if not isinstance(card, Card) or card.subject or card.audience or not place.channel:
            return None
        with self._troupe.storage.unit_of_work(correlation=answer.correlation) as work:
            work.messages.say(place.channel, place.thread, TROUPE, plain(card), work.now)
            work.touch(Subject("channel", place.channel))
        return {"published": True}

    def _stands(self, answer: Answer, place: Place) -> bool:
        """Whether the card is on its way to the page as a message of its channel."""
        subject = answer.outcome.subject if isinstance(answer.outcome, Card) else None
        if subject is None or not place.channel:
            return False
        with self._troupe.storage.reading() as work:
            return any(m.channel_id == place.channel for m in work.messages.cards_of(subject))


def _place(asked: Asked, person: Person, work: UnitOfWork) -> Place:
    """Where the page is. Raises Forbidden for what another person has alone, Invalid for what is no place."""
    channel, thread = asked.text("channel"), asked.text("thread")
    if channel:
        _must_see(channel, person, work)
    if thread.startswith("message:"):
        number = thread.partition(":")[2]
        message = work.messages.get(int(number) if number.isdecimal() and len(number) < 19 else 0)
        _must_see(message.channel_id, person, work)
        if message.audience not in ("", person.id):
            raise Forbidden("That message is for somebody else.")
    elif thread and ":" not in thread:
        raise Invalid("There is no such thread.", remedy="Reload the page.")
    return Place("console", channel, thread)


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
