"""A small app out of the real slack-bolt and slack_sdk in a thread of its own, for the emulator's own tests."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from tests.slack.emulator import Emulator

T = TypeVar("T")


class Running:
    """app, connected by Socket Mode; `call` runs a coroutine in its loop and gives the result."""

    def __init__(self, slack: Emulator) -> None:
        self.slack = slack
        self.loop = asyncio.new_event_loop()
        self.client = AsyncWebClient(token=slack.bot_token, base_url=slack.url)
        self.app = AsyncApp(client=self.client, process_before_response=True)
        self.handler = self.call(self._handler)

    async def _handler(self) -> AsyncSocketModeHandler:
        return AsyncSocketModeHandler(self.app, self.slack.app_token, ping_interval=0.2)

    def call(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        if self.loop.is_running():
            return asyncio.run_coroutine_threadsafe(work(), self.loop).result(30)
        return self.loop.run_until_complete(work())

    def web(self, method: str, **arguments: Any) -> dict[str, Any]:
        """A Web API call of the app.  Raises SlackApiError as slack_sdk does."""
        return dict(self.call(lambda: self.client.api_call(method, json=arguments)).data)  # type: ignore[arg-type]

    def connect(self) -> None:
        self.call(self.handler.connect_async)
        self.slack.until(lambda: self.slack.connections)


@contextmanager
def bolt(slack: Emulator, declare: Callable[[AsyncApp], None] = lambda app: None) -> Iterator[Running]:
    """declare: puts its listeners on the app before it connects."""
    running = Running(slack)
    declare(running.app)
    thread = threading.Thread(target=running.loop.run_forever, daemon=True)
    thread.start()
    try:
        running.connect()
        yield running
    finally:
        running.call(running.handler.close_async)
        running.loop.call_soon_threadsafe(running.loop.stop)
        thread.join(10)
        running.loop.run_until_complete(running.loop.shutdown_asyncgens())
        running.loop.close()
