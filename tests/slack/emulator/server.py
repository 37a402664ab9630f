"""The emulator's own thread with its event loop, and the HTTP server in it that can go down and come back."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, TypeVar

from aiohttp import web

from tests.slack.emulator import responses, webapi
from tests.slack.emulator.methods import chat, conversations, files, people, session, streams, views
from tests.slack.emulator.world import World

T = TypeVar("T")
DECLARED = (
    chat,
    conversations,
    files,
    people,
    session,
    streams,
    views,
)  # importing them declares their methods
LARGEST_UPLOAD = 64 * 1024 * 1024


class Thread:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, name="slack-emulator", daemon=True)
        self.thread.start()

    def run(self, work: Coroutine[Any, Any, T], timeout_s: float = 60.0) -> T:
        """Runs a coroutine there and waits for it; from any other thread."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout_s)

    def do(self, what: Callable[[], T]) -> T:
        """Calls a function there and waits for it."""

        async def call() -> T:
            return what()

        return self.run(call())

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()


class Server:
    """HTTP on 127.0.0.1.  port: 0 until the first start takes a free one; the same one ever after."""

    def __init__(self, world: World, port: int = 0, more: Iterable[web.RouteDef] = ()) -> None:
        self.world, self.port, self.more = world, port, tuple(more)
        self.runner: web.AppRunner | None = None

    def _application(self) -> web.Application:
        world, app = self.world, web.Application(client_max_size=LARGEST_UPLOAD)

        async def api(request: web.Request) -> web.StreamResponse:
            return await webapi.serve(world, request)

        async def respond(request: web.Request) -> web.StreamResponse:
            return await responses.serve(world, request)

        async def upload(request: web.Request) -> web.StreamResponse:
            return await files.take(world, request)

        async def download(request: web.Request) -> web.StreamResponse:
            return await files.download(world, request)

        app.router.add_route("*", "/api/{method}", api)
        app.router.add_post("/response/{team}/{name}", respond)
        app.router.add_post("/upload/v1/{file}", upload)
        app.router.add_get("/files-pri/{team}-{file}/download/{name}", download)
        app.router.add_get("/files-pri/{team}-{file}/{name}", download)
        app.router.add_get("/link/", world.sockets.serve)
        app.router.add_routes(self.more)
        return app

    async def start(self) -> None:
        """Raises OSError when the port is taken."""
        if self.runner is not None:
            return
        self.runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=0.5)
        await self.runner.setup()
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        self.port = listener.getsockname()[1]
        self.world.host = f"127.0.0.1:{self.port}"
        await web.SockSite(self.runner, listener, backlog=1024).start()

    async def stop(self) -> None:
        """Everything breaks off at once, as when the other side goes down."""
        if self.runner is None:
            return
        runner, self.runner = self.runner, None
        with contextlib.suppress(ConnectionError, RuntimeError):
            await self.world.sockets.drop()
        await runner.cleanup()
