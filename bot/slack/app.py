"""The Bolt app: acknowledges, and hands on. What it hands on to never runs before Slack has its answer, but for two things:
words become rows first (`bot.chat.intake`), and a submitted form may say at once what is wrong with it (`forms`).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Coroutine, Mapping
from typing import TYPE_CHECKING, Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from agents.errors import Invalid
from bot.cards import Card, Text, Tone, action
from bot.chat import halting
from bot.chat.desk import Desk
from bot.chat.intake import Intake, Settled, Speech, What
from bot.chat.people import People, stranger
from bot.present import answers
from bot.present.home import BLANK
from bot.slack import parse
from bot.slack.events import Happenings
from bot.slack.forms import Forms
from bot.slack.homes import Homes
from bot.slack.manifest import GIVE_TASK, MAKE_POST
from bot.slack.parse import Ear
from bot.slack.tell import Teller
from bot.slack.wire import Workspace

if TYPE_CHECKING:
    from bot.wiring import Troupe

log = structlog.get_logger()

_FORMS: Mapping[str, tuple[str, str]] = {MAKE_POST: ("post.new", "about"), GIVE_TASK: ("task.new", "brief")}
"""What each shortcut under a message opens, and the field in which its words stand then."""
ANYTHING = re.compile(".*", re.DOTALL)
Body = Mapping[str, Any]


class SlackApp:
    """One for a process."""

    def __init__(
        self,
        troupe: Troupe,
        workspace: Workspace,
        known: People,
        teller: Teller,
        desk: Desk[Ear],
        forms: Forms,
        intake: Intake,
        homes: Homes,
        happenings: Happenings,
    ) -> None:
        self._troupe, self._workspace, self._people, self._teller = troupe, workspace, known, teller
        self._desk, self._forms, self._intake = desk, forms, intake
        self._homes, self._happenings = homes, happenings
        self._words = parse.words_for(workspace.bot_user_id)
        self._working: set[asyncio.Task[None]] = set()

    def bolt(self, client: AsyncWebClient) -> AsyncApp:
        """Who sends is settled before: by the socket, or by the signature (`door`)."""
        app = AsyncApp(
            client=client,
            request_verification_enabled=False,
            # Bolt takes it for an event of ours when somebody deletes a message of ours. `parse` tells who speaks.
            ignoring_self_events_enabled=False,
            # Bolt waits for an acknowledgement by looking every 10 ms; this way it takes what the listener said.
            process_before_response=True,
            # Not used here, and each would look at every event.
            ignoring_self_assistant_message_events_enabled=False,
            ssl_check_enabled=False,
            attaching_function_token_enabled=False,
            attaching_conversation_kwargs_enabled=False,
        )
        app.event(ANYTHING)(self._event)
        app.action(ANYTHING)(self._action)
        app.command(ANYTHING)(self._command)
        app.view(ANYTHING)(self._view)
        for callback_id in _FORMS:
            app.shortcut(callback_id)(self._shortcut)
        return app

    async def finish(self) -> None:
        """Waits a moment for what is under way."""
        if self._working:
            await asyncio.wait(self._working, timeout=3)

    # ---- acknowledged, then worked ----

    async def _command(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack()
        ear = parse.ear_of_command(body)
        where = parse.room(ear.channel, str(body.get("channel_name") or ""))
        once = f"command:{ear.trigger_id}" if ear.trigger_id else ""
        self._work(self._desk.command(parse.command_line(body), ear.user, where, ear, once=once), ear)

    async def _action(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack()
        ear = parse.ear_of(body)
        try:
            pressed = parse.pressed(body)
        except Invalid as error:
            self._work(self._teller.whisper(ear, answers.not_done(error)), ear)
            return
        if pressed is not None:
            self._work(self._desk.press(pressed, ear.user, ear), ear)

    async def _shortcut(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Under a message: the form of *New post…* or *New task…*, with the message's words in it."""
        await ack()
        ear, text = parse.ear_of(body), str((body.get("message") or {}).get("text") or "")
        verb, field = _FORMS[body["callback_id"]]
        form = self._desk.open_form(
            action(verb, BLANK),
            ear.user,
            parse.channel_of(body),
            ear,
            lambda work: {field: self._words(text, work)},
        )
        self._work(form, ear)

    # ---- answered with what came of it ----

    async def _view(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        if body.get("type") != "view_submission":
            await ack()
            return
        ear = Ear(body["user"]["id"])
        person = await self._people.known(ear.user)
        if person is None:
            await ack()
            self._work(self._teller.whisper(ear, stranger()), ear)
            return
        result = await self._forms.submit(body, person)
        if result.get("response_action") == "errors":
            result = {key: result[key] for key in ("response_action", "errors")}
        await ack(**result)

    async def event(self, body: Body) -> None:
        """Something that happened or was said. When this returns Slack may be told that it arrived: what was said is committed
        by then. If it raises Slack is not told, and sends it again."""
        event = body["event"]
        match event["type"], event.get("subtype"):
            case "message", "message_deleted":
                await self._happenings.deleted(event)
            case "message" | "app_mention", _:
                speech = parse.speech_of(body, self._workspace.bot_user_id)
                if speech is not None:
                    await self._settled(speech, await self._intake.take(speech))
            case "reaction_added", _:
                if event.get("reaction") in halting.SIGNS:
                    self._work(self._halt(event), Ear(event["user"]))
            case "app_home_opened", _:
                self._work(self._homes.opened(event), Ear(event["user"]))
            case _:
                self._work(self._happenings.happened(event), Ear(""))

    async def _event(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await self.event(body)
        await ack()

    async def _settled(self, speech: Speech, settled: Settled) -> None:
        """A command that was said is done before Slack is told that it arrived: until then nothing of it is kept."""
        ear = Ear(speech.user, speech.room.id, speech.root_id)
        if settled.what is What.COMMAND:
            await self._desk.said_command(speech, settled, ear)
        else:
            self._work(self._after(speech, settled, ear), ear)

    async def _after(self, speech: Speech, settled: Settled, ear: Ear) -> None:
        match settled.what:
            case What.STRANGER:
                # Unless a user group lets them in: then what they said is heard now.
                if await self._desk.meet(speech, settled, ear) is not None:
                    await self._settled(speech, await self._intake.take_again(speech))
            case What.REFUSED if settled.error and settled.person:
                await self._teller.whisper(ear, answers.problem(settled.error, settled.person))
            case What.NOBODY:
                await self._teller.whisper(ear, await asyncio.to_thread(self._who_could_answer))
            case What.HEARD if settled.thread_is_new:
                await self._happenings.read_back(speech, settled)

    async def _halt(self, event: Body) -> None:
        """A stop sign was put under something."""
        user, on = str(event["user"]), event.get("item") or {}
        channel, ts = str(on.get("channel", "")), str(on.get("ts", ""))
        once = f"reaction:{user}:{channel}:{ts}:{event.get('event_ts', '')}"
        where = parse.room(channel)
        told = await asyncio.to_thread(halting.halt, self._troupe, where, user, ts, once=once)
        if told is not None:
            await self._teller.whisper(Ear(user, channel), told)

    def _who_could_answer(self) -> Card:
        with self._troupe.storage.reading() as work:
            return answers.whom(work.personas.all())

    def _work(self, doing: Coroutine[Any, Any, None], ear: Ear) -> None:
        """In the background; whatever goes wrong is logged, and said to whoever asked."""

        async def safely() -> None:
            try:
                await doing
            except Exception:
                log.exception("slack.stumbled", user=ear.user)
                if ear.user:
                    card = Card(
                        "Something went wrong on Troupe's side",
                        (
                            Text(
                                "Look whether it was done, and try it again if not. The log of slack says why."
                            ),
                        ),
                        tone=Tone.BAD,
                        badge="not done",
                    )
                    await self._teller.whisper(ear, card)

        task = asyncio.create_task(safely())
        self._working.add(task)
        task.add_done_callback(self._working.discard)
