"""Tells Discord which commands there are, when they have changed since it was told last."""

from __future__ import annotations

import asyncio

import structlog

from bot.discord import commands
from bot.discord.api import Api
from bot.outbox.wire import WireError
from storage.unit_of_work import Storage

log = structlog.get_logger()

SWITCH = "discord.commands"


async def synchronise(api: Api, storage: Storage) -> None:
    """One call, or none: Discord takes 200 new commands a day. A failure is logged; the commands of before still work."""
    wanted = commands.every()
    known = {"application": api.application_id, "hash": commands.digest(wanted)}
    if await asyncio.to_thread(_told, storage) == known:
        return
    try:
        await api.call(
            "PUT", "/applications/{application_id}/commands", wanted, application_id=api.application_id
        )
    except WireError as error:
        log.error("discord.commands_not_told", reason=str(error))
        return
    await asyncio.to_thread(_note, storage, known)
    log.info("discord.commands_told", count=len(wanted))


def _told(storage: Storage) -> dict[str, str] | None:
    with storage.reading() as work:
        return work.switches.get(SWITCH)


def _note(storage: Storage, known: dict[str, str]) -> None:
    with storage.unit_of_work() as work:
        work.switches.clear(SWITCH)
        work.switches.set(SWITCH, known)
