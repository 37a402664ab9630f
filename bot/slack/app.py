"""The Bolt app: acknowledges, and hands on. What it hands on to never runs before Slack has its answer, but for two things:
words become rows first (`intake`), and a submitted form may say at once what is wrong with it (`forms`).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Coroutine, Mapping
from typing import TYPE_CHECKING, Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.cards import Card, Text, Tone
from bot.present import answers
from bot.slack.desk import Desk, ear_of
from bot.slack.events import Happenings
from bot.slack.forms import Forms
from bot.slack.homes import Homes
from bot.slack.intake import Intake, Settled, Speech, What, speech_of
from bot.slack.manifest import SHORTCUT
from bot.slack.people import People, stranger
from bot.slack.tell import Ear, Teller
from bot.slack.wire import Workspace

if TYPE_CHECKING:
    from bot.wiring import Troupe

log = structlog.get_logger()

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
        desk: Desk,
        forms: Forms,
        intake: Intake,
        homes: Homes,
        happenings: Happenings,
    ) -> None:
        self._troupe, self._workspace, self._people, self._teller = troupe, workspace, known, teller
        self._desk, self._forms, self._intake = desk, forms, intake
        self._homes, self._happenings = homes, happenings
        self._working: set[asyncio.Task[None]] = set()

    def bolt(self, client: AsyncWebClient) -> AsyncApp:
        """Who sends is settled before: by the socket, or by the signature (`door`)."""
        app = AsyncApp(
            client=client,
            request_verification_enabled=False,
            # Bolt waits for an acknowledgement by looking every 10 ms; this way it takes what the listener said.
            process_before_response=True,
            attaching_function_token_enabled=False,
            attaching_conversation_kwargs_enabled=False,
        )
        app.command(ANYTHING)(self._command)
        app.action(ANYTHING)(self._action)
        app.view(ANYTHING)(self._view)
        app.shortcut(SHORTCUT)(self._shortcut)
        app.event("message")(self._message)
        app.event("app_mention")(self._message)
        app.event(ANYTHING)(self._event)
        return app

    async def finish(self) -> None:
        """Waits a moment for what is under way."""
        if self._working:
            await asyncio.wait(self._working, timeout=3)

    # ---- acknowledged, then worked ----

    async def _command(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack()
        self._work(
            self._desk.command(body),
            Ear(body["user_id"], body["channel_id"], "", body.get("response_url", "")),
        )

    async def _action(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack()
        self._work(self._desk.click(body), ear_of(body))

    async def _shortcut(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack()
        self._work(self._desk.make_post(body), ear_of(body))

    # ---- answered with what came of it ----

    async def _view(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        if body.get("type") != "view_submission":
            await ack()
            return
        person = await self._people.known(body["user"]["id"])
        if person is None:
            await ack()
            self._work(self._teller.whisper(Ear(body["user"]["id"]), stranger()), ear_of(body))
            return
        result = await self._forms.submit(body, person)
        if result.get("response_action") == "errors":
            result = {key: result[key] for key in ("response_action", "errors")}
        await ack(**result)

    async def _message(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Acknowledged when it is committed; if that fails it is not, and Slack sends it again."""
        if (event := body["event"]).get("subtype") == "message_deleted":
            await self._happenings.deleted(event)
        elif (speech := speech_of(body, self._workspace.bot_user_id)) is not None:
            settled = await self._intake.take(speech)
            if settled.what is What.COMMAND:
                await self._desk.said_command(speech, settled)
            else:
                self._work(self._after(speech, settled), Ear(speech.user, speech.channel, speech.thread_ts))
        await ack()

    async def _event(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack()
        event = body["event"]
        if event["type"] == "app_home_opened":
            self._work(self._homes.opened(event), Ear(event["user"]))
        else:
            self._work(self._happenings.happened(event), Ear(""))

    async def _after(self, speech: Speech, settled: Settled) -> None:
        ear = Ear(speech.user, speech.channel, speech.thread_ts)
        match settled.what:
            case What.STRANGER:
                await self._who(speech, ear)
            case What.REFUSED if settled.error and settled.person:
                await self._teller.whisper(ear, answers.problem(settled.error, settled.person))
            case What.NOBODY:
                await self._teller.whisper(ear, await asyncio.to_thread(self._who_could_answer))
            case What.HEARD if settled.thread_is_new:
                await self._happenings.read_back(speech, settled)

    async def _who(self, speech: Speech, ear: Ear) -> None:
        """A stranger, unless a user group lets them in: then what they said is heard now."""
        person = await self._people.known(speech.user)
        if person is None:
            await self._teller.whisper(ear, stranger())
            return
        await asyncio.to_thread(self._forget, speech)
        settled = await self._intake.take(speech)
        if settled.what is What.COMMAND:
            await self._desk.said_command(speech, settled)
        elif settled.what is not What.STRANGER:
            await self._after(speech, settled)

    def _forget(self, speech: Speech) -> None:
        with self._troupe.storage.unit_of_work() as work:
            work.deliveries.not_received("slack", [speech.key, speech.event_id])

    def _who_could_answer(self) -> Card:
        with self._troupe.storage.reading() as work:
            names = [f"@{p.handle}, {p.profile.role}" for p in work.personas.all()]
        return Card(
            "Whom do you mean?",
            (Text("Say it again with a name, such as:"), *(Text(name, "muted") for name in names[:10])),
            tone=Tone.NEUTRAL,
        )

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
