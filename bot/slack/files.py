"""Files that people put into a form: fetched from Slack, with the bot's token, and from nowhere else."""

from __future__ import annotations

from urllib.parse import urlsplit

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.outbox.wire import Lost, Refused
from bot.pictures import UPLOAD_LIMIT
from bot.slack.api import call

_HOME = "slack.com"


class Files:
    def __init__(self, client: AsyncWebClient, session: aiohttp.ClientSession, api_url: str) -> None:
        self._client, self._session, self._api = client, session, urlsplit(api_url)

    async def fetch(self, file_id: str) -> bytes:
        """At most one byte more than a picture may have. Raises WireError."""
        file = (await call(self._client.files_info(file=file_id)))["file"]
        url = str(file.get("url_private_download") or file.get("url_private") or "")
        if not self._is_theirs(url):
            raise Refused("Slack named an address that is not its own.")
        try:
            async with self._session.get(
                url, headers={"Authorization": f"Bearer {self._client.token}"}, allow_redirects=False
            ) as answer:
                if answer.status != 200:
                    raise Refused(f"Slack answered {answer.status}.")
                found = b""
                async for piece in answer.content.iter_chunked(65536):
                    found += piece
                    if len(found) > UPLOAD_LIMIT:
                        break
                return found
        except (TimeoutError, aiohttp.ClientError) as error:
            raise Lost(f"The file did not arrive ({type(error).__name__}).") from error

    def _is_theirs(self, url: str) -> bool:
        """The token goes to Slack only: its own hosts, or the server that the settings name instead."""
        parts = urlsplit(url)
        if (parts.scheme, parts.netloc) == (self._api.scheme, self._api.netloc):
            return True
        host = parts.hostname or ""
        return parts.scheme == "https" and (host == _HOME or host.endswith(f".{_HOME}"))
