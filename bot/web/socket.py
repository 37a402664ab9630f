"""NiceGUI's socket, as the console uses it: one event in both directions, each question answered by acknowledgement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.requests import HTTPConnection

from bot.settings import Settings
from bot.web.desk import Asked, Desk
from bot.web.sessions import token_of

EVENT = "troupe"


class SocketWire:
    """`viewers.Wire` on a Socket.IO server (a `socketio.AsyncServer`, which carries no types)."""

    def __init__(self, server: Any) -> None:
        self._server = server

    async def send(self, sids: Sequence[str], payload: dict[str, Any]) -> None:
        await self._server.emit(EVENT, payload, to=list(sids))

    async def close(self, sid: str) -> None:
        """The connection too: `disconnect` alone leaves it open for another try."""
        inner = self._server.manager.eio_sid_from_sid(sid, "/")
        await self._server.disconnect(sid)
        if inner:
            await self._server.eio.disconnect(inner)

    def waiting(self, sid: str) -> int | None:
        inner = self._server.manager.eio_sid_from_sid(sid, "/")
        socket = self._server.eio.sockets.get(inner) if inner else None
        return socket.queue.qsize() if socket and not socket.closed else None


def attach(server: Any, desk: Desk, settings: Settings) -> None:
    """From now on the desk answers what pages ask. The cookie is the one that the connection was opened with."""

    async def asked(sid: str, message: Any) -> dict[str, Any]:
        connection = HTTPConnection(server.get_environ(sid)["asgi.scope"])
        said = message if isinstance(message, dict) else {}
        return await desk.answer(Asked(sid, token_of(connection, settings), said))

    server.on(EVENT, asked)
