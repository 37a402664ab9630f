"""What people do in a chat, once it is acknowledged: commands, buttons, menus. Each hands one thing to the dispatcher.

Nothing here raises but what is a fault of ours: whoever asked is told what went wrong.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import structlog

from agents.errors import Repeated, TroupeError
from agents.events import Subject
from agents.people import Person
from agents.talk.delivery import Delivery
from agents.talk.message import Channel
from bot.calls import Place
from bot.cards import Button, Card, Text
from bot.chat import people
from bot.chat.intake import Settled, Speech
from bot.chat.people import LET_ME_IN, People
from bot.chat.rooms import Room, channel_of, known_channel, place_of, thread_of
from bot.dispatch import Answer, subject_of
from bot.outbox.outbox import Outbox
from bot.outbox.wire import WireError
from bot.present import answers
from bot.present.draw import draw
from bot.registry import REGISTRY
from storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from bot.wiring import Troupe

log = structlog.get_logger()
T = TypeVar("T")
E = TypeVar("E")
"""Where somebody can be told something in private: each chat has its own."""

APPEARS_S = 6.0
"""How long whoever asked for a card waits for it in silence; after that they are told why it does not come."""
POLL_S = 0.25
CODE_WORDS = ("link", "people link")
"""How somebody unknown says a code."""


@dataclass(frozen=True, slots=True)
class Asked(Generic[E]):
    """A press that a form or a question stands before.  about: whose card it was pressed on, if on one."""

    action: str
    place: Place
    ear: E
    about: Subject | None = None


@dataclass(frozen=True, slots=True)
class Pressed:
    """action: of ours.  label: what stood on it.  asks_first: whether it is to be confirmed before it acts.

    message_id, root_id: the chat's own, of the message that it stood on and of the one that hangs under.
    once: the chat's own id of this press.
    """

    action: str
    label: str
    room: Room
    message_id: str = ""
    root_id: str = ""
    asks_first: bool = False
    once: str = ""


class Counter(Protocol[E]):
    """How a chat answers one person, and how it asks them."""

    async def whisper(self, ear: E, card: Card) -> None:
        """Never raises."""

    async def form(self, asked: Asked[E], person: Person, *, filled: Mapping[str, Any] | None = None) -> None:
        """Opens the form behind the button.  filled: what stands in it besides what always does."""

    async def question(self, asked: Asked[E], button: Button) -> None:
        """Asks what the button asks before it acts."""

    async def link_to(self, delivery: Delivery) -> str:
        """The address of a message there. Raises WireError."""

    def in_place(self, ear: E) -> bool:
        """Whether an answer takes the place of what they look at, so that it has to be shown in any case."""


class Desk(Generic[E]):
    """One for a process."""

    def __init__(
        self,
        troupe: Troupe,
        known: People,
        counter: Counter[E],
        outbox: Outbox,
        words_of: Callable[[str, UnitOfWork], str],
    ) -> None:
        self._troupe, self._people, self._counter = troupe, known, counter
        self._outbox, self._words_of = outbox, words_of

    # ---- commands ----

    async def command(self, line: str, user: str, room: Room, ear: E, *, once: str = "") -> None:
        """A line that somebody typed, as the chat writes it."""
        if code := _code_in(line):
            return await self._link(code, user, ear)
        person = await self.who(user, ear)
        if person is None:
            return None

        def run() -> tuple[Answer, Place]:
            with self._troupe.storage.unit_of_work() as work:
                place = place_of(channel_of(room, person, work))
                typed = self._words_of(line, work)
            return self._troupe.dispatcher.command(typed, person, place, once=once), place

        answer, place = await asyncio.to_thread(run)
        return await self._tell(answer, place, ear)

    async def said_command(self, speech: Speech, settled: Settled, ear: E) -> None:
        """A command in a message to Troupe."""
        person = settled.person
        if person is not None:
            command = self._troupe.dispatcher.command
            answer = await asyncio.to_thread(
                lambda: command(settled.text, person, settled.place, once=speech.key)
            )
            await self._tell(answer, settled.place, ear)

    async def meet(self, speech: Speech, settled: Settled, ear: E) -> Person | None:
        """Somebody unknown spoke: by a code they say who they are. The person, if they came in by a group this moment."""
        if code := _code_in(settled.text):
            await self._link(code, speech.user, ear)
            return None
        return await self.who(speech.user, ear)

    async def _link(self, code: str, user: str, ear: E) -> None:
        try:
            card = people.welcome(await self._people.link(code, user))
        except TroupeError as error:
            card = answers.not_done(error)
        await self._counter.whisper(ear, card)

    # ---- buttons and menus ----

    async def press(self, pressed: Pressed, user: str, ear: E) -> None:
        if pressed.action.startswith(f"{LET_ME_IN}:"):
            return await self._counter.whisper(ear, people.asked(await self._people.ask(user)))
        met = await asyncio.to_thread(self._press, pressed, user)
        if met is None:  # nobody we know yet: that may change this moment, and else they are told
            if await self.who(user, ear) is None:
                return None
            met = await asyncio.to_thread(self._press, pressed, user)
        if met is None:
            return None
        person, place, delivery, answer = met
        asked = Asked(pressed.action, place, ear, delivery.message.card if delivery else None)
        if answer is not None:
            return await self._acted(asked, answer)
        if pressed.asks_first:
            button = await asyncio.to_thread(self._button, pressed, delivery, person)
            return await self._counter.question(asked, button)
        return await self._counter.form(asked, person)

    async def _acted(self, asked: Asked[E], answer: Answer) -> None:
        """The answer to whoever pressed, where the card itself is none."""
        if asked.about is not None:  # the bell says so as well, unless Redis is away
            self._outbox.changed(frozenset({asked.about}))
        card = answer.outcome
        own = isinstance(card, Card) and card.subject is not None and card.subject == asked.about
        if not own or self._counter.in_place(asked.ear):
            await self._tell(answer, asked.place, asked.ear)

    async def open_form(
        self, action: str, user: str, room: Room, ear: E, fill: Callable[[UnitOfWork], Mapping[str, Any]]
    ) -> None:
        """A form that no card shows.  fill: what stands in it, from what the chat handed in."""
        person = await self.who(user, ear)
        if person is None:
            return

        def read() -> tuple[Place, Mapping[str, Any]]:
            with self._troupe.storage.unit_of_work() as work:
                return place_of(channel_of(room, person, work)), fill(work)

        place, filled = await asyncio.to_thread(read)
        await self._counter.form(Asked(action, place, ear), person, filled=filled)

    async def place(self, room: Room, person: Person) -> Place:
        def place() -> Place:
            with self._troupe.storage.unit_of_work() as work:
                return place_of(channel_of(room, person, work))

        return await asyncio.to_thread(place)

    # ---- what comes of it ----

    async def who(self, user: str, ear: E) -> Person | None:
        """Whoever is unknown is told, in private, how to be let in."""
        try:
            person = await self._people.known(user)
        except WireError as error:
            log.warning("chat.person_unread", user=user, reason=str(error))
            person = None
        if person is None:
            await self._counter.whisper(ear, people.stranger())
        return person

    async def _tell(self, answer: Answer, place: Place, ear: E) -> None:
        card = answer.outcome
        if isinstance(answer.error, Repeated) or not isinstance(card, Card):
            return
        lives = answer.error is None and card.subject is not None and not self._counter.in_place(ear)
        told = await self._stands(card, place) if lives else card
        if told is not None:
            await self._counter.whisper(ear, told)

    async def _stands(self, card: Card, place: Place) -> Card | None:
        """A living card is in the channel, or on its way: what is still to be said about it, if anything."""
        clock = asyncio.get_running_loop().time
        begun, waited = clock(), False
        while clock() - begun < APPEARS_S:
            delivery, closed = await asyncio.to_thread(self._delivery, card, place)
            if delivery is None:
                return card
            if delivery.external_id:
                return None if waited else await self._link_to(card, delivery)
            if closed:
                why = Text(f"It could not be put into this channel. {closed}", "muted")
                return replace(card, blocks=(*card.blocks, why))
            waited = True
            await asyncio.sleep(POLL_S)
        return None

    async def _link_to(self, card: Card, delivery: Delivery) -> Card:
        """It stood there before: where."""
        try:
            url = await self._counter.link_to(delivery)
        except WireError:
            return card
        said = (Text("Its card stands in this channel."),)
        return replace(card, blocks=said, buttons=(Button("Show it", url=url),), menu=None)

    def _delivery(self, card: Card, place: Place) -> tuple[Delivery | None, str]:
        if not place.channel:
            return None, ""
        with self._troupe.storage.reading() as work:
            return work.deliveries.root(place.channel, str(card.subject)), work.channels.get(
                place.channel
            ).closed

    def _press(
        self, pressed: Pressed, user: str
    ) -> tuple[Person, Place, Delivery | None, Answer | None] | None:
        """All of a press in one thread: who, where, and what came of it; None in its place where something is asked before.

        None for somebody unknown.
        """
        person = self._people.look(user)
        if person is None:
            return None
        place, delivery = self._where(pressed, person)
        if pressed.asks_first or _has_form(pressed.action):
            return person, place, delivery, None
        answer = self._troupe.dispatcher.press(pressed.action, person, place, once=pressed.once)
        return person, place, delivery, answer

    def _where(self, pressed: Pressed, person: Person) -> tuple[Place, Delivery | None]:
        """Reads only, but for a channel in which nobody spoke to Troupe yet: whoever presses waits for no lock."""
        with self._troupe.storage.reading() as work:
            channel = known_channel(pressed.room, person, work)
            if channel is not None:
                return _standing(pressed, channel, work)
        with self._troupe.storage.unit_of_work() as work:
            return _standing(pressed, channel_of(pressed.room, person, work), work)

    def _button(self, pressed: Pressed, delivery: Delivery | None, person: Person) -> Button:
        """As the card has it now, with its question; the option's own words where that is not to be found."""
        plain = Button(pressed.label or "Do it", pressed.action)
        about = delivery.message.card if delivery else None
        with self._troupe.storage.reading() as work:
            card = draw(about or subject_of(pressed.action), work, person)
        return next((b for b in card.all_buttons if b.action == pressed.action), plain)


def _standing(pressed: Pressed, channel: Channel, work: UnitOfWork) -> tuple[Place, Delivery | None]:
    """Where it was pressed, and the message that it stood on, if that is one of ours."""
    delivery = work.deliveries.at(channel.id, pressed.message_id) if pressed.message_id else None
    return place_of(channel, thread_of(channel, pressed.root_id, work)), delivery


def _has_form(action: str) -> bool:
    button = REGISTRY.buttons.get(action.partition(":")[0])
    return button is not None and button.form is not None


def _code_in(line: str) -> str:
    words = line.removeprefix("/").split()
    for said in CODE_WORDS:
        count = len(said.split())
        if " ".join(words[:count]).lower() == said and len(words) == count + 1:
            return words[-1]
    return ""
