"""Everything of the process `slack`, put together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import aiohttp
import structlog
from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from agents.events import Subject
from agents.talk.message import Message
from bot.chat.desk import Desk
from bot.chat.intake import Intake
from bot.chat.people import People
from bot.live import Changes, Listener
from bot.outbox import pen
from bot.outbox.outbox import Outbox, holder_name
from bot.outbox.wire import SignedOut, WireError
from bot.slack.api import SURFACE, call
from bot.slack.app import SlackApp
from bot.slack.counter import SlackCounter
from bot.slack.directory import SlackDirectory
from bot.slack.door import server
from bot.slack.events import Happenings
from bot.slack.faces import Faces
from bot.slack.files import Files
from bot.slack.forms import Forms
from bot.slack.homes import Homes
from bot.slack.parse import words_for
from bot.slack.socket import Socket
from bot.slack.tell import Teller
from bot.slack.uploads import Uploads
from bot.slack.wire import SlackWire, Workspace

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.wiring import Troupe

log = structlog.get_logger()

TIMEOUT_S = 30
"""Of one call of Slack's Web API."""
RETRY_S = 15.0


async def serve(troupe: Troupe) -> None:
    """Until it is cancelled."""
    settings = troupe.settings
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        client = AsyncWebClient(
            token=_secret(settings, "slack_bot_token"),
            base_url=f"{settings.slack_api_url}/",
            session=session,
            timeout=TIMEOUT_S,
            retry_handlers=[],  # a message sent twice stands there twice: the outbox looks first
        )
        workspace = await _workspace(client, troupe)
        app, tasks = assemble(troupe, client, session, workspace)
        bolt = app.bolt(client)
        if settings.slack_mode == "http":
            door = _listen(bolt, settings)
        else:
            door = Socket(bolt, _secret(settings, "slack_app_token"), app.event).run()
        log.info("slack.ready", workspace=workspace.name, mode=settings.slack_mode)
        try:
            async with asyncio.TaskGroup() as group:
                for running in (door, *(task() for task in tasks)):
                    group.create_task(running)
        finally:
            await app.finish()


def assemble(
    troupe: Troupe, client: AsyncWebClient, session: aiohttp.ClientSession, workspace: Workspace
) -> tuple[SlackApp, Sequence[Callable[[], Coroutine[Any, Any, None]]]]:
    """The app, and what has to run beside it."""
    storage, settings = troupe.storage, troupe.settings
    uploads = Uploads(client, storage, troupe.pictures.with_kind, troupe.handed_over)
    wire = SlackWire(client, workspace, uploads, Faces(settings.public_url), troupe.clock)
    outbox = Outbox(storage, wire, holder_name())
    words = words_for(workspace.bot_user_id)
    people, teller = People(storage, SlackDirectory(client)), Teller(client, session, uploads, troupe.clock)
    files = Files(client, session, settings.slack_api_url)
    forms = Forms(troupe, client, teller, files.fetch, outbox.changed)
    desk = Desk(troupe, people, SlackCounter(client, teller, forms, storage), outbox, words)
    intake = Intake(troupe, SURFACE, words)
    homes = Homes(troupe, client, people)
    happenings = Happenings(storage, client, workspace, people, outbox)
    changes = Changes(storage, troupe.redis_url, Both((outbox, homes)), hands_on_messages=False)
    app = SlackApp(troupe, workspace, people, teller, desk, forms, intake, homes, happenings)
    return app, (changes.run, outbox.run, intake.run, homes.run)


class Both:
    """Several listeners as one."""

    def __init__(self, listeners: Sequence[Listener]) -> None:
        self._listeners = listeners

    def changed(self, subjects: frozenset[Subject]) -> None:
        for listener in self._listeners:
            listener.changed(subjects)

    def found(self, subjects: frozenset[Subject]) -> None:
        for listener in self._listeners:
            listener.found(subjects)

    def said(self, messages: Sequence[Message]) -> None:
        for listener in self._listeners:
            listener.said(messages)

    async def looked(self) -> None:
        for listener in self._listeners:
            await listener.looked()


async def _workspace(client: AsyncWebClient, troupe: Troupe) -> Workspace:
    """Who we are there. Asked again and again while Slack does not let us in; people are told."""
    told = False
    while True:
        try:
            found = await call(client.auth_test())
        except SignedOut as error:
            log.error("slack.signed_out", reason=str(error))
            if not told:
                await asyncio.to_thread(pen.signed_out, troupe.storage, SURFACE, str(error))
                told = True
        except WireError as error:
            log.warning("slack.unreachable", reason=str(error))
        else:
            await asyncio.to_thread(pen.signed_in, troupe.storage, SURFACE)
            return Workspace(
                str(found["team_id"]),
                str(found["user_id"]),
                str(found.get("team", "")),
                str(found.get("bot_id", "")),
            )
        await asyncio.sleep(RETRY_S)


async def _listen(app: AsyncApp, settings: Settings) -> None:
    """Signed HTTP, for as long as it is not cancelled."""
    runner = web.AppRunner(server(app, _secret(settings, "slack_signing_secret")), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, settings.host, settings.slack_http_port).start()
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


def _secret(settings: Settings, name: str) -> str:
    value = getattr(settings, name)
    return value.get_secret_value() if value else ""
