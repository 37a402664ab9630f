"""Socket Mode: connections, envelopes, acknowledgements.

docs.slack.dev/apis/events-api/using-socket-mode: at most ten connections, an envelope goes to any one of them; a URL
serves once; `debug_reconnects=true` makes a connection last 360 s.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import secrets
import time
import uuid
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web

from tests.slack.emulator.delivery import Delivery, Reply
from tests.slack.emulator.errors import Json, Refused

MOST_CONNECTIONS = 10
TICKET_S = 30.0
LIFETIME_S = 18_060


@dataclass(eq=False)
class Connection:
    ws: web.WebSocketResponse
    app_id: str
    envelopes: int = 0


@dataclass(eq=False)
class Sockets:
    """The app's open connections.  refusing_until: no new ones before that moment (monotonic seconds)."""

    app_id: str
    connections: list[Connection] = field(default_factory=list)
    waiting: dict[str, asyncio.Future[Reply]] = field(default_factory=dict)
    tickets: dict[str, float] = field(default_factory=dict)
    refusing_until: float = 0.0
    opened: int = 0
    acked: list[tuple[str, Json]] = field(
        default_factory=list
    )  # late or unknown acknowledgements, for the curious
    _turn: itertools.count[int] = field(default_factory=itertools.count)

    def ticket(self, host: str) -> str:
        """The address that apps.connections.open hands out: for one connection, within half a minute."""
        if time.monotonic() < self.refusing_until:
            raise Refused("internal_error", status=503)
        ticket = secrets.token_hex(8)
        self.tickets[ticket] = time.monotonic() + TICKET_S
        return f"ws://{host}/link/?ticket={ticket}&app_id={self.app_id}"

    async def serve(self, request: web.Request) -> web.StreamResponse:
        expires = self.tickets.pop(request.query.get("ticket", ""), 0.0)
        if time.monotonic() > expires or time.monotonic() < self.refusing_until:
            return web.Response(status=408, text="link expired")
        ws = web.WebSocketResponse(autoping=True, max_msg_size=0)
        await ws.prepare(request)
        if len(self.connections) >= MOST_CONNECTIONS:
            await ws.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await ws.close()
            return ws
        connection = Connection(ws, self.app_id)
        lifetime_s = 360 if request.query.get("debug_reconnects") == "true" else LIFETIME_S
        self.connections.append(connection)
        self.opened += 1
        try:
            await ws.send_json(self._hello(lifetime_s))
            await self._listen(connection)
        finally:
            with contextlib.suppress(ValueError):
                self.connections.remove(connection)
        return ws

    def _hello(self, lifetime_s: int) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self.connections),
            "debug_info": {
                "host": "applink-emulator",
                "build_number": 1,
                "approximate_connection_time": lifetime_s,
            },
            "connection_info": {"app_id": self.app_id},
        }

    async def _listen(self, connection: Connection) -> None:
        async for message in connection.ws:
            if message.type is not WSMsgType.TEXT:
                continue
            try:
                answer = json.loads(message.data)
            except ValueError:
                continue
            if isinstance(answer, dict):
                self._acknowledge(answer)

    def _acknowledge(self, answer: Json) -> None:
        name = str(answer.get("envelope_id"))
        future = self.waiting.get(name)
        if future is None or future.done():
            self.acked.append((name, answer))
        else:
            future.set_result(Reply(ok=True, body=answer.get("payload"), status=200))

    async def send(self, delivery: Delivery, retry: int, reason: str, within_s: float) -> Reply:
        live = [each for each in self.connections if not each.ws.closed]
        if not live:
            return Reply(ok=False, reason="connection_failed")
        connection = live[next(self._turn) % len(live)]
        envelope: Json = {
            "envelope_id": str(uuid.uuid4()),
            "payload": delivery.payload,
            "type": delivery.kind,
            "accepts_response_payload": delivery.kind != "events_api",
        }
        if delivery.kind == "events_api":
            envelope |= {"retry_attempt": retry, "retry_reason": reason}
        return await self._exchange(connection, envelope, within_s)

    async def _exchange(self, connection: Connection, envelope: Json, within_s: float) -> Reply:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Reply] = loop.create_future()
        self.waiting[envelope["envelope_id"]] = future
        timer = loop.call_later(within_s, _give_up, future)
        try:
            connection.envelopes += 1
            await connection.ws.send_str(json.dumps(envelope))
            return await future
        except (ConnectionError, RuntimeError):
            return Reply(ok=False, reason="connection_failed")
        finally:
            timer.cancel()
            del self.waiting[envelope["envelope_id"]]

    async def disconnect(self, reason: str, close: bool = True) -> None:
        """reason: warning, refresh_requested or link_disabled, as Slack says it; then the socket closes."""
        for connection in list(self.connections):
            with contextlib.suppress(ConnectionError, RuntimeError):
                await connection.ws.send_json(
                    {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-emulator"}}
                )
                if close and reason != "warning":
                    await connection.ws.close()

    async def drop(self) -> None:
        """The network goes: sockets break without a goodbye."""
        for connection in list(self.connections):
            request = connection.ws._req
            if request is not None and request.transport is not None:
                request.transport.abort()


def _give_up(future: asyncio.Future[Reply]) -> None:
    if not future.done():
        future.set_result(Reply(ok=False, reason="timeout"))
