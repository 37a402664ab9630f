"""The server with one app in it: what the app may do, what it has been told, what it did."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from tests.discord.emulator import intents, payloads, permissions
from tests.discord.emulator.errors import Json, Refused
from tests.discord.emulator.gateway import Event, Gateway, Session
from tests.discord.emulator.interaction import Interaction
from tests.discord.emulator.patience import Patience
from tests.discord.emulator.permissions import Can
from tests.discord.emulator.rates import Rates
from tests.discord.emulator.state import (
    DIRECT,
    Attachment,
    Channel,
    Guild,
    Member,
    Message,
    Snowflakes,
    User,
    Webhook,
)

KEPT = 50_000


@dataclass(frozen=True)
class Call:
    """One REST call of the app.  route: its name here; template: as the docs write it.  error: "50035 Invalid …".

    args: query and body.  at: perf_counter seconds at its end.  took_s: until then.
    """

    route: str
    template: str
    path: str
    args: Json
    status: int
    error: str | None
    response: Any
    at: float
    took_s: float


@dataclass
class Fault:
    """The next call of a route goes wrong.

    kind: "error" (value: a Discord error code), "status" (an HTTP status with a page that is no JSON), "slow" (value:
    seconds), "unsent" (the connection breaks before anything happens) or "lost" (it breaks after it has happened).
    """

    kind: str
    value: Any = None


@dataclass(eq=False, repr=False)
class World:
    """in_guild: whether the bot is a member.  commands: id -> as told, the server's own with a guild_id."""

    guild: Guild
    bot: User
    app_id: str
    token: str
    patience: Patience
    rates: Rates
    snowflakes: Snowflakes
    privileged: int = intents.PRIVILEGED
    host: str = ""
    in_guild: bool = True
    users: dict[str, User] = field(default_factory=dict)
    webhooks: dict[str, Webhook] = field(default_factory=dict)
    commands: dict[str, Json] = field(default_factory=dict)
    overrides: dict[str, dict[str, bool]] = field(
        default_factory=dict
    )  # command -> role or member -> allowed
    created_today: int = 0
    interactions: dict[str, Interaction] = field(default_factory=dict)  # by token
    asked: deque[Interaction] = field(default_factory=lambda: deque(maxlen=KEPT))
    files: dict[str, Attachment] = field(default_factory=dict)  # by id
    calls: deque[Call] = field(default_factory=lambda: deque(maxlen=KEPT))
    faults: dict[str, list[Fault]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.users[self.bot.id] = self.bot
        self.gateway = Gateway(self.token, self.patience, self._greet, self._chunk, self.privileged)

    # Places

    def place(self, id: str) -> Channel:
        """A channel that the bot may see.  Raises Refused: unknown, or no access."""
        found = self.guild.channels.get(id)
        if found is None:
            raise Refused(10003)
        if found.is_direct:
            if self.bot.id not in found.members:
                raise Refused(50001)
        elif not self.may(found, "VIEW_CHANNEL"):
            raise Refused(50001)
        return found

    def may(self, place: Channel, *names: str) -> bool:
        """Whether the bot may do these things there."""
        wanted = Can.named(names)
        return permissions.of(self.guild, place, self.bot.id) & wanted == wanted

    def needs(self, place: Channel, *names: str) -> None:
        if not place.is_direct and not self.may(place, *names):
            raise Refused(50013)

    def home(self) -> Guild:
        """The server, for routes that name it.  Raises Refused when the bot has been put out."""
        if not self.in_guild:
            raise Refused(50001)
        return self.guild

    def message(self, channel: str, id: str) -> Message | None:
        place = self.guild.channels.get(channel)
        return place.messages.get(id) if place else None

    def direct(self, user: str) -> Channel:
        """The direct messages between a user and the bot."""
        for each in self.guild.channels.values():
            if each.is_direct and user in each.members:
                return each
        place = Channel(self.snowflakes.mint(), f"dm-{user}", DIRECT, members={user, self.bot.id})
        self.guild.channels[place.id] = place
        return place

    # What the app hears

    def tell(self, event: str, data: Json, place: Channel | None = None) -> None:
        """place: the channel that it is about, if the bot must be able to see it to hear of it."""
        if place is None or place.is_direct or self.may(place, "VIEW_CHANNEL"):
            self.gateway.tell(event, data)

    def tell_message(self, event: str, told: Message) -> None:
        place = self.guild.channels[told.channel]
        if told.only_for is not None or not (place.is_direct or self.may(place, "VIEW_CHANNEL")):
            return
        body = payloads.in_guild(self, told)
        readable = told.by_app or place.is_direct or self.bot.id in told.mentions
        self.gateway.tell(event, body, None if readable else payloads.bare(body))

    def ask(self, asked: Interaction) -> Interaction:
        """Sends an interaction; the member waits three seconds for the first response."""
        self.interactions[asked.token] = asked
        self.asked.append(asked)
        while len(self.interactions) > KEPT:
            del self.interactions[next(iter(self.interactions))]
        asked.sent_at = time.perf_counter()
        asked.expires = time.monotonic() + self.patience.token_s
        if not self.gateway.tell("INTERACTION_CREATE", asked.payload):
            asked.error = "undelivered"
        asyncio.get_running_loop().call_later(self.patience.ack_s, asked.give_up)
        return asked

    def new_token(self) -> str:
        return secrets.token_urlsafe(120)

    def _greet(self, session: Session, event: str) -> list[Event]:
        guilds = [{"id": self.guild.id, "unavailable": True}] if self.in_guild else []
        ready: Json = {
            "v": 10,
            "user": self.bot.told() | {"verified": True, "mfa_enabled": False, "email": None, "flags": 0},
            "guilds": guilds,
            "session_id": session.id,
            "resume_gateway_url": f"ws://{self.host}/resume",
            "session_type": "normal",
            "shard": [0, 1],
            "application": {"id": self.app_id, "flags": 0},
            "private_channels": [],
            "relationships": [],
            "user_settings": {},
            "_trace": ["emulator"],
        }
        told: list[Event] = [(event, ready)]
        if self.in_guild and session.intents & intents.GUILDS:
            told.append(
                ("GUILD_CREATE", payloads.guild_create(self, bool(session.intents & intents.MEMBERS)))
            )
        return told

    def _chunk(self, asked: Json) -> list[Event]:
        """Members by ids or by the beginning of their names, all in one chunk."""
        ids, query = asked.get("user_ids"), str(asked.get("query") or "").lower()
        wanted = {str(each) for each in ids} if isinstance(ids, list) else {str(ids)} if ids else None
        found: list[Member] = [
            member
            for member in self.guild.members.values()
            if (member.user.id in wanted if wanted is not None else member.user.name.startswith(query))
        ]
        chunk: Json = {
            "guild_id": self.guild.id,
            "members": [member.told() for member in found],
            "chunk_index": 0,
            "chunk_count": 1,
            "not_found": sorted(wanted - {member.user.id for member in found}) if wanted else [],
        }
        return [("GUILD_MEMBERS_CHUNK", chunk | ({"nonce": asked["nonce"]} if asked.get("nonce") else {}))]
