"""The bytes of what is attached to a message, in either direction."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from urllib.parse import urlsplit

import aiohttp
from discord.http import Route

from agents.errors import NotFound
from agents.tasks.artifact import Artifact
from bot.cards import Card, files, pictures
from bot.discord import figures
from bot.discord.api import Upload
from bot.discord.render import Attachment, Message
from bot.outbox.wire import Lost, Refused
from bot.pictures import UPLOAD_LIMIT

HOSTS = ("cdn.discordapp.com", "media.discordapp.net")
"""Where Discord keeps attachments (reference, CDN endpoints)."""


class Files:
    def __init__(
        self,
        picture: Callable[[str], tuple[bytes, str]],
        handed_over: Callable[[str], tuple[Artifact, bytes]],
    ) -> None:
        """picture: its bytes and media type, by id.  handed_over: a file of a task and its bytes, by id."""
        self._picture, self._handed_over = picture, handed_over

    async def of(self, message: Message) -> list[Upload]:
        return [await asyncio.to_thread(self._upload, one) for one in message.attachments]

    def _upload(self, one: Attachment) -> Upload:
        if one.file:
            return self._of_task(one)
        if not one.picture:
            return Upload(one.name, one.text.encode())
        data, kind = self._picture(one.picture)
        return Upload(one.name, data, kind)

    def _of_task(self, one: Attachment) -> Upload:
        try:
            found, data = self._handed_over(one.file)
        except NotFound:  # a newer one took its place: the card is drawn anew, with that one
            return Upload(one.name, b"A newer file took its place.")
        return Upload(one.name, data, found.kind)


def names_of(card: Card) -> dict[str, str]:
    """Id -> the name under which it is attached: every picture, and the files as far as they fit into one message."""
    names = {source: f"{source}.png" for source in pictures(card)}
    room = figures.ATTACHED_BYTES
    for number, one in enumerate(files(card), 1):
        if one.bytes <= room:
            room -= one.bytes
            name = _plain(one.name)
            names[one.source] = name if name not in names.values() else f"{number}-{name}"
    return names


def _plain(path: str) -> str:
    """What the address of an attachment may hold; its end stays, because a preview goes by that."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", path.rpartition("/")[2])[-80:]


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
