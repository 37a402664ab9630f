"""The console's web application: pages, media, sign-in, health, and NiceGUI with its socket behind them."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import structlog
from fastapi import FastAPI, Request
from markupsafe import Markup
from nicegui import core, ui
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from agents.errors import TroupeError
from bot import commands
from bot.heart import beating
from bot.live import Changes
from bot.watch import Watch, looking
from bot.web import api, exports, health, media, oncall, sessions, site, stage
from bot.web.api.errors import STATUS
from bot.web.assets import FOLDER, Assets
from bot.web.desk import Desk
from bot.web.guard import Guard
from bot.web.refusals import refusal
from bot.web.sessions import token_of, visitor
from bot.web.socket import SocketWire, attach
from bot.web.viewers import Viewers

if TYPE_CHECKING:
    from bot.wiring import Troupe

log = structlog.get_logger()

PAGES = (
    "channels",
    "queue",
    "tasks",
    "calendar",
    "personas",
    "people",
    "audit",
    "status",
    "runbooks",
    "gallery",
)
"""Modules of `bot.web.pages`; importing one enters its routes."""
THREADS = 16
"""For what blocks on the database behind the socket. More only wait for one another."""
STOP_S = 2.0
"""How long what runs beside the requests may take to end: `asyncio.wait_for` may swallow a cancellation."""
RECONNECT_S = 10.0
"""How long NiceGUI keeps a page's place when its connection is lost; after that the page loads itself anew."""


def make(troupe: Troupe) -> FastAPI:
    """One for a process: NiceGUI keeps its server in module globals."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS, "troupe"))
        viewers = Viewers(troupe.storage, SocketWire(core.sio))
        changes = Changes(troupe.storage, troupe.redis_url, viewers)
        attach(core.sio, Desk(troupe, viewers, lambda: changes.hearing), troupe.settings)
        hearing = asyncio.create_task(changes.run(), name="live")
        hearing.add_done_callback(_say_why)
        watch = Watch(troupe.storage, "watch of the clock", lambda kind: kind == "clock")
        with looking(watch.look, watch.stop), beating(troupe.storage, "web"):
            yield
        hearing.cancel()
        await asyncio.wait([hearing], timeout=STOP_S)

    app = FastAPI(title="Troupe", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.troupe = troupe
    commands.load()  # before the first page asks for completions
    app.add_exception_handler(TroupeError, _refused)
    app.add_exception_handler(HTTPException, _not_served)
    app.add_exception_handler(Exception, _broken)
    for name in PAGES:
        importlib.import_module(f"bot.web.pages.{name}")
    for router in (
        health.router,
        sessions.router,
        media.router,
        oncall.router,
        exports.router,
        stage.router,
        site.router,
    ):
        app.include_router(router)
    api.install(app, troupe)
    app.mount("/assets", Assets())
    ui.run_with(
        app,
        title="Troupe",
        favicon=FOLDER / "troupe.svg",
        dark=None,
        language="en-US",
        tailwind=False,
        reconnect_timeout=RECONNECT_S,
        gzip_middleware_factory=None,
        show_welcome_message=False,
    )
    core.app.add_exception_handler(404, _not_served)  # it answers every path that we do not
    app.add_middleware(GZipMiddleware, minimum_size=1000)
    app.add_middleware(SocketDoor, troupe=troupe)
    app.add_middleware(Guard, settings=troupe.settings)
    return app


def _say_why(ended: asyncio.Task[None]) -> None:
    """What should never end has ended: the log says so at once, not when the process stops."""
    if not ended.cancelled() and (error := ended.exception()):
        log.critical("live.ended", exc_info=error)


class SocketDoor:
    """ASGI middleware: NiceGUI's socket is for people who are signed in."""

    def __init__(self, app: ASGIApp, troupe: Troupe) -> None:
        self._app, self._troupe = app, troupe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        closed = scope["type"] in ("http", "websocket") and scope["path"].startswith("/_nicegui_ws")
        if closed and not await asyncio.to_thread(self._is_signed_in, HTTPConnection(scope)):
            if scope["type"] == "websocket":
                await receive()
                await send({"type": "websocket.close", "code": 1008, "reason": sessions.NOT_SIGNED_IN})
            else:
                what, remedy = sessions.NOT_SIGNED_IN, sessions.HOW_TO_SIGN_IN
                await refusal(HTTPConnection(scope), 401, "not_signed_in", what, remedy)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_signed_in(self, connection: HTTPConnection) -> bool:
        with self._troupe.storage.reading() as work:
            return visitor(work, token_of(connection, self._troupe.settings)) is not None


async def _refused(request: Request, error: Any) -> Response:
    return refusal(request, STATUS.get(error.code, 422), error.code, error.what, error.remedy)


_HOME = Markup('<p><a class="button" href="/">Open Troupe</a></p>')


async def _not_served(request: Request, error: Any) -> Response:
    if error.status_code == 404:
        return refusal(
            request, 404, "not_found", "There is no such page.", "It may have moved, or never been.", _HOME
        )
    return refusal(request, error.status_code, "not_served", str(error.detail))


async def _broken(request: Request, error: Any) -> Response:
    """A bug. The server logs the error with its traceback; people are told that it was not they who did it."""
    what = "Something went wrong on Troupe's side; nothing was changed."
    return refusal(request, 500, "error", what, "Try it again. If it stays so, the log of web says why.")
