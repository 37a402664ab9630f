"""What is said in a chat becomes rows, many messages in one transaction, before the chat is told that it arrived.

If the process dies before that, the chat sends it again; if it dies after, the rows are there. What comes twice is known by
its channel and its own id. Those are the same whichever event tells of it and however often that event is sent: Slack tells
of a message twice, by two events with ids of their own, where Troupe is mentioned.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

import structlog

from agents.errors import TroupeError
from agents.people import Person, Role
from agents.personas.persona import Persona
from agents.talk.converse import mentioned
from agents.talk.message import Channel
from bot.calls import Place
from bot.chat.rooms import Room, channel_of, place_of, thread_of
from bot.hearing import Words, hear
from bot.ports import Ports
from bot.registry import REGISTRY
from storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from bot.wiring import Troupe

log = structlog.get_logger()

AT_ONCE = 128
"""Messages in one transaction."""
CONTEXT = timedelta(seconds=2)
"""How long an answer in a thread that was none of ours waits for what was said in it before."""
NOWHERE = Place()


@dataclass(frozen=True, slots=True)
class Speech:
    """One message as the chat tells it.

    user, id, root_id: the chat's own ids; root_id is of the message that it hangs under, "" at the top of the channel.
    root_at: when that was said.  text: as the chat writes it.  mention: whether it names Troupe itself.
    """

    user: str
    room: Room
    id: str
    at: datetime
    text: str
    mention: bool
    root_id: str = ""
    root_at: datetime | None = None

    @property
    def key(self) -> str:
        """The same for every event that tells of this message."""
        return f"{self.room.id}:{self.id}"

    @property
    def calls(self) -> bool:
        """Somebody should answer."""
        return self.mention or self.room.direct


class What(StrEnum):
    """What became of it."""

    HEARD = "heard"
    NOT_OURS = "not_ours"
    REPEATED = "repeated"
    STRANGER = "stranger"
    COMMAND = "command"
    NOBODY = "nobody"
    """Nobody is going to answer, though Troupe was called."""
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Settled:
    """text: as our parser reads it.  thread_is_new: what was said in it before is not known here yet."""

    what: What
    person: Person | None = None
    place: Place = NOWHERE
    text: str = ""
    error: TroupeError | None = None
    thread_is_new: bool = False


class Intake:
    """One for a process. `run` ends only when it is cancelled."""

    def __init__(self, troupe: Troupe, surface: str, words_of: Callable[[str, UnitOfWork], str]) -> None:
        """words_of: what somebody wrote there, as our parser reads it."""
        self._troupe, self._surface, self._words_of = troupe, surface, words_of
        self._waiting: asyncio.Queue[tuple[Speech, asyncio.Future[Settled]]] = asyncio.Queue()

    async def take(self, speech: Speech) -> Settled:
        """Returns when it is committed. Raises what the database raises: then the chat is not told that it arrived."""
        settled: asyncio.Future[Settled] = asyncio.get_running_loop().create_future()
        self._waiting.put_nowait((speech, settled))
        return await settled

    async def take_again(self, speech: Speech) -> Settled:
        """As if it had never come: whoever said it is known by now."""
        await asyncio.to_thread(self._forget, speech)
        return await self.take(speech)

    async def run(self) -> None:
        while True:
            batch = [await self._waiting.get()]
            while len(batch) < AT_ONCE and not self._waiting.empty():
                batch.append(self._waiting.get_nowait())
            results = await asyncio.to_thread(self._write, [speech for speech, _ in batch])
            for (_, settled), result in zip(batch, results, strict=True):
                if settled.cancelled():
                    continue
                if isinstance(result, Exception):
                    settled.set_exception(result)
                else:
                    settled.set_result(result)

    def _write(self, batch: list[Speech]) -> list[Settled | Exception]:
        try:
            with self._troupe.open_ports("") as ports:
                personas = ports.work.personas.all()
                return [self._settle(speech, personas, ports) for speech in batch]
        except Exception as error:
            if len(batch) > 1:  # one of them spoils it for all: each by itself
                return [result for speech in batch for result in self._write([speech])]
            if isinstance(error, TroupeError):
                return [self._refused(batch[0], error)]
            log.exception("chat.intake_failed", surface=self._surface, key=batch[0].key)
            return [error]

    def _refused(self, speech: Speech, error: TroupeError) -> Settled:
        with self._troupe.open_ports("") as ports:
            ports.work.deliveries.received(self._surface, speech.key, ports.now)
            person = ports.work.people.known_as(self._surface, speech.user)
        return Settled(What.REFUSED, person, error=error)

    def _forget(self, speech: Speech) -> None:
        with self._troupe.storage.unit_of_work() as work:
            work.deliveries.not_received(self._surface, [speech.key])

    def _settle(self, speech: Speech, personas: Sequence[Persona], ports: Ports) -> Settled:
        work = ports.work
        person = work.people.known_as(self._surface, speech.user)
        addressed = speech.calls or bool(mentioned(speech.text, personas))
        channel = self._channel(speech, person, addressed, work)
        thread = thread_of(channel, speech.root_id, work) if channel else ""
        if not (addressed or thread):
            return Settled(What.NOT_OURS)
        text = self._words_of(speech.text, work).strip()
        if person is not None and channel is not None and speech.calls and is_command(text):
            # Noted as received where it is done, in one transaction.
            return Settled(What.COMMAND, person, place_of(channel, thread), text)
        if not work.deliveries.received(self._surface, speech.key, ports.now):
            return Settled(What.REPEATED)
        if person is None or channel is None:
            return Settled(What.STRANGER, text=text)
        person.must_be(Role.VIEWER, "talk to a persona")
        new = bool(speech.root_id) and not thread
        if new:
            thread = self._begin_thread(channel, speech, person, work)
        said = Words(
            text,
            person,
            place_of(channel, thread),
            speech.at,
            speech.id,
            speech.calls,
            CONTEXT if new else timedelta(),
        )
        heard = hear(said, ports, personas)
        what = What.HEARD if heard.answering or heard.done or not speech.calls else What.NOBODY
        place = place_of(channel, heard.message.thread or heard.message.own_thread)
        return Settled(what, person, place, text, thread_is_new=new)

    def _channel(
        self, speech: Speech, person: Person | None, addressed: bool, work: UnitOfWork
    ) -> Channel | None:
        """Made only for what is ours: nothing is kept of channels in which nobody speaks to Troupe."""
        if person is not None and addressed:
            return channel_of(speech.room, person, work)
        return work.channels.known_as(self._surface, speech.room.id)

    def _begin_thread(self, channel: Channel, speech: Speech, person: Person, work: UnitOfWork) -> str:
        """A thread of other people's, in which Troupe is called: its first message, whose words are fetched next."""
        first = work.messages.say(
            channel.id,
            "",
            person.actor,
            "",
            speech.root_at or speech.at,
            done=False,
            external_id=speech.root_id,
        )
        return first.own_thread


def is_command(text: str) -> bool:
    """Whether a message to Troupe is a command, with or without its slash."""
    try:
        REGISTRY.find_command(text.removeprefix("/").split())
    except TroupeError:
        return text.startswith("/")
    return True
