"""What people do in Slack, once it is acknowledged: commands, buttons, menus, shortcuts. Each hands one thing to the dispatcher."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from agents.errors import Invalid, Repeated, TroupeError
from agents.events import Subject
from agents.people import Person
from agents.talk.delivery import Delivery
from bot.calls import Place
from bot.cards import Button, Card, Text, Tone, action
from bot.dispatch import Answer
from bot.outbox.outbox import Outbox
from bot.outbox.wire import WireError
from bot.present.draw import draw
from bot.present.home import BLANK
from bot.registry import REGISTRY
from bot.slack import modals, people
from bot.slack.api import SURFACE, call
from bot.slack.forms import Asked, Forms
from bot.slack.incoming import Pressed, channel_of, place_of, pressed, thread_of, words_of
from bot.slack.intake import Settled, Speech
from bot.slack.people import LET_ME_IN, People
from bot.slack.tell import Ear, Teller
from bot.slack.wire import Workspace
from storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from bot.wiring import Troupe

log = structlog.get_logger()
T = TypeVar("T")

APPEARS_S = 6.0
"""How long whoever asked for a card waits for it in silence; after that they are told why it does not come."""
POLL_S = 0.25
OWN = "/troupe"
CODE_WORDS = ("link", "people link")
"""How somebody unknown says a code."""


class Desk:
    """One for a process. Nothing here raises: whoever asked is told what went wrong."""

    def __init__(
        self,
        troupe: Troupe,
        client: AsyncWebClient,
        workspace: Workspace,
        known: People,
        teller: Teller,
        forms: Forms,
        outbox: Outbox,
    ) -> None:
        self._troupe, self._client, self._workspace = troupe, client, workspace
        self._people, self._teller, self._forms, self._outbox = known, teller, forms, outbox

    # ---- commands ----

    async def command(self, body: Mapping[str, Any]) -> None:
        """A slash command."""
        ear = Ear(
            body["user_id"], body["channel_id"], "", body.get("response_url", ""), body.get("trigger_id", "")
        )
        name, text = str(body["command"]), str(body.get("text") or "").strip()
        line = f"/{text or 'help'}" if name == OWN else f"{name} {text}"
        await self._run(line, ear, str(body.get("channel_name") or ""), f"command:{ear.trigger_id}")

    async def said_command(self, speech: Speech, settled: Settled) -> None:
        """A command in a message to Troupe: in threads there is no other way, for Slack has no slash commands there."""
        ear = Ear(speech.user, speech.channel, speech.thread_ts)
        person, line = settled.person, settled.text
        if person is not None:
            answer = await self._in_thread(
                lambda: self._troupe.dispatcher.command(line, person, settled.place, once=speech.key)
            )
            await self._tell(answer, person, settled.place, ear)

    async def _run(self, line: str, ear: Ear, channel_name: str, once: str) -> None:
        if code := _code_in(line):
            return await self._link(code, ear)
        person = await self._who(ear)
        if person is None:
            return None

        def run() -> tuple[Answer, Place]:
            with self._troupe.storage.unit_of_work() as work:
                place = place_of(channel_of(ear.channel, channel_name, person, work))
                typed = words_of(line, self._workspace.bot_user_id, work)
            return self._troupe.dispatcher.command(typed, person, place, once=once), place

        answer, place = await self._in_thread(run)
        return await self._tell(answer, person, place, ear)

    async def _link(self, code: str, ear: Ear) -> None:
        try:
            card = people.welcome(await self._people.link(code, ear.user))
        except TroupeError as error:
            card = Card(
                error.what,
                (Text(error.remedy, "muted"),) if error.remedy else (),
                tone=Tone.BAD,
                badge="not done",
            )
        await self._teller.whisper(ear, card)

    # ---- buttons and menus ----

    async def click(self, body: Mapping[str, Any]) -> None:
        ear = ear_of(body)
        try:
            chosen = pressed(body["actions"][0])
        except Invalid as error:
            return await self._teller.whisper(ear, _not_done(error))
        if chosen is None:
            return None
        if chosen.action.startswith(LET_ME_IN):
            guest = await self._people.ask(ear.user)
            return await self._teller.whisper(ear, people.asked(guest))
        person = await self._who(ear)
        if person is None:
            return None
        place, delivery = await self._in_thread(lambda: self._where(body, person))
        if chosen.asks_first:
            return await self._ask_first(chosen, person, delivery, place, ear)
        once = f"click:{ear.trigger_id}" if ear.trigger_id else ""
        return await self.press(chosen.action, person, place, ear, _subject(delivery), once)

    async def press(
        self, act: str, person: Person, place: Place, ear: Ear, about: Subject | None, once: str
    ) -> None:
        """about: whose card it was pressed on."""
        if _has_form(act):
            return await self._forms.open(Asked(act, place, about, ear.response_url), person, ear)
        answer = await self._in_thread(lambda: self._troupe.dispatcher.press(act, person, place, once=once))
        return await self._pressed(answer, person, place, ear, about)

    async def _pressed(
        self, answer: Answer, person: Person, place: Place, ear: Ear, about: Subject | None
    ) -> None:
        if about is not None:  # the bell says so as well, unless Redis is away
            self._outbox.changed(frozenset({about}))
        card = answer.outcome
        if isinstance(card, Card) and card.subject is not None and card.subject == about and not ear.view_id:
            return None
        return await self._tell(answer, person, place, ear)

    async def _ask_first(
        self, chosen: Pressed, person: Person, delivery: Delivery | None, place: Place, ear: Ear
    ) -> None:
        """A menu's option cannot ask by itself."""
        button = await self._in_thread(lambda: self._button(chosen, delivery, person))
        asked = Asked(chosen.action, place, _subject(delivery), ear.response_url)
        view = modals.confirm(button, asked.metadata)
        await self._forms.show(ear, view)

    def _button(self, chosen: Pressed, delivery: Delivery | None, person: Person) -> Button:
        """As the card has it now, with its question; the option's own words where that is not to be found."""
        plain = Button(chosen.label or "Do it", chosen.action)
        if delivery is None or delivery.message.card is None:
            return plain
        with self._troupe.storage.reading() as work:
            card = draw(delivery.message.card, work, person)
        return next((b for b in card.all_buttons if b.action == chosen.action), plain)

    def _where(self, body: Mapping[str, Any], person: Person) -> tuple[Place, Delivery | None]:
        container = body.get("container") or {}
        external_id = str(container.get("channel_id") or (body.get("channel") or {}).get("id") or "")
        name = str((body.get("channel") or {}).get("name") or "")
        with self._troupe.storage.unit_of_work() as work:
            if (
                not external_id
            ):  # from the Home tab: what comes of it stands in their own conversation with Troupe
                return place_of(work.channels.direct(person.id, work.now, surface=SURFACE)), None
            channel = channel_of(external_id, name, person, work)
            delivery = work.deliveries.at(channel.id, str(container.get("message_ts") or ""))
            thread = thread_of(channel, str(container.get("thread_ts") or ""), work)
            return place_of(channel, thread), delivery

    # ---- under a message ----

    async def make_post(self, body: Mapping[str, Any]) -> None:
        """The shortcut *Make a post from this*: the form of *New post…*, with the message's words in it."""
        ear = ear_of(body)
        person = await self._who(ear)
        if person is None:
            return
        message = body.get("message") or {}

        def read() -> tuple[Place, str]:
            with self._troupe.storage.unit_of_work() as work:
                channel = channel_of(
                    ear.channel, str((body.get("channel") or {}).get("name") or ""), person, work
                )
                return place_of(channel), _text_of(message, self._workspace.bot_user_id, work)

        place, text = await self._in_thread(read)
        asked = Asked(action("post.new", BLANK), place, None, ear.response_url)
        await self._forms.open(asked, person, ear, filled={"about": text})

    # ---- what comes of it ----

    async def _who(self, ear: Ear) -> Person | None:
        """Whoever is unknown is told, in private, how to be let in."""
        try:
            person = await self._people.known(ear.user)
        except WireError as error:
            log.warning("slack.person_unread", user=ear.user, reason=str(error))
            person = None
        if person is None:
            await self._teller.whisper(ear, people.stranger())
        return person

    async def _tell(self, answer: Answer, person: Person, place: Place, ear: Ear) -> None:
        card = answer.outcome
        if isinstance(answer.error, Repeated) or not isinstance(card, Card):
            return
        lives = answer.error is None and card.subject is not None and not ear.view_id
        told = await self._stands(card, place) if lives else card
        if told is not None:
            await self._teller.whisper(ear, told)

    async def _stands(self, card: Card, place: Place) -> Card | None:
        """A living card is in the channel, or on its way: what is still to be said about it, if anything."""
        subject = card.subject
        end = asyncio.get_running_loop().time() + APPEARS_S
        first = True
        while subject is not None:
            delivery, closed = await self._in_thread(lambda: self._delivery(subject, place))
            if delivery is None:
                return card
            if delivery.external_id:
                return await self._link_to(card, delivery) if first else None
            if closed:
                why = Text(
                    f"It could not be put into this channel: {closed} Invite Troupe with /invite.", "muted"
                )
                return Card(
                    card.title,
                    (*card.blocks, why),
                    card.buttons,
                    card.menu,
                    card.author,
                    card.badge,
                    card.tone,
                )
            first = False
            if asyncio.get_running_loop().time() > end:
                break
            await asyncio.sleep(POLL_S)
        return None

    async def _link_to(self, card: Card, delivery: Delivery) -> Card:
        """It stood there before: where."""
        try:
            answer = await call(
                self._client.chat_getPermalink(
                    channel=delivery.channel.external_id, message_ts=delivery.external_id
                )
            )
        except WireError:
            return card
        return Card(
            card.title,
            (Text("Its card stands in this channel."),),
            (Button("Show it", url=str(answer["permalink"])),),
            author=card.author,
            badge=card.badge,
            tone=card.tone,
        )

    def _delivery(self, subject: Subject, place: Place) -> tuple[Delivery | None, str]:
        if not place.channel:
            return None, ""
        with self._troupe.storage.reading() as work:
            return work.deliveries.root(place.channel, str(subject)), work.channels.get(place.channel).closed

    async def _in_thread(self, run: Callable[[], T]) -> T:
        return await asyncio.to_thread(run)


def ear_of(body: Mapping[str, Any]) -> Ear:
    """Of a click or a shortcut."""
    container, view = body.get("container") or {}, body.get("view") or {}
    in_modal = view.get("type") == "modal"
    return Ear(
        user=str((body.get("user") or {}).get("id", "")),
        channel=str(container.get("channel_id") or (body.get("channel") or {}).get("id") or ""),
        thread_ts=str(container.get("thread_ts") or ""),
        response_url=str(body.get("response_url") or ""),
        trigger_id=str(body.get("trigger_id") or ""),
        view_id=str(view.get("id") or "") if in_modal else "",
    )


def is_command(text: str) -> bool:
    """Whether a message to Troupe is a command, with or without its slash."""
    try:
        REGISTRY.find_command(text.removeprefix("/").split())
    except TroupeError:
        return text.startswith("/")
    return True


def _code_in(line: str) -> str:
    words = line.removeprefix("/").split()
    for said in CODE_WORDS:
        count = len(said.split())
        if " ".join(words[:count]).lower() == said and len(words) == count + 1:
            return words[-1]
    return ""


def _has_form(act: str) -> bool:
    button = REGISTRY.buttons.get(act.partition(":")[0])
    return button is not None and button.form is not None


def _subject(delivery: Delivery | None) -> Subject | None:
    return delivery.message.card if delivery else None


def _not_done(error: TroupeError) -> Card:
    return Card(
        error.what, (Text(error.remedy, "muted"),) if error.remedy else (), tone=Tone.BAD, badge="not done"
    )


def _text_of(message: Mapping[str, Any], bot_user_id: str, work: UnitOfWork) -> str:
    return words_of(str(message.get("text") or ""), bot_user_id, work)
