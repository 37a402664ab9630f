"""What is said in Slack becomes rows before Slack is told that it arrived: many at once in one transaction.

If the process dies before that, Slack sends it again; if it dies after, the rows are there. What comes twice is known by its
event id, and by its channel and time: Slack sends one message as two events where Troupe is mentioned.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import structlog

from agents.errors import TroupeError
from agents.people import Person, Role
from agents.talk.converse import mentioned
from agents.talk.message import Channel
from bot.calls import Place
from bot.hearing import Words, hear
from bot.ports import Ports
from bot.slack.api import SURFACE
from bot.slack.incoming import DIRECT, channel_of, place_of, thread_of, words_of

if TYPE_CHECKING:
    from bot.wiring import Troupe

log = structlog.get_logger()

AT_ONCE = 64
"""Messages in one transaction."""
CONTEXT = timedelta(seconds=2)
"""How long an answer in a thread that was none of ours waits for what was said in it before."""


@dataclass(frozen=True, slots=True)
class Speech:
    """One message event.  mention: whether it names Troupe itself."""

    event_id: str
    user: str
    channel: str
    ts: str
    thread_ts: str
    text: str
    mention: bool

    @property
    def key(self) -> str:
        """The same for both events of one message, and for every time that they are sent."""
        return f"{self.channel}:{self.ts}"

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(float(self.ts), UTC)

    @property
    def calls(self) -> bool:
        return self.mention or self.channel.startswith(DIRECT)


NOWHERE = Place(SURFACE)


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


def speech_of(body: Mapping[str, Any], bot_user_id: str) -> Speech | None:
    """None for what no person said: bots, joins, edits."""
    event = body.get("event") or {}
    if event.get("subtype") not in (None, "thread_broadcast", "file_share") or event.get("bot_id"):
        return None
    user, ts, channel = (str(event.get(key) or "") for key in ("user", "ts", "channel"))
    if not (user and ts and channel) or user == bot_user_id:
        return None
    text = str(event.get("text") or "")
    return Speech(
        str(body.get("event_id") or ""),
        user,
        channel,
        ts,
        str(event.get("thread_ts") or ""),
        text,
        f"<@{bot_user_id}" in text,
    )


class Intake:
    """One for a process. `run` ends only when it is cancelled."""

    def __init__(self, troupe: Troupe, bot_user_id: str, is_command: Callable[[str], bool]) -> None:
        self._troupe, self._bot_user_id, self._is_command = troupe, bot_user_id, is_command
        self._waiting: asyncio.Queue[tuple[Speech, asyncio.Future[Settled]]] = asyncio.Queue()

    async def take(self, speech: Speech) -> Settled:
        """Returns when it is committed. Raises what the database raises: then Slack is not told that it arrived."""
        settled: asyncio.Future[Settled] = asyncio.get_running_loop().create_future()
        self._waiting.put_nowait((speech, settled))
        return await settled

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
                return [self._settle(speech, ports) for speech in batch]
        except Exception:
            if len(batch) > 1:  # one of them spoils it for all: each by itself
                return [result for speech in batch for result in self._write([speech])]
        try:
            with self._troupe.open_ports("") as ports:
                return [self._settle(batch[0], ports)]
        except TroupeError as error:
            return [self._refused(batch[0], error)]
        except Exception as error:
            log.exception("slack.intake_failed", channel=batch[0].channel, ts=batch[0].ts)
            return [error]

    def _refused(self, speech: Speech, error: TroupeError) -> Settled:
        with self._troupe.open_ports("") as ports:
            ports.work.deliveries.received(SURFACE, speech.key, ports.now)
            person = ports.work.people.known_as(SURFACE, speech.user)
        return Settled(What.REFUSED, person, error=error)

    def _settle(self, speech: Speech, ports: Ports) -> Settled:
        work = ports.work
        person = work.people.known_as(SURFACE, speech.user)
        channel = (
            work.channels.known_as(SURFACE, speech.channel)
            if person is None
            else self._channel(speech, person, ports)
        )
        thread = thread_of(channel, speech.thread_ts, work) if channel else ""
        if not self._is_ours(speech, thread, ports):
            return Settled(What.NOT_OURS)
        text = words_of(speech.text, self._bot_user_id, work)
        if person is not None and channel is not None and speech.calls and self._is_command(text):
            # Noted as received where it is done, in one transaction.
            return Settled(What.COMMAND, person, place_of(channel, thread), text)
        if not work.deliveries.received(SURFACE, speech.key, ports.now):
            return Settled(What.REPEATED)
        if speech.event_id:
            work.deliveries.received(SURFACE, speech.event_id, ports.now)
        if person is None or channel is None:
            return Settled(What.STRANGER)
        person.must_be(Role.VIEWER, "talk to a persona")
        new = bool(speech.thread_ts) and not thread
        if new:
            thread = self._begin_thread(channel, speech, person, ports)
        heard = hear(
            Words(
                text,
                person,
                place_of(channel, thread),
                speech.at,
                speech.ts,
                speech.calls,
                CONTEXT if new else timedelta(),
            ),
            ports,
        )
        what = What.HEARD if heard.answering or not speech.calls else What.NOBODY
        return Settled(
            what,
            person,
            place_of(channel, heard.message.thread or heard.message.own_thread),
            text,
            thread_is_new=new,
        )

    def _channel(self, speech: Speech, person: Person, ports: Ports) -> Channel | None:
        """Made only for what is ours: nothing is kept of channels in which nobody speaks to Troupe."""
        if speech.calls or mentioned(speech.text, ports.work.personas.all()):
            return channel_of(speech.channel, "", person, ports.work)
        return ports.work.channels.known_as(SURFACE, speech.channel)

    def _is_ours(self, speech: Speech, thread: str, ports: Ports) -> bool:
        return speech.calls or bool(thread) or bool(mentioned(speech.text, ports.work.personas.all()))

    def _begin_thread(self, channel: Channel, speech: Speech, person: Person, ports: Ports) -> str:
        """A thread of other people's, in which Troupe is called: its first message, whose words are fetched next."""
        root = datetime.fromtimestamp(float(speech.thread_ts), UTC)
        work = ports.work
        first = work.messages.say(
            channel.id, "", person.actor, "", root, done=False, external_id=speech.thread_ts
        )
        return first.own_thread
