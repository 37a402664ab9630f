"""Around every request: its correlation id, and an answer in our shape also when we stumble."""

from __future__ import annotations

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agents.errors import Broken
from bot.web.api.errors import CORRELATION, correlation_of, refuse

log = structlog.get_logger()


class Trace:
    """ASGI middleware of the API. The id goes into `request.state`, the answer's header, the log and the audit trail."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        connection, begun = HTTPConnection(scope), False

        async def traced(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                headers[CORRELATION] = correlation_of(connection)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        with structlog.contextvars.bound_contextvars(correlation=correlation_of(connection)):
            try:
                await self._app(scope, receive, traced)
            except Exception as error:
                log.exception("api.stumbled", path=scope["path"])
                if begun:
                    raise
                broken = Broken.from_(error, correlation_of(connection))
                await refuse(connection, broken)(scope, receive, traced)
