"""The HTTP server that can go down and come back on the same port, with the gateway, the REST API and the CDN in it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterable

from aiohttp import web

from tests.discord.emulator import files, rest
from tests.discord.emulator.routes import DECLARED
from tests.discord.emulator.world import World

LARGEST_BODY = 64 * 1024 * 1024


class Server:
    """HTTP on 127.0.0.1.  port: 0 until the first start takes a free one; the same one ever after."""

    def __init__(self, world: World, port: int = 0, more: Iterable[web.RouteDef] = ()) -> None:
        self.world, self.port, self.more = world, port, tuple(more)
        self.runner: web.AppRunner | None = None

    def _application(self) -> web.Application:
        app = web.Application(client_max_size=LARGEST_BODY)
        app.router.add_get("/", self.world.gateway.serve)
        app.router.add_get("/resume", self.world.gateway.serve)
        app.router.add_get("/attachments/{channel}/{file}/{name}", files.serving(self.world))
        app.router.add_routes(self.more)
        assert DECLARED, "importing the routes declares them"
        app.router.add_routes(rest.routed(self.world))
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
        for site in [*runner.sites]:
            await site.stop()
        await asyncio.sleep(
            0.02
        )  # whoever is being let in at this moment is in by then, and goes with the others
        with contextlib.suppress(ConnectionError, RuntimeError):
            await self.world.gateway.drop()
        await runner.cleanup()
