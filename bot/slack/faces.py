"""As whom a message is said: each persona in its own name, with a picture where Slack can fetch one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zlib import crc32

from bot.cards import Author

EMOJI = [
    "fox_face",
    "owl",
    "panda_face",
    "lion_face",
    "koala",
    "penguin",
    "octopus",
    "unicorn_face",
    "bear",
    "tiger",
    "rabbit",
    "wolf",
    "frog",
    "hatched_chick",
    "dolphin",
    "butterfly",
    "hedgehog",
    "turtle",
    "sloth",
    "otter",
]
"""For personas where PUBLIC_URL is not set: Slack cannot fetch a picture from this machine."""
NAME_LIMIT = 80
_CUSTOMIZE = ("missing_scope", "not_allowed_token_type", "restricted_action", "invalid_arguments")


class Faces:
    """One for a process: remembers that the workspace forbids names of our own."""

    def __init__(self, public_url: str | None) -> None:
        """public_url: where Slack reaches the console, None where it does not."""
        self._public_url = public_url
        self.plain = False
        """Whether the workspace lets us speak in our own name only."""

    def of(self, author: Author) -> dict[str, Any]:
        """Arguments for chat.postMessage, chat.postEphemeral and chat.startStream (scope chat:write.customize)."""
        if self.plain or author.kind == "troupe":
            return {}
        name = author.name[:NAME_LIMIT]
        if author.kind == "person":
            return {"username": f"{name} (via Troupe)"[:NAME_LIMIT]}
        if self._public_url:
            return {"username": name, "icon_url": f"{self._public_url}/face/{author.id}.png"}
        return {"username": name, "icon_emoji": f":{EMOJI[crc32(author.id.encode()) % len(EMOJI)]}:"}

    def ignored(self, author: Author, message: Mapping[str, Any]) -> bool:
        """Without the scope Slack takes the message, and leaves the name out.  message: as Slack says it posted it."""
        wanted = self.of(author).get("username")
        if not wanted or not message or message.get("username") == wanted:
            return False
        self.plain = True
        return True

    def forbidden(self, reason: str) -> bool:
        """Whether the refusal may be about the name; from then on messages are Troupe's own, and say who speaks."""
        if self.plain or not any(word in reason for word in _CUSTOMIZE):
            return False
        self.plain = True
        return True
