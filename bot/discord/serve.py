"""Everything of the process `discord`, put together."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import aiohttp
import discord
import structlog

from bot.chat.desk import Desk
from bot.chat.intake import Intake
from bot.chat.people import People
from bot.discord import parse
from bot.discord.api import SURFACE, Api
from bot.discord.app import DiscordApp
from bot.discord.client import Client, Ears, point_at
from bot.discord.counter import DiscordCounter
from bot.discord.directory import DiscordDirectory
from bot.discord.events import Happenings
from bot.discord.files import Fetcher, Files
from bot.discord.forms import Forms
from bot.discord.synchronise import synchronise
from bot.discord.tell import Teller
from bot.discord.webhooks import Webhooks
from bot.discord.wire import DiscordWire
from bot.live import Changes
from bot.outbox import pen
from bot.outbox.outbox import Outbox, holder_name

if TYPE_CHECKING:
    from bot.wiring import Troupe

log = structlog.get_logger()

TIMEOUT_S = 30
RETRY_S = 15.0


async def serve(troupe: Troupe) -> None:
    """Until it is cancelled."""
    settings = troupe.settings
    point_at(settings.discord_api_url, settings.discord_gateway_url)
    token = settings.discord_token.get_secret_value() if settings.discord_token else ""
    async with AsyncExitStack() as stack:
        timeout = aiohttp.ClientTimeout(TIMEOUT_S)
        session = await stack.enter_async_context(aiohttp.ClientSession(timeout=timeout))
        client = await stack.enter_async_context(Client())
        await _log_in(client, token, troupe)
        storage = troupe.storage
        api = Api(client.http, session, str(client.application_id))
        files = Files(troupe.pictures.with_kind)
        wire = DiscordWire(api, Webhooks(api, settings.public_url), files, troupe.clock)
        outbox = Outbox(storage, wire, holder_name())
        people = People(storage, DiscordDirectory(api, lambda: [guild.id for guild in client.guilds]))
        teller = Teller(api, files, troupe.clock)
        forms = Forms(troupe, teller, Fetcher(session).fetch, outbox.changed)
        bot_user_id = client.user.id if client.user else 0
        reading = parse.Reading(str(bot_user_id), client.channel_name)
        desk = Desk(troupe, people, DiscordCounter(api, teller, forms), outbox, reading.line)
        intake = Intake(troupe, SURFACE, reading.words)
        app = DiscordApp(troupe, teller, desk, forms, intake, reading.words, bot_user_id)
        happenings = Happenings(storage, outbox)
        client.hears = Ears(
            app.interaction, app.message, happenings.deleted, happenings.closed, happenings.changed
        )
        changes = Changes(storage, troupe.redis_url, outbox)
        await synchronise(api, storage)
        log.info("discord.ready", bot=str(client.user))
        async with asyncio.TaskGroup() as tasks:
            for running in (changes.run(), outbox.run(), intake.run(), _stay(client, outbox)):
                tasks.create_task(running)


async def _log_in(client: Client, token: str, troupe: Troupe) -> None:
    """Again and again while Discord does not let us in; people are told."""
    told = False
    while True:
        try:
            await client.login(token)
        except discord.LoginFailure as error:
            log.error("discord.signed_out", reason=str(error))
            if not told:
                words = "Discord does not accept the bot token."
                await asyncio.to_thread(pen.signed_out, troupe.storage, SURFACE, words)
                told = True
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            log.warning("discord.unreachable", error=type(error).__name__)
        else:
            await asyncio.to_thread(pen.signed_in, troupe.storage, SURFACE)
            return
        await asyncio.sleep(RETRY_S)


async def _stay(client: Client, outbox: Outbox) -> None:
    """Connected for as long as it is not cancelled; discord.py resumes by itself, and says when it never will."""
    while True:
        try:
            await client.connect()
        except discord.PrivilegedIntentsRequired:
            outbox.sit_out("Message Content Intent is not switched on for the bot at Discord.")
        except discord.ConnectionClosed as error:
            outbox.sit_out(f"Discord closed the connection ({error.code}).")
        await asyncio.sleep(RETRY_S)
