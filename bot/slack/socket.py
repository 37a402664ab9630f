"""The socket to Slack, kept open: one that only seems to be is replaced by a new one, whatever the SDK believes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

log = structlog.get_logger()

CONNECT_S = 20.0
LOOK_S = 3.0
DOWN_S = 12.0
"""How long a socket may be down while the SDK connects again by itself. It tries for ever with the same address, which is
good for one connection only."""
PING_S = 5.0


Take = Callable[[Mapping[str, Any]], Awaitable[None]]


class Handler(AsyncSocketModeHandler):
    """Takes events past Bolt, which makes a context and a client of its own for each: 15 kB and half a millisecond. What people
    type and press goes through Bolt."""

    def __init__(self, app: AsyncApp, app_token: str, take: Take) -> None:
        super().__init__(app, app_token, ping_interval=PING_S)
        self._take = take

    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]
        if req.type != "events_api":
            await super().handle(client, req)
            return
        try:
            await self._take(req.payload)
        except Exception:
            log.exception("slack.event_not_taken")
        else:
            await client.send_socket_mode_response(SocketModeResponse(envelope_id=req.envelope_id))


class Socket:
    """One for a process. `run` ends only when it is cancelled. Slack keeps what it cannot hand over, and sends it again."""

    def __init__(self, app: AsyncApp, app_token: str, take: Take) -> None:
        """take: an event; it is acknowledged when that returns."""
        self._app, self._app_token, self._take = app, app_token, take
        self.connected = False

    async def run(self) -> None:
        wait_s = 1.0
        while True:
            handler: Any = Handler(self._app, self._app_token, self._take)
            try:
                await asyncio.wait_for(handler.connect_async(), CONNECT_S)
                log.info("slack.connected")
                wait_s = 1.0
                await self._watch(handler)
            except TimeoutError:
                log.warning("slack.not_connected", after_s=CONNECT_S)
            except Exception as error:
                log.warning("slack.not_connected", error=type(error).__name__, exc_info=True)
            finally:
                self.connected = False
                with suppress(Exception):
                    await handler.close_async()
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * 2, 30.0)

    async def _watch(self, handler: Any) -> None:
        """Returns when it was down for too long."""
        down_s = 0.0
        while down_s < DOWN_S:
            self.connected = await handler.client.is_connected()
            down_s = 0.0 if self.connected else down_s + LOOK_S
            await asyncio.sleep(LOOK_S)
        log.warning("slack.socket_replaced", down_s=down_s)
