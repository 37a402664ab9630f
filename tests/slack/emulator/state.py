"""The workspace as people see it: users, channels, messages, files, views.  Plain values, changed on one thread."""

from __future__ import annotations

import copy
import itertools
import secrets
import string
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.slack.emulator.blocks import texts
from tests.slack.emulator.errors import Json

ALPHABET = string.ascii_uppercase + string.digits


@dataclass(eq=False)
class User:
    id: str
    name: str
    real_name: str
    email: str
    zone: str
    bot: bool = False
    admin: bool = False
    guest: bool = False
    deleted: bool = False

    def told(self, with_email: bool) -> Json:
        profile: Json = {"real_name": self.real_name, "display_name": self.name, "image_72": ""}
        if with_email and not self.bot:
            profile["email"] = self.email
        return {
            "id": self.id,
            "team_id": "",
            "name": self.name,
            "real_name": self.real_name,
            "deleted": self.deleted,
            "tz": self.zone,
            "is_admin": self.admin,
            "is_owner": False,
            "is_bot": self.bot,
            "is_restricted": self.guest,
            "is_ultra_restricted": False,
            "is_app_user": False,
            "updated": 0,
            "profile": profile,
        }


@dataclass(eq=False)
class Message:
    """One message as it stands now; `versions` counts what it has been.

    only_for: the user who alone sees it (an ephemeral).  blocks: as last set, with the ids that Slack gave them.
    """

    ts: str
    channel: str
    user: str | None
    text: str = ""
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    username: str | None = None
    icon_emoji: str | None = None
    icon_url: str | None = None
    by_app: bool = False
    thread_ts: str | None = None
    metadata: Json | None = None
    files: list[Json] = field(default_factory=list)
    subtype: str | None = None
    client_msg_id: str | None = None
    only_for: str | None = None
    broadcast: bool = False
    edited: bool = False
    deleted: bool = False
    streaming: bool = False
    versions: int = 1
    reactions: dict[str, list[str]] = field(default_factory=dict)
    replies: list[str] = field(default_factory=list)

    def as_seen(self) -> Message:
        """A copy that stays as it is now: what a client shows that has not heard of a change yet."""
        return copy.deepcopy(self)

    @property
    def words(self) -> str:
        """All that a person can read in it: the blocks' texts, or the text when there are none."""
        return "\n".join(texts(self.blocks)) if self.blocks else self.text

    def told(self, *, metadata: bool = False, app: Json | None = None) -> Json:
        """As the Web API and payloads tell it.  app: bot_id and app_id of its author, when that is the app."""
        body: Json = {"type": "message", "ts": self.ts, "text": self.text}
        if self.user and not self.username:
            body["user"] = self.user
        if self.subtype or self.username:
            body["subtype"] = self.subtype or "bot_message"
        if self.username:
            body["username"] = self.username
            body["icons"] = {"emoji": self.icon_emoji} if self.icon_emoji else {"image_48": self.icon_url}
        if self.by_app and app:
            body |= app
        for key in ("client_msg_id", "thread_ts"):
            if getattr(self, key):
                body[key] = getattr(self, key)
        for key in ("blocks", "attachments", "files"):
            if getattr(self, key):
                body[key] = copy.deepcopy(getattr(self, key))
        if self.replies:
            body |= {"thread_ts": self.ts, "reply_count": len(self.replies), "latest_reply": self.replies[-1]}
        if self.edited:
            body["edited"] = {"user": self.user, "ts": self.ts}
        if self.reactions:
            body["reactions"] = [
                {"name": name, "users": list(users), "count": len(users)}
                for name, users in self.reactions.items()
            ]
        if metadata and self.metadata:
            body["metadata"] = self.metadata
        return body


@dataclass(eq=False)
class Channel:
    """kind: channel (public), group (private), im or mpim.  restricted: only admins may post (`restricted_action`)."""

    id: str
    name: str
    kind: str = "channel"
    members: set[str] = field(default_factory=set)
    archived: bool = False
    restricted: bool = False
    messages: dict[str, Message] = field(default_factory=dict)  # by ts, in order
    ephemerals: list[Message] = field(default_factory=list)

    def told(self, member: str) -> Json:
        body: Json = {
            "id": self.id,
            "name": self.name,
            "is_channel": self.kind == "channel",
            "is_group": self.kind == "group",
            "is_im": self.kind == "im",
            "is_mpim": self.kind == "mpim",
            "is_private": self.kind != "channel",
            "is_archived": self.archived,
            "is_general": self.name == "general",
            "is_member": member in self.members,
            "num_members": len(self.members),
            "created": 1_700_000_000,
            "topic": {"value": "", "creator": "", "last_set": 0},
            "purpose": {"value": "", "creator": "", "last_set": 0},
        }
        if self.kind == "im":
            body["user"] = next(iter(self.members - {member}), member)
            del body["name"]
        return body


@dataclass(eq=False)
class File:
    """owner: a user id.  done: the app has completed the upload.  ready_at: when Slack has looked at it (monotonic)."""

    id: str
    name: str
    owner: str
    size: int
    by_app: bool
    title: str = ""
    content: bytes | None = None
    done: bool = False
    alt_text: str = ""
    ready_at: float = 0.0
    channels: list[str] = field(default_factory=list)

    @property
    def mimetype(self) -> str:
        head = (self.content or b"")[:12]
        if head.startswith(b"\x89PNG"):
            return "image/png"
        if head.startswith(b"\xff\xd8"):
            return "image/jpeg"
        if head.startswith(b"GIF8"):
            return "image/gif"
        if head.startswith(b"RIFF") and head.endswith(b"WEBP"):
            return "image/webp"
        return "text/plain" if self.name.endswith((".txt", ".md")) else "application/octet-stream"


@dataclass(eq=False)
class Group:
    id: str
    handle: str
    name: str
    members: list[str]
    disabled: bool = False


@dataclass(eq=False)
class View:
    """A modal or a home tab.  values: what the person has entered, block_id -> action_id -> state of the element."""

    id: str
    user: str
    body: Json
    hash: str
    root: str
    previous: str | None = None
    values: dict[str, dict[str, Json]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    open: bool = True


@dataclass(eq=False)
class Workspace:
    """Everything in it.  Only the emulator's own thread changes it."""

    team: str = "T0TROUPE"
    domain: str = "troupe"
    users: dict[str, User] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    views: dict[str, View] = field(default_factory=dict)
    stacks: dict[str, list[View]] = field(default_factory=dict)  # user -> open modals, the top one last
    homes: dict[str, View] = field(default_factory=dict)
    _serial: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _last_us: int = 0

    def mint(self, letter: str) -> str:
        """An id as Slack makes them: a letter and ten capitals and digits, never the same twice."""
        number, digits = next(self._serial), ""
        for _ in range(4):
            number, rest = divmod(number, 36)
            digits = ALPHABET[rest] + digits
        return letter + "".join(secrets.choice(ALPHABET) for _ in range(6)) + digits

    def stamp(self) -> str:
        """A ts: seconds with six decimals, strictly growing over the whole workspace."""
        self._last_us = max(time.time_ns() // 1000, self._last_us + 1)
        return "{}.{:06d}".format(*divmod(self._last_us, 1_000_000))

    def named(self, name: str) -> User | None:
        return next((user for user in list(self.users.values()) if user.name == name), None)

    def called(self, name: str) -> Channel | None:
        return next((each for each in list(self.channels.values()) if each.name == name), None)

    def message(self, channel: str, ts: str) -> Message | None:
        place = self.channels.get(channel)
        return place.messages.get(ts) if place else None


def settled(blocks: list[Any]) -> list[Json]:
    """Blocks as Slack keeps them: a copy, each with a block_id and each element with an action_id."""
    kept: list[Json] = copy.deepcopy(blocks)
    for block in kept:
        block.setdefault("block_id", secrets.token_urlsafe(4)[:5])
        for element in elements_of(block):
            if element.get("type") != "image":
                element.setdefault("action_id", secrets.token_urlsafe(4)[:5])
    return kept


def elements_of(block: Json) -> list[Json]:
    """The interactive elements of a block, in reading order."""
    if block["type"] in {"actions", "context_actions"}:
        return list(block["elements"])
    if block["type"] == "input":
        return [block["element"]]
    if block["type"] == "section":
        return [block["accessory"]] if "accessory" in block else []
    if block["type"] == "card":
        return list(block.get("actions") or ())
    if block["type"] == "carousel":
        return [each for card in block["elements"] for each in card.get("actions") or ()]
    return []
