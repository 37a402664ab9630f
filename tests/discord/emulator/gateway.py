"""The gateway: sessions that can be resumed, heartbeats, compression, and all the ways in which it hangs up.

docs.discord.com/developers/events/gateway
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from tests.discord.emulator.errors import Json
from tests.discord.emulator.frames import PACKERS, Pack
from tests.discord.emulator.intents import ALL, PRIVILEGED, wanted
from tests.discord.emulator.patience import Patience

DISPATCH, HEARTBEAT, IDENTIFY, PRESENCE, VOICE, RESUME, RECONNECT, MEMBERS, INVALID, HELLO, ACK = (
    0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11
)  # fmt: skip
LARGEST_SEND, SENDS_PER_MINUTE, KEPT_EVENTS = 4096, 120, 10_000
UNKNOWN_OP, DECODE, NOT_AUTHENTICATED, BAD_TOKEN, ALREADY, BAD_SEQ, TOO_FAST, TIMED_OUT = (
    4001, 4002, 4003, 4004, 4005, 4007, 4008, 4009
)  # fmt: skip
BAD_SHARD, BAD_VERSION, BAD_INTENTS, DISALLOWED_INTENTS = 4010, 4012, 4013, 4014
Event = tuple[str, Json]


@dataclass(eq=False)
class Session:
    """What the app is told, connected or not, until it has been away for too long."""

    id: str
    intents: int
    seq: int = 0
    events: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=KEPT_EVENTS))
    connection: Connection | None = None
    lost_at: float = 0.0

    def tell(self, event: str, data: Json) -> None:
        self.seq += 1
        frame = json.dumps({"op": DISPATCH, "t": event, "s": self.seq, "d": data})
        self.events.append((self.seq, frame))
        if self.connection is not None:
            self.connection.send(frame)


@dataclass(eq=False)
class Connection:
    ws: web.WebSocketResponse
    pack: Pack
    outbox: asyncio.Queue[str | None] = field(default_factory=asyncio.Queue)
    session: Session | None = None
    beaten_at: float = field(default_factory=time.monotonic)
    sends: deque[float] = field(default_factory=deque)
    code: int = 1006  # with which it was closed, by whoever was first; 1006 when it broke

    def send(self, frame: str) -> None:
        self.outbox.put_nowait(frame)

    def op(self, op: int, data: Any = None) -> None:
        self.send(json.dumps({"op": op, "d": data, "s": None, "t": None}))

    async def write(self) -> None:
        """Sends what is put into the outbox, in order."""
        with contextlib.suppress(ConnectionError, RuntimeError):
            while (frame := await self.outbox.get()) is not None:
                packed = self.pack(frame)
                if isinstance(packed, str):
                    await self.ws.send_str(packed)
                else:
                    await self.ws.send_bytes(packed)

    def too_fast(self) -> bool:
        now = time.monotonic()
        self.sends.append(now)
        while self.sends[0] < now - 60:
            self.sends.popleft()
        return len(self.sends) > SENDS_PER_MINUTE


class HangUp(Exception):
    """The gateway closes with this code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code} {reason}")
        self.code, self.reason = code, reason


@dataclass(eq=False)
class Gateway:
    """token: of the bot.  greet: what a new session is told first.  chunk: answers a request for members.

    privileged: the intents that are enabled for the application.  deaf: heartbeats are no longer acknowledged.
    revoked: the token is no longer accepted, here and in REST.
    closed: the codes with which connections were closed, by either side, the oldest first.
    """

    token: str
    patience: Patience
    greet: Callable[[Session, str], list[Event]]
    chunk: Callable[[Json], list[Event]]
    privileged: int = PRIVILEGED
    paced: bool = True
    deaf: bool = False
    revoked: bool = False
    refusing_until: float = 0.0
    sessions: dict[str, Session] = field(default_factory=dict)
    connections: list[Connection] = field(default_factory=list)
    identified: int = 0
    resumed: int = 0
    heartbeats: int = 0
    identified_at: float = float("-inf")
    closed: list[int] = field(default_factory=list)

    # What the app hears

    def tell(self, event: str, data: Json, bare: Json | None = None) -> int:
        """Tells every session that wants it; gives how many.  bare: for sessions that may not read messages."""
        told = 0
        for session in list(self.sessions.values()):
            if not wanted(event, data, session.intents):
                continue
            session.tell(event, data if bare is None or session.intents & (1 << 15) else bare)
            told += 1
        return told

    # One connection

    async def serve(self, request: web.Request) -> web.StreamResponse:
        compression = request.query.get("compress")
        if time.monotonic() < self.refusing_until:
            return web.Response(status=503, text="upstream connect error")
        if compression not in PACKERS:
            return web.Response(status=400, text=f"no such compression: {compression}")
        ws = web.WebSocketResponse(max_msg_size=0)
        await ws.prepare(request)
        connection = Connection(ws, PACKERS[compression]())
        self.connections.append(connection)
        writer = asyncio.create_task(connection.write())
        try:
            if request.query.get("v") not in {None, "9", "10"}:
                raise HangUp(BAD_VERSION, "Invalid API version.")
            interval_ms = round(self.patience.heartbeat_s * 1000)
            connection.op(HELLO, {"heartbeat_interval": interval_ms, "_trace": ["emulator"]})
            await self._listen(connection)
        except HangUp as hung_up:
            await self._flushed(connection, writer)
            connection.code = hung_up.code
            await ws.close(code=hung_up.code, message=hung_up.reason.encode())
        finally:
            writer.cancel()
            self._lost(connection)
        return ws

    async def _flushed(self, connection: Connection, writer: asyncio.Task[None]) -> None:
        connection.outbox.put_nowait(None)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(writer), 1)

    def _lost(self, connection: Connection) -> None:
        self.connections.remove(connection)
        self.closed.append(connection.code)
        if connection.session is not None and connection.session.connection is connection:
            connection.session.connection = None
            connection.session.lost_at = time.monotonic()

    async def _listen(self, connection: Connection) -> None:
        """Raises HangUp; returns when the other side has gone."""
        patience_s = self.patience.heartbeat_s * 1.5
        while True:
            left_s = connection.beaten_at + patience_s - time.monotonic()
            try:
                message = await connection.ws.receive(timeout=max(left_s, 0.001))
            except TimeoutError:
                raise HangUp(4000, "Heartbeats stopped.") from None
            if message.type is WSMsgType.CLOSE:
                self._left(connection, int(message.data))
            if message.type in {WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR}:
                return
            self._heard(connection, message.data)

    def _left(self, connection: Connection, code: int) -> None:
        """The app closes; with 1000 or 1001 it gives its session up."""
        connection.code = code
        if code in {1000, 1001} and connection.session is not None:
            self.sessions.pop(connection.session.id, None)

    def _heard(self, connection: Connection, raw: str | bytes) -> None:
        if len(raw) > LARGEST_SEND:
            raise HangUp(DECODE, "Payload over 4096 bytes.")
        if connection.too_fast() and self.paced:
            raise HangUp(TOO_FAST, "You are being rate limited.")
        try:
            heard = json.loads(raw)
            op, data = heard["op"], heard.get("d")
        except (ValueError, KeyError, TypeError):
            raise HangUp(DECODE, "Error while decoding payload.") from None
        if op == HEARTBEAT:
            self._beat(connection)
        elif op == IDENTIFY:
            self._identify(connection, data)
        elif op == RESUME:
            self._resume(connection, data)
        elif connection.session is None:
            raise HangUp(NOT_AUTHENTICATED, "Not authenticated.")
        elif op == MEMBERS:
            for event, chunk in self.chunk(data):
                connection.session.tell(event, chunk)
        elif op not in {PRESENCE, VOICE}:
            raise HangUp(UNKNOWN_OP, "Unknown opcode.")

    def _beat(self, connection: Connection) -> None:
        connection.beaten_at = time.monotonic()
        self.heartbeats += 1
        if not self.deaf:
            connection.op(ACK)

    def _identify(self, connection: Connection, data: Json) -> None:
        if connection.session is not None:
            raise HangUp(ALREADY, "Already authenticated.")
        self._authenticated(data)
        intents = data.get("intents")
        if not isinstance(intents, int) or intents & ~ALL:
            raise HangUp(BAD_INTENTS, "Invalid intent(s).")
        if intents & PRIVILEGED & ~self.privileged:
            raise HangUp(DISALLOWED_INTENTS, "Disallowed intent(s).")
        shard = data.get("shard") or [0, 1]
        if len(shard) != 2 or not 0 <= shard[0] < shard[1]:
            raise HangUp(BAD_SHARD, "Invalid shard.")
        now = time.monotonic()
        if self.paced and now < self.identified_at + self.patience.identify_s:
            connection.op(INVALID, False)
            return
        self.identified_at = now
        self.identified += 1
        session = Session(secrets.token_hex(16), intents, connection=connection)
        connection.session = self.sessions[session.id] = session
        for event, greeting in self.greet(session, "READY"):
            session.tell(event, greeting)

    def _resume(self, connection: Connection, data: Json) -> None:
        """What was missed comes again, then RESUMED; a session that is gone is invalid."""
        self._authenticated(data)
        session = self.sessions.get(str(data.get("session_id")))
        if session is None or self._expired(session):
            connection.op(INVALID, False)
            return
        seq = data.get("seq")
        if not isinstance(seq, int) or seq > session.seq:
            raise HangUp(BAD_SEQ, "Invalid seq.")
        missed = [(number, frame) for number, frame in session.events if number > seq]
        if len(missed) != session.seq - seq:
            self.sessions.pop(session.id)
            connection.op(INVALID, False)
            return
        self.resumed += 1
        connection.session = session
        for _, frame in missed:
            connection.send(frame)
        session.connection = connection
        session.tell("RESUMED", {"_trace": ["emulator"]})

    def _authenticated(self, data: Any) -> None:
        if not isinstance(data, dict):
            raise HangUp(DECODE, "Error while decoding payload.")
        if self.revoked or str(data.get("token")).removeprefix("Bot ") != self.token:
            raise HangUp(BAD_TOKEN, "Authentication failed.")

    def _expired(self, session: Session) -> bool:
        away = session.connection is None and time.monotonic() - session.lost_at > self.patience.resume_s
        if away:
            self.sessions.pop(session.id)
        return away

    # What goes wrong

    async def drop(self) -> None:
        """The network goes: sockets break without a goodbye, sessions can be resumed."""
        for connection in list(self.connections):
            request = connection.ws._req
            if request is not None and request.transport is not None:
                request.transport.abort()

    async def close(self, code: int, reason: str) -> None:
        for connection in list(self.connections):
            connection.code = code
            await connection.ws.close(code=code, message=reason.encode())

    async def ask_reconnect(self) -> None:
        for connection in list(self.connections):
            connection.op(RECONNECT)

    async def invalidate(self, resumable: bool) -> None:
        if not resumable:
            self.sessions.clear()
        for connection in list(self.connections):
            connection.op(INVALID, resumable)
