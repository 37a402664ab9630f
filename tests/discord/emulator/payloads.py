"""How Discord tells of things: messages, channels, the server, interactions."""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING

from tests.discord.emulator import echo, permissions
from tests.discord.emulator.errors import Json
from tests.discord.emulator.interaction import COMPONENT, Interaction
from tests.discord.emulator.state import Channel, Member, Message, User, Webhook, made_at, stamp

if TYPE_CHECKING:
    from tests.discord.emulator.world import World

UPLOAD_LIMIT = 10 * 1024 * 1024


def channel(world: World, place: Channel) -> Json:
    body: Json = {
        "id": place.id,
        "type": place.type,
        "last_message_id": place.last_message,
        "flags": 0,
    }
    if place.is_direct:
        others = [world.users[each].told() for each in place.members if each != world.bot.id]
        return body | {"recipients": others}
    body |= {
        "guild_id": world.guild.id,
        "name": place.name,
        "parent_id": place.parent_id,
        "rate_limit_per_user": 0,
    }
    return body | (_thread(world, place) if place.is_thread else _text(world, place))


def _text(world: World, place: Channel) -> Json:
    overwrites = [
        {"id": id, "type": int(id not in world.guild.roles), "allow": str(int(allow)), "deny": str(int(deny))}
        for id, (allow, deny) in place.overwrites.items()
    ]
    return {"position": 0, "permission_overwrites": overwrites, "topic": None, "nsfw": False}


def _thread(world: World, place: Channel) -> Json:
    moment = stamp(made_at(place.id))
    body: Json = {
        "owner_id": place.owner,
        "message_count": len(place.messages),
        "total_message_sent": len(place.messages),
        "member_count": len(place.members),
        "thread_metadata": {
            "archived": place.archived,
            "auto_archive_duration": place.auto_archive_min,
            "archive_timestamp": moment,
            "locked": place.locked,
            "create_timestamp": moment,
        },
    }
    if world.bot.id in place.members:
        body["member"] = thread_member(place, world.bot.id)
    return body


def thread_member(place: Channel, user: str) -> Json:
    joined = stamp(made_at(place.id))
    return {"id": place.id, "user_id": user, "join_timestamp": joined, "flags": 0}


NOTHING_OF_IT = [
    "icon",
    "splash",
    "discovery_splash",
    "home_header",
    "banner",
    "description",
    "vanity_url_code",
    "application_id",
    "afk_channel_id",
    "system_channel_id",
    "rules_channel_id",
    "public_updates_channel_id",
    "safety_alerts_channel_id",
    "widget_channel_id",
    "incidents_data",
    "max_presences",
]
COUNTS = {
    "afk_timeout": 300,
    "verification_level": 0,
    "default_message_notifications": 0,
    "explicit_content_filter": 0,
    "mfa_level": 0,
    "nsfw_level": 0,
    "premium_tier": 0,
    "premium_subscription_count": 0,
    "system_channel_flags": 0,
    "max_members": 25_000_000,
    "max_video_channel_users": 25,
    "max_stage_video_channel_users": 50,
}


def guild(world: World) -> Json:
    told = world.guild
    return {
        **dict.fromkeys(NOTHING_OF_IT),
        **COUNTS,
        "id": told.id,
        "name": told.name,
        "owner_id": told.owner,
        "roles": [role.told() for role in told.roles.values()],
        "emojis": [],
        "stickers": [],
        "features": [],
        "preferred_locale": "en-US",
        "region": "deprecated",
        "nsfw": False,
        "widget_enabled": False,
        "premium_progress_bar_enabled": False,
    }


def guild_create(world: World, session_members: bool) -> Json:
    """session_members: whether the session may know all members; without, it learns of its own alone."""
    seen = [c for c in world.guild.channels.values() if not c.is_direct and world.may(c, "VIEW_CHANNEL")]
    members = list(world.guild.members.values())
    return guild(world) | {
        "joined_at": "2026-01-01T00:00:00+00:00",
        "large": False,
        "unavailable": False,
        "member_count": len(members),
        "voice_states": [],
        "members": [m.told() for m in members if session_members or m.user.id == world.bot.id],
        "channels": [channel(world, c) for c in seen if not c.is_thread],
        "threads": [channel(world, c) for c in seen if c.is_thread and not c.archived],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def webhook(world: World, told: Webhook) -> Json:
    return {
        "id": told.id,
        "type": 1,
        "guild_id": world.guild.id,
        "channel_id": told.channel,
        "user": world.users[told.creator].told(),
        "name": told.name,
        "avatar": told.avatar,
        "token": told.token,
        "application_id": world.app_id if told.by_app else None,
        "url": f"http://{world.host}/api/webhooks/{told.id}/{told.token}",
    }


def author(world: World, told: Message) -> Json:
    if told.webhook_id is None or told.webhook_id == world.app_id:
        return world.users[told.user].told()
    face = hashlib.blake2b(told.avatar_url.encode(), digest_size=16).hexdigest() if told.avatar_url else None
    return {
        "id": told.webhook_id,
        "username": told.username,
        "discriminator": "0000",
        "global_name": None,
        "avatar": face,
        "bot": True,
        "flags": 0,
        "public_flags": 0,
        "primary_guild": None,
    }


def message(world: World, told: Message, *, referred: bool = True) -> Json:
    body: Json = {
        "id": told.id,
        "type": told.type,
        "channel_id": told.channel,
        "author": author(world, told),
        "content": told.content,
        "timestamp": stamp(made_at(told.id)),
        "edited_timestamp": stamp(told.edited_at),
        "tts": False,
        "mention_everyone": "@everyone" in told.mentions,
        "mentions": [world.users[each].told() for each in told.mentions if each in world.users],
        "mention_roles": [each for each in told.mentions if each in world.guild.roles],
        "attachments": [each.told() for each in told.attachments],
        "embeds": [{"type": "rich", **each} for each in told.embeds],
        "components": echo.components(told),
        "pinned": False,
        "flags": told.flags,
    }
    for key in ("webhook_id", "nonce"):
        if getattr(told, key):
            body[key] = getattr(told, key)
    if told.by_app:
        body["application_id"] = world.app_id
    if told.asked:
        body["interaction_metadata"] = told.asked
    if told.reactions:
        body["reactions"] = [_reaction(world, *each) for each in told.reactions.items()]
    if told.thread and told.thread in world.guild.channels:
        body["thread"] = channel(world, world.guild.channels[told.thread])
    if told.reference:
        body["message_reference"] = told.reference
        original = world.message(told.reference["channel_id"], told.reference["message_id"])
        if referred and told.type == 19:
            body["referenced_message"] = message(world, original, referred=False) if original else None
    return body


def _reaction(world: World, emoji: str, users: list[str]) -> Json:
    return {
        "emoji": {"id": None, "name": emoji},
        "count": len(users),
        "count_details": {"burst": 0, "normal": len(users)},
        "me": world.bot.id in users,
        "me_burst": False,
        "burst_colors": [],
    }


def in_guild(world: World, told: Message) -> Json:
    """A message as the gateway tells of it: with server and member."""
    body = message(world, told)
    if world.guild.channels[told.channel].is_direct:
        return body
    body["guild_id"] = world.guild.id
    member = world.guild.members.get(told.user)
    return body | ({"member": member.told(with_user=False)} if member and not told.webhook_id else {})


def bare(body: Json) -> Json:
    """What remains of a message for an app without the message content intent."""
    return body | {"content": "", "embeds": [], "attachments": [], "components": []}


def member_of(world: World, who: Member, place: Channel) -> Json:
    can = int(permissions.of(world.guild, place, who.user.id))
    return who.told() | {"permissions": str(can)}


def interaction(world: World, kind: int, id: str, token: str, user: User, place: Channel, data: Json) -> Json:
    body: Json = {
        "id": id,
        "application_id": world.app_id,
        "type": kind,
        "token": token,
        "version": 1,
        "data": data,
        "channel_id": place.id,
        "channel": channel(world, place),
        "locale": user.locale,
        "entitlements": [],
        "app_permissions": str(int(permissions.of(world.guild, place, world.bot.id))),
        "attachment_size_limit": UPLOAD_LIMIT,
    }
    if place.is_direct:
        return body | {"user": user.told(), "context": 1, "authorizing_integration_owners": {"0": "0"}}
    return body | {
        "guild_id": world.guild.id,
        "guild": {"id": world.guild.id, "locale": "en-US", "features": []},
        "guild_locale": "en-US",
        "member": member_of(world, world.guild.members[user.id], place),
        "context": 0,
        "authorizing_integration_owners": {"0": world.guild.id},
    }


def metadata(asked: Interaction) -> Json:
    """interaction_metadata of a message: who asked for it, and by what."""
    payload = asked.payload
    told: Json = {
        "id": asked.id,
        "type": asked.type,
        "user": payload.get("user") or payload["member"]["user"],
        "authorizing_integration_owners": payload["authorizing_integration_owners"],
    }
    if asked.type == COMPONENT and asked.message is not None:
        told["interacted_message_id"] = asked.message.id
    if "target_id" in payload["data"]:
        told["target_message_id"] = payload["data"]["target_id"]
    if asked.origin is not None:
        told["triggering_interaction_metadata"] = metadata(asked.origin)
    return told


def typing(world: World, place: Channel, who: str) -> Json:
    body: Json = {"channel_id": place.id, "user_id": who, "timestamp": int(time.time())}
    return body if place.is_direct else body | {"guild_id": world.guild.id}
