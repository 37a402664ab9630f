"""A small app out of the real discord.py in a thread of its own, for the emulator's own tests."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

import discord
import discord.gateway
import discord.http
import yarl
from discord.http import Route

from tests.discord.emulator import Emulator

T = TypeVar("T")


class Addresses(Protocol):
    """Where an emulator is, in this process or another."""

    @property
    def api_url(self) -> str: ...
    @property
    def gateway_url(self) -> str: ...
    @property
    def token(self) -> str: ...


def point(emulator: Addresses) -> None:
    """discord.py takes its addresses from these two places only."""
    Route.BASE = emulator.api_url
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(emulator.gateway_url)


class Client(discord.Client):
    """Without the five seconds that discord.py waits before every identify but the first, and the two for more servers."""

    def __init__(self, intents: discord.Intents, **options: Any) -> None:
        super().__init__(intents=intents, guild_ready_timeout=0.05, **options)
        self.tree = discord.app_commands.CommandTree(self)
        self.heard: list[str] = []

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        self.heard.append("identify")

    async def on_socket_event_type(self, event: str) -> None:
        self.heard.append(event)


class Running:
    """client, connected; `call` runs a coroutine in its loop and gives the result.  ended: how its run ended."""

    def __init__(
        self,
        emulator: Addresses,
        intents: discord.Intents | None = None,
        token: str | None = None,
        **options: Any,
    ) -> None:
        point(emulator)
        self.token = token or emulator.token
        self.loop = asyncio.new_event_loop()
        self.ended: BaseException | None = None
        wanted = intents or discord.Intents(guilds=True, guild_messages=True, message_content=True)
        self.client = self.loop.run_until_complete(self._make(wanted, options))
        self.thread = threading.Thread(target=self._run, daemon=True)

    async def _make(self, intents: discord.Intents, options: dict[str, Any]) -> Client:
        return Client(intents, **options)

    def _run(self) -> None:
        try:
            self.loop.run_until_complete(self.client.start(self.token))
        except Exception as ended:
            self.ended = ended
        finally:
            self.loop.run_until_complete(self._end())
            self.loop.run_until_complete(self.loop.shutdown_asyncgens())
            self.loop.close()

    async def _end(self) -> None:
        """Views wait for their timeouts: nobody will ask them any more."""
        await self.client.close()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    def rest(self, method: str, path: str, body: Any = None, **ids: Any) -> Any:
        """A call of the app with a body of one's own.  Raises discord.HTTPException as discord.py does."""
        more = {} if body is None else {"json": body}
        return self.call(self.client.http.request(Route(method, path, **ids), **more))

    def sync(self) -> None:
        """Registers the tree's commands."""
        self.call(self.client.tree.sync())

    def ready(self, timeout_s: float = 20.0) -> None:
        """Waits for it.  Raises what ended the client, if something did."""
        deadline = time.monotonic() + timeout_s
        while not self.client.is_ready():
            if self.ended:
                raise self.ended
            assert time.monotonic() < deadline, f"not ready; heard {self.client.heard}"
            time.sleep(0.01)

    def stop(self) -> None:
        if self.loop.is_running():
            asyncio.run_coroutine_threadsafe(self.client.close(), self.loop)
        self.thread.join(10)


@contextmanager
def client(
    emulator: Emulator,
    declare: Callable[[Client], None] = lambda client: None,
    intents: discord.Intents | None = None,
    **options: Any,
) -> Iterator[Running]:
    """declare: puts its listeners and commands on the client before it connects."""
    running = Running(emulator, intents, **options)
    declare(running.client)
    running.thread.start()
    try:
        running.ready()
        yield running
    finally:
        running.stop()
