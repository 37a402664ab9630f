"""Discord's REST API as we call it: every refusal becomes one of the outbox's errors, at this edge and nowhere else."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

import aiohttp
import discord
from discord.http import HTTPClient, Route
from discord.webhook.async_ import AsyncWebhookAdapter

from bot.outbox.wire import Closed, Gone, Later, Lost, Orphaned, Refused, SignedOut, WireError

SURFACE = "discord"
NO_MESSAGE = 10008
NO_CHANNEL = 10003
NO_WEBHOOK = 10015
NOT_OURS = 50005
_GONE = {
    NO_MESSAGE: "The message is not there any more.",
    NO_WEBHOOK: "The webhook was removed.",
    50027: "The webhook's token is not valid any more.",
}
_CLOSED = {
    NO_CHANNEL: "The channel was deleted.",
    10004: "Troupe is not in that server any more.",
    10013: "Discord does not know that person any more.",
    50001: "Troupe may not see that channel.",
    50013: "Troupe lacks a permission there: it needs View Channel, Send Messages, Send Messages in Threads and Attach Files.",
    50007: "That person takes no direct messages from this server.",
    50083: "The thread is archived.",
    160002: "Troupe may not answer there.",
}
"""docs.discord.com/developers/topics/opcodes-and-status-codes, JSON error codes by which nothing will ever arrive there."""
LONGEST_WAIT_S = 30.0
"""Of a call, with all that discord.py waits for its buckets. What takes longer is lost, and looked for before it is tried again.
discord.py's own `max_ratelimit_timeout` is no help: it refuses whatever has a window longer than that, however much of it is left."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of a message."""

    name: str
    data: bytes
    kind: str = "text/plain"


class Api:
    """One for a process: discord.py's own client, with its buckets."""

    def __init__(self, http: HTTPClient, session: aiohttp.ClientSession, application_id: str) -> None:
        self._http, self._session, self.application_id = http, session, application_id
        self._tokens = AsyncWebhookAdapter()  # type: ignore[no-untyped-call]
        self._empty_until: dict[str, float] = {}
        """By a webhook's address: when Discord takes more there; seconds, monotonic. For the rest discord.py counts."""

    async def call(
        self,
        method: str,
        path: str,
        json: Mapping[str, Any] | Sequence[Any] | None = None,
        *,
        files: Sequence[Upload] = (),
        query: Mapping[str, Any] | None = None,
        **parameters: Any,
    ) -> Any:
        """What Discord answered. parameters: of the path. Tried again by discord.py when Discord has trouble of its own, so
        only for what may be done twice. Raises WireError."""
        route = Route(method, path, **parameters)
        sent: dict[str, Any] = {"params": dict(query)} if query else {}
        if files:
            sent["form"] = _form(json, files)
        elif json is not None:
            sent["json"] = json
        return await _answered(self._http.request(route, **sent))

    async def answer(
        self,
        method: str,
        path: str,
        json: Mapping[str, Any] | None = None,
        *,
        files: Sequence[Upload] = (),
        **parameters: Any,
    ) -> Any:
        """`call` with an interaction's own token, as discord.py itself answers one. Its client would keep the allowance of each
        token for five minutes, and go through all of them whenever there is a new one. Raises WireError."""
        route = Route(method, path, **parameters)
        sent: dict[str, Any] = {}
        if files:
            sent["multipart"] = _form(json, files)
        elif json is not None:
            sent["payload"] = dict(json)
        return await _answered(self._tokens.request(route, self._session, **sent))

    async def call_once(
        self,
        path: str,
        json: Mapping[str, Any],
        *,
        files: Sequence[Upload] = (),
        query: Mapping[str, Any],
        **parameters: Any,
    ) -> Any:
        """A POST that is never tried again: what a webhook says twice stands there twice. Raises WireError."""
        route = Route("POST", path, **parameters)
        if (wait_s := self._empty_until.pop(route.url, 0.0) - monotonic()) > 0:
            self._empty_until[route.url] = monotonic() + wait_s
            raise Later(wait_s)
        sent: dict[str, Any] = {"json": json}
        if files:
            form = aiohttp.FormData(quote_fields=False)
            for part in _form(json, files):
                form.add_field(**part)
            sent = {"data": form}
        try:
            async with self._session.post(route.url, params=dict(query), **sent) as response:
                if response.headers.get("X-RateLimit-Remaining") == "0":
                    reset_s = float(response.headers.get("X-RateLimit-Reset-After", 0.0))
                    self._empty_until[route.url] = monotonic() + reset_s
                answer = await response.json(content_type=None)
                if response.status == 429:
                    raise Later(float(answer.get("retry_after", 1.0)))
                if response.status >= 300:
                    data = answer if isinstance(answer, dict) else {}
                    raise refusal(response.status, int(data.get("code", 0)), str(data.get("message", "")))
                return answer
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            raise Lost(f"Discord did not answer properly ({type(error).__name__}).") from error


async def _answered(asked: Awaitable[Any]) -> Any:
    try:
        async with asyncio.timeout(LONGEST_WAIT_S):
            return await asked
    except discord.HTTPException as error:
        raise refusal(error.status, error.code, error.text) from error
    except (TimeoutError, aiohttp.ClientError, OSError, RuntimeError) as error:
        raise Lost(f"Discord did not answer properly ({type(error).__name__}).") from error


def refusal(status: int, code: int, text: str) -> WireError:
    if status == 429:
        return Later(LONGEST_WAIT_S)
    if status >= 500:
        return Lost(f"Discord had trouble of its own ({status}).")
    if status == 401:
        return SignedOut("Discord does not accept the bot token.")
    if code in _GONE:
        return Gone(_GONE[code])
    if code == NOT_OURS:
        return Orphaned("The message is of a webhook that is no more.")
    if code in _CLOSED:
        return Closed(_CLOSED[code])
    return Refused(f"Discord refused it: {text or status} ({code}).")


def _form(json: Any, files: Sequence[Upload]) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = [{"name": "payload_json", "value": discord.utils._to_json(json or {})}]
    return parts + [
        {"name": f"files[{i}]", "value": file.data, "filename": file.name, "content_type": file.kind}
        for i, file in enumerate(files)
    ]
