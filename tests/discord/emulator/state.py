"""The server as people see it: members, roles, channels, messages.  Plain values, changed on one thread."""

from __future__ import annotations

import copy
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.discord.emulator.errors import Json
from tests.discord.emulator.permissions import EVERYONE, Can

EPOCH_MS = 1_420_070_400_000  # a snowflake counts from the first second of 2015
TEXT, DIRECT, PUBLIC_THREAD, PRIVATE_THREAD = 0, 1, 11, 12
EPHEMERAL, LOADING, V2 = 1 << 6, 1 << 7, 1 << 15
ACTION_ROW, BUTTON, SELECT, TEXT_INPUT = 1, 2, 3, 4
SELECTS = {3, 5, 6, 7, 8}


class Snowflakes:
    """Ids that grow, as Discord's: the milliseconds, then a counter.  From any thread."""

    def __init__(self) -> None:
        self._last, self._lock = 0, threading.Lock()

    def mint(self) -> str:
        with self._lock:
            self._last = max(self._last + 1, (int(time.time() * 1000) - EPOCH_MS) << 22)
            return str(self._last)


def made_at(id: str) -> datetime:
    return datetime.fromtimestamp(((int(id) >> 22) + EPOCH_MS) / 1000, UTC)


def stamp(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


@dataclass(eq=False)
class Role:
    id: str
    name: str
    permissions: Can = EVERYONE
    position: int = 1
    managed: bool = False

    def told(self) -> Json:
        return {
            "id": self.id,
            "name": self.name,
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "icon": None,
            "unicode_emoji": None,
            "position": self.position,
            "permissions": str(int(self.permissions)),
            "managed": self.managed,
            "mentionable": True,
            "flags": 0,
        }


@dataclass(eq=False)
class User:
    id: str
    name: str
    bot: bool = False
    locale: str = "en-US"
    takes_direct: bool = True  # whether the bot may write to them directly

    def told(self) -> Json:
        return {
            "id": self.id,
            "username": self.name,
            "discriminator": "0" if not self.bot else "0001",
            "global_name": None if self.bot else self.name.title(),
            "avatar": None,
            "bot": self.bot,
            "flags": 0,
            "public_flags": 0,
            "primary_guild": None,
        }


@dataclass(eq=False)
class Member:
    user: User
    roles: list[str] = field(default_factory=list)
    nick: str | None = None

    def told(self, *, with_user: bool = True) -> Json:
        body: Json = {
            "nick": self.nick,
            "avatar": None,
            "banner": None,
            "roles": list(self.roles),
            "joined_at": "2026-01-01T00:00:00+00:00",
            "premium_since": None,
            "deaf": False,
            "mute": False,
            "flags": 0,
            "pending": False,
            "communication_disabled_until": None,
        }
        return body | ({"user": self.user.told()} if with_user else {})


@dataclass(eq=False)
class Attachment:
    """A file in a message.  url: where the CDN serves it, once it is there."""

    id: str
    filename: str
    content: bytes
    content_type: str
    description: str | None = None
    url: str = ""
    size: tuple[int, int] | None = None  # width and height of a picture

    def told(self) -> Json:
        body: Json = {
            "id": self.id,
            "filename": self.filename,
            "size": len(self.content),
            "url": self.url,
            "proxy_url": self.url,
            "content_type": self.content_type,
        }
        if self.description:
            body["description"] = self.description
        return body | ({"width": self.size[0], "height": self.size[1]} if self.size else {})


@dataclass(eq=False)
class Message:
    """One message as it stands now; `versions` counts what it has been.

    only_for: the member who alone sees it (ephemeral).  loading: "is thinking…", not yet answered.  user: the author's
    id; with a webhook the webhook's.  username, avatar_url: how a webhook calls itself.
    """

    id: str
    channel: str
    user: str
    content: str = ""
    components: list[Json] = field(default_factory=list)
    embeds: list[Json] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    flags: int = 0
    type: int = 0
    username: str | None = None
    avatar_url: str | None = None
    webhook_id: str | None = None
    by_app: bool = False
    nonce: str | None = None
    reference: Json | None = None
    mentions: list[str] = field(default_factory=list)
    asked: Json | None = None  # interaction_metadata: who asked for this message, by what
    only_for: str | None = None
    edited_at: datetime | None = None
    deleted: bool = False
    versions: int = 1
    reactions: dict[str, list[str]] = field(default_factory=dict)
    thread: str | None = None

    def as_seen(self) -> Message:
        """A copy that stays as it is now: what a client shows that has not heard of a change yet."""
        return copy.deepcopy(self)

    @property
    def loading(self) -> bool:
        return bool(self.flags & LOADING)

    @property
    def words(self) -> str:
        """All that a person can read in it."""
        parts = [self.content, *texts(self.components)]
        for embed in self.embeds:
            parts += [embed.get("title") or "", embed.get("description") or ""]
            parts += [f"{each['name']}\n{each['value']}" for each in embed.get("fields") or ()]
        return "\n".join(part for part in parts if part)


@dataclass(eq=False)
class Channel:
    """type: 0 text, 1 direct, 11 public and 12 private thread.  overwrites: role or member -> allowed, denied."""

    id: str
    name: str
    type: int = TEXT
    parent_id: str | None = None
    owner: str | None = None
    overwrites: dict[str, tuple[Can, Can]] = field(default_factory=dict)
    members: set[str] = field(default_factory=set)  # of a thread or of a direct channel
    archived: bool = False
    locked: bool = False
    auto_archive_min: int = 1440
    messages: dict[str, Message] = field(default_factory=dict)  # by id, in order
    ephemerals: list[Message] = field(default_factory=list)
    typing: list[tuple[float, str]] = field(default_factory=list)  # monotonic moment, user

    @property
    def is_thread(self) -> bool:
        return self.type in {PUBLIC_THREAD, PRIVATE_THREAD}

    @property
    def is_direct(self) -> bool:
        return self.type == DIRECT

    @property
    def last_message(self) -> str | None:
        return next(reversed(self.messages), None)


@dataclass(eq=False)
class Webhook:
    id: str
    token: str
    channel: str
    name: str
    creator: str
    avatar: str | None = None
    by_app: bool = True


@dataclass(eq=False)
class Guild:
    id: str
    name: str
    owner: str
    roles: dict[str, Role] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)  # threads and direct channels too

    def __post_init__(self) -> None:
        self.roles.setdefault(self.id, Role(self.id, "@everyone", EVERYONE, 0))

    def granted(self, roles: Iterable[str]) -> Can:
        total = self.roles[self.id].permissions
        for each in roles:
            total |= self.roles[each].permissions
        return total

    def called(self, name: str) -> Channel | None:
        return next((c for c in list(self.channels.values()) if c.name == name and not c.is_direct), None)

    def named(self, name: str) -> Member | None:
        return next((m for m in list(self.members.values()) if m.user.name == name), None)


def parts(components: Iterable[Json]) -> Iterator[Json]:
    """Every component, the ones within others too, in reading order."""
    for each in components:
        if not isinstance(each, dict):
            continue
        yield each
        inner = each.get("components")
        yield from parts(inner if isinstance(inner, list) else ())
        yield from parts(each[key] for key in ("accessory", "component") if isinstance(each.get(key), dict))


def texts(components: Iterable[Json]) -> list[str]:
    """What text displays say, and what pictures say in words."""
    found = []
    for each in parts(components):
        if each.get("type") == 10:
            found.append(each["content"])
        found += [item["description"] for item in each.get("items") or () if item.get("description")]
    return found
