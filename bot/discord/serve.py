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
from bot.discord.client import Client, point_at
from bot.discord.counter import DiscordCounter
from bot.discord.directory import DiscordDirectory
from bot.discord.ears import Listeners
from bot.discord.events import Happenings
from bot.discord.files import Fetcher, Files
from bot.discord.forms import Forms
from bot.discord.gateway import REFUSED, TOKEN, Gateway
from bot.discord.heard import Heard
from bot.discord.missed import Missed
from bot.discord.standing import PACE, Pace, Standing
from bot.discord.synchronise import synchronise
from bot.discord.tell import Teller
from bot.discord.webhooks import Webhooks
from bot.discord.wire import DiscordWire
from bot.live import Changes
from bot.outbox.outbox import Outbox, holder_name

if TYPE_CHECKING:
    from bot.wiring import Troupe

log = structlog.get_logger()

TIMEOUT_S = 30


async def serve(troupe: Troupe, pace: Pace = PACE) -> None:
    """Until it is cancelled."""
    settings, storage = troupe.settings, troupe.storage
    point_at(settings.discord_api_url, settings.discord_gateway_url)
    token = settings.discord_token.get_secret_value() if settings.discord_token else ""
    standing = Standing(storage, pace)
    async with AsyncExitStack() as stack:
        timeout = aiohttp.ClientTimeout(TIMEOUT_S)
        session = await stack.enter_async_context(aiohttp.ClientSession(timeout=timeout))
        client = await _logged_in(token, standing)
        stack.push_async_callback(client.close)
        api = Api(client.http, session, str(client.application_id))
        files = Files(troupe.pictures.with_kind, troupe.handed_over)
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
        gateway, heard = Gateway(client, standing, outbox.sit_out), Heard(storage)
        missed = Missed(client, storage, heard, app.message, troupe.clock, pace)
        client.hears = Listeners(app, Happenings(storage, outbox), gateway, heard, missed)
        changes = Changes(storage, troupe.redis_url, outbox)
        await heard.load()
        await synchronise(api, storage)
        log.info("discord.ready", bot=str(client.user))
        async with asyncio.TaskGroup() as tasks:
            for part in (changes, outbox, intake, gateway, heard, missed):
                tasks.create_task(part.run())


async def _logged_in(token: str, standing: Standing) -> Client:
    """Asked again and again while Discord does not let us in; people are told."""
    while True:
        client = Client(standing.pace.identify_s)
        try:
            await client.login(token)
        except discord.LoginFailure:
            await client.close()
            await standing.refused(REFUSED[TOKEN])
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            await client.close()
            await standing.failed(f"It does not answer ({type(error).__name__}).")
        else:
            return client
