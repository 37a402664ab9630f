"""The connection to Discord's gateway, for as long as the process lives: resumed where that can be, begun anew where not.

discord.py's own `connect` breaks when the very first try fails, waits up to 17 minutes between two later ones, and closes
the client for good when Discord refuses it. So its sockets are run here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import Any

import aiohttp
import discord
import structlog
from discord.gateway import DiscordWebSocket, ReconnectWebSocket

from bot.discord.client import Client
from bot.discord.standing import Standing

log = structlog.get_logger()

CONNECT_S = 60.0
"""discord.py's own: it holds the wait before an identify as well."""
TOKEN, INTENTS = 4004, 4014
REFUSED = {
    TOKEN: "Discord does not accept the bot token.",
    INTENTS: "Message Content Intent is not switched on for the bot at Discord.",
}
"""Close codes by which it never gets better by itself (docs.discord.com/developers/topics/opcodes-and-status-codes)."""


class Gateway:
    """One for a process. `run` ends only when it is cancelled."""

    def __init__(self, client: Client, standing: Standing, sit_out: Callable[[str], None]) -> None:
        """sit_out: the outbox stops, too, while the token is not accepted, and tells people."""
        self._client, self._standing, self._sit_out = client, standing, sit_out
        self._how: dict[str, Any] = {"initial": True}
        """To the next socket: whether it resumes, and what."""
        self._established = False
        self._begun_at = 0.0

    async def run(self) -> None:
        while True:
            try:
                await self._listen()
            except ReconnectWebSocket as asked:
                self._go_on(resume=asked.resume)
                await self._lost("Its gateway hangs up.")
            except discord.ConnectionClosed as closed:
                self._go_on(resume=False)
                await self._refused(closed.code)
            except (OSError, aiohttp.ClientError, TimeoutError) as error:
                self._go_on(resume=True)
                await self._lost(f"Its gateway does not answer ({type(error).__name__}).")
            except Exception as error:  # an event that discord.py stumbles over is behind us when we resume
                log.exception("discord.gateway_failed")
                self._go_on(resume=True)
                await self._lost(f"Its gateway says what is not understood ({type(error).__name__}).")

    async def established(self) -> None:
        """A session was begun or resumed."""
        self._established = True
        log.info("discord.connected")
        await self._standing.well()

    async def _listen(self) -> None:
        """Ends with an error, always."""
        self._established, self._begun_at = False, monotonic()
        async with asyncio.timeout(CONNECT_S):  # wait_for loses a cancellation that comes as it is done
            socket = await DiscordWebSocket.from_client(self._client, **self._how)
        self._client.ws = socket
        self._how["initial"] = False
        try:
            while True:
                await socket.poll_event()
        except Exception:
            with suppress(Exception):
                await socket.close()  # as one that is gone on with
            raise

    def _go_on(self, *, resume: bool) -> None:
        """With the session that was, if there was one: whether it still can be resumed, Discord says."""
        ws: DiscordWebSocket | None = self._client.ws
        if ws is None:
            return
        self._how = {"initial": False}
        if resume and ws.session_id:
            self._how |= {"resume": True, "sequence": ws.sequence, "session": ws.session_id}
            if not self._standing.lasts:  # the address for resuming may be gone for good
                self._how["gateway"] = ws.gateway

    async def _lost(self, reason: str) -> None:
        """What was a connection is asked for again at once, what was none after a while."""
        if self._established:
            log.info("discord.disconnected", reason=reason)
            if monotonic() - self._begun_at < self._standing.pace.first_s:
                await asyncio.sleep(self._standing.pace.first_s)
        else:
            await self._standing.failed(reason)

    async def _refused(self, code: int) -> None:
        if code == TOKEN:
            await self._standing.noted()  # else what was well a moment ago ends the alert of now
            self._sit_out(REFUSED[TOKEN])
        reason = REFUSED.get(code, f"Discord closed the connection ({code}).")
        await self._standing.refused(reason, told=code == TOKEN)
