"""The bare peers of the process `slack`: `python -m tests.bench.bare_slack bolt|socket`, and `trips FILE`.

bolt: an AsyncApp as its own documentation begins, whose listeners acknowledge and do nothing. socket: slack_sdk's
socket client alone. trips: redraws one message again and again, as FILE says, and prints how many ms each time took.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from tests.bench.trips import again_and_again

ANYTHING = re.compile(".*")


def _client() -> AsyncWebClient:
    url, token = os.environ["SLACK_API_URL"], os.environ["SLACK_BOT_TOKEN"]
    return AsyncWebClient(token=token, base_url=f"{url}/")


async def bolt() -> None:
    app = AsyncApp(client=_client())

    @app.command(ANYTHING)
    async def command(ack: AsyncAck) -> None:
        await ack()

    @app.event(ANYTHING)
    async def event() -> None:
        pass

    handler: Any = AsyncSocketModeHandler(app, os.environ["SLACK_APP_TOKEN"])
    await handler.start_async()


async def socket() -> None:
    client: Any = SocketModeClient(os.environ["SLACK_APP_TOKEN"], web_client=_client())

    async def acknowledge(by: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        await by.send_socket_mode_response(SocketModeResponse(request.envelope_id))

    client.socket_mode_request_listeners.append(acknowledge)
    await client.connect()
    await asyncio.Event().wait()


async def trips(given: Mapping[str, Any]) -> None:
    """given: channel, message and count."""
    client, message = _client(), {"channel": given["channel"], **given["message"]}
    stands = await client.chat_postMessage(**message)
    message |= {"channel": str(stands["channel"]), "ts": str(stands["ts"])}
    await again_and_again(lambda: client.chat_update(**message), given["count"])


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["bolt"]:
            asyncio.run(bolt())
        case ["socket"]:
            asyncio.run(socket())
        case ["trips", file]:
            asyncio.run(trips(json.loads(Path(file).read_text())))
