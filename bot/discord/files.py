"""The bytes of what is attached to a message, in either direction."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from urllib.parse import urlsplit

import aiohttp
from discord.http import Route

from bot.discord.api import Upload
from bot.discord.render import Attachment, Message
from bot.outbox.wire import Lost, Refused
from bot.pictures import UPLOAD_LIMIT

HOSTS = ("cdn.discordapp.com", "media.discordapp.net")
"""Where Discord keeps attachments (reference, CDN endpoints)."""


class Files:
    def __init__(self, picture: Callable[[str], tuple[bytes, str]]) -> None:
        """picture: its bytes and media type, by id."""
        self._picture = picture

    async def of(self, message: Message) -> list[Upload]:
        return [await asyncio.to_thread(self._upload, one) for one in message.attachments]

    def _upload(self, one: Attachment) -> Upload:
        if not one.picture:
            return Upload(one.name, one.text.encode())
        data, kind = self._picture(one.picture)
        return Upload(one.name, data, kind)


class Fetcher:
    """Fetches what people attached, from Discord's own hosts, and from nowhere else."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def fetch(self, url: str) -> bytes:
        """At most a little more than a picture may have. Raises WireError."""
        if not _is_theirs(url):
            raise Refused("Discord named an address that is not its own.")
        try:
            async with self._session.get(url, allow_redirects=False) as answer:
                if answer.status != 200:
                    raise Refused(f"Discord answered {answer.status}.")
                found = b""
                async for piece in answer.content.iter_chunked(65536):
                    found += piece
                    if len(found) > UPLOAD_LIMIT:
                        break
                return found
        except (TimeoutError, aiohttp.ClientError) as error:
            raise Lost(f"The file did not arrive ({type(error).__name__}).") from error


def _is_theirs(url: str) -> bool:
    """Discord's own hosts, or the server that the settings name instead."""
    parts, api = urlsplit(url), urlsplit(Route.BASE)
    if (parts.scheme, parts.netloc) == (api.scheme, api.netloc):
        return True
    return parts.scheme == "https" and (parts.hostname or "") in HOSTS
