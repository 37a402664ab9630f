"""The workspace with one app in it: what the app may do, what it has been told, what it did."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.slack.emulator.delivery import Delivery, Patience, Post
from tests.slack.emulator.errors import Json, Refused
from tests.slack.emulator.manifest import Manifest
from tests.slack.emulator.rates import Rates
from tests.slack.emulator.sockets import Sockets
from tests.slack.emulator.state import Channel, File, Message, User, Workspace

EVENT_SCOPES: Mapping[str, str | None] = {
    "app_home_opened": None,
    "app_mention": "app_mentions:read",
    "app_uninstalled": None,
    "channel_archive": "channels:read",
    "channel_deleted": "channels:read",
    "channel_left": "channels:read",
    "channel_rename": "channels:read",
    "channel_unarchive": "channels:read",
    "file_shared": "files:read",
    "group_archive": "groups:read",
    "group_deleted": "groups:read",
    "group_left": "groups:read",
    "group_rename": "groups:read",
    "group_unarchive": "groups:read",
    "member_joined_channel": "channels:read",
    "member_left_channel": "channels:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "message.mpim": "mpim:history",
    "reaction_added": "reactions:read",
    "subteam_created": "usergroups:read",
    "subteam_members_changed": "usergroups:read",
    "subteam_updated": "usergroups:read",
    "team_join": "users:read",
    "tokens_revoked": None,
    "user_change": "users:read",
}
KINDS = {"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}
RESPONSE_USES, RESPONSE_S = 5, 30 * 60  # docs.slack.dev/interactivity/handling-user-interaction


@dataclass(frozen=True)
class Call:
    """One Web API call of the app.  args: as decoded.  at: perf_counter seconds at its end.  took_s: until then."""

    method: str
    args: Json
    status: int
    error: str | None
    response: Json
    at: float
    took_s: float


@dataclass
class Trigger:
    """A trigger_id: who may be shown a modal, until when, and from which modal it came."""

    user: str
    expires: float
    view: str | None = None
    used: bool = False


@dataclass
class ResponseUrl:
    """Where one interaction may be answered.  message: the one clicked on, None for a command."""

    channel: str
    user: str
    message: Message | None
    expires: float
    uses: int = 0


@dataclass
class Fault:
    """The next call of a method goes wrong.

    kind: "error" (value: Slack's name), "status" (an HTTP status with a page that is no JSON), "slow" (value:
    seconds), "unsent" (the connection breaks before anything happens) or "lost" (it breaks after it has happened).
    """

    kind: str
    value: Any = None


@dataclass(eq=False)
class World:
    workspace: Workspace
    manifest: Manifest
    patience: Patience
    rates: Rates
    post: Post
    sockets: Sockets
    bot: User
    app_id: str = "A0TROUPE"
    bot_id: str = "B0TROUPE"
    bot_token: str = "xoxb-emulator"
    app_token: str = "xapp-emulator"
    token_error: str = ""  # what every call answers once the token is revoked
    forbids_customize: bool = False  # the workspace refuses messages under another name
    processing_s: float = 0.0  # until an uploaded picture may be shown by slack_file
    stream_s: float = 306.0  # observed by third parties: a stream dies after about five minutes
    host: str = ""
    calls: deque[Call] = field(default_factory=lambda: deque(maxlen=50_000))
    triggers: dict[str, Trigger] = field(default_factory=dict)
    responses: dict[str, ResponseUrl] = field(default_factory=dict)
    faults: dict[str, list[Fault]] = field(default_factory=dict)
    streams: dict[tuple[str, str], float] = field(default_factory=dict)
    statuses: dict[tuple[str, str], str] = field(default_factory=dict)  # channel and thread -> "is thinking…"

    def clock(self) -> float:
        return time.monotonic()

    # What the app is allowed

    def granted(self, scope: str) -> bool:
        return scope in self.manifest.scopes

    def may_show(self, file_id: str) -> str | None:
        """What keeps the app from showing this file in a block; None when it may."""
        file = self.workspace.files.get(file_id)
        if file is None or not file.done or not file.by_app:
            return "file_not_found"
        if time.monotonic() < file.ready_at:
            return "file is still being processed"
        return None if file.mimetype.startswith("image/") else "not an image"

    def author(self) -> Json:
        return {"bot_id": self.bot_id, "app_id": self.app_id}

    # Places

    def place(self, name: str) -> Channel:
        """The conversation that an API argument means: an id, a #name, or a user (their direct messages)."""
        channel = self.workspace.channels.get(name)
        if channel is None and name.startswith("#"):
            channel = self.workspace.called(name[1:])
        if channel is None and name in self.workspace.users:
            channel = self.direct(name)
        if channel is None or (channel.kind != "channel" and self.bot.id not in channel.members):
            raise Refused("channel_not_found")
        return channel

    def direct(self, user: str) -> Channel:
        """The direct messages between a user and the app."""
        for channel in self.workspace.channels.values():
            if channel.kind == "im" and channel.members == {user, self.bot.id}:
                return channel
        channel = Channel(self.workspace.mint("D"), f"dm-{user}", "im", {user, self.bot.id})
        self.workspace.channels[channel.id] = channel
        return channel

    def file_told(self, file: File) -> Json:
        base = f"http://{self.host}/files-pri/{self.workspace.team}-{file.id}"
        return {
            "id": file.id,
            "name": file.name,
            "title": file.title or file.name,
            "mimetype": file.mimetype,
            "filetype": file.mimetype.split("/")[-1],
            "size": file.size,
            "user": file.owner,
            "mode": "hosted",
            "is_external": False,
            "url_private": f"{base}/{file.name}",
            "url_private_download": f"{base}/download/{file.name}",
            "permalink": f"https://{self.workspace.domain}.slack.com/files/{file.owner}/{file.id}/{file.name}",
            "alt_txt": file.alt_text,
            "channels": list(file.channels),
        }

    # What the app is told

    def emit(self, event: Json, subscription: str) -> Delivery | None:
        """Sends an event if the app has subscribed to it and may; None otherwise."""
        if not self.manifest.subscribes(subscription, EVENT_SCOPES[subscription]):
            return None
        return self.post.send("events_api", self.wrapped(event))

    def wrapped(self, event: Json) -> Json:
        return {
            "token": "verification",
            "team_id": self.workspace.team,
            "api_app_id": self.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": self.workspace.mint("Ev"),
            "event_time": int(time.time()),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": self.workspace.team,
                    "user_id": self.bot.id,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": False,
            "event_context": secrets.token_hex(8),
        }

    def emit_in(self, channel: Channel, event: Json) -> Delivery | None:
        """A message event of a conversation that the app is in."""
        if self.bot.id not in channel.members:
            return None
        whole = {**event, "channel": channel.id, "channel_type": channel.kind}
        return self.emit(whole, f"message.{KINDS[channel.kind]}")

    # What the app may answer with

    def trigger(self, user: str, view: str | None = None) -> str:
        name = f"{secrets.randbelow(10**13)}.{secrets.randbelow(10**13)}.{secrets.token_hex(16)}"
        self.triggers[name] = Trigger(user, time.monotonic() + self.patience.trigger_s, view)
        if len(self.triggers) > 10_000:
            del self.triggers[next(iter(self.triggers))]
        return name

    def exchange(self, name: str) -> Trigger:
        """A trigger serves once, within three seconds."""
        trigger = self.triggers.get(name)
        if trigger is None:
            raise Refused("invalid_trigger_id")
        if trigger.used:
            raise Refused("exchanged_trigger_id")
        if time.monotonic() > trigger.expires:
            raise Refused("expired_trigger_id")
        trigger.used = True
        return trigger

    def response_url(self, channel: str, user: str, message: Message | None = None) -> str:
        name = secrets.token_urlsafe(18)
        self.responses[name] = ResponseUrl(channel, user, message, time.monotonic() + RESPONSE_S)
        if len(self.responses) > 10_000:
            del self.responses[next(iter(self.responses))]
        return f"http://{self.host}/response/{self.workspace.team}/{name}"

    async def settle(self) -> None:
        """Stops whatever is still being sent."""
        for task in list(self.post.tasks):
            task.cancel()
        await asyncio.gather(*self.post.tasks, return_exceptions=True)
