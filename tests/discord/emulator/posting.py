"""Messages come, change and go: the same rules for channels, webhooks and answers to interactions."""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.discord.emulator import files, limits, payloads
from tests.discord.emulator.errors import Json, Problem, Refused, invalid
from tests.discord.emulator.state import EPHEMERAL, LOADING, V2, Attachment, Channel, Message
from tests.discord.emulator.world import World

PINGED = re.compile(r"<@!?(\d+)>|<@&(\d+)>|@(everyone|here)\b")
KEPT_FLAGS = V2 | EPHEMERAL


@dataclass(frozen=True)
class By:
    """Who writes: the bot itself or, with `webhook`, one of the server's webhooks."""

    user: str
    webhook: str | None = None
    username: str | None = None
    avatar_url: str | None = None


def draft(
    world: World,
    channel: Channel,
    by: By,
    body: Json,
    uploads: dict[int, Attachment],
    *,
    ephemeral: bool = False,
) -> Message:
    """A new message out of a request's body, checked; it stands nowhere yet.  ephemeral: whether it may be."""
    attached = files.chosen(body, uploads, None)
    limits.message(body, {each.filename for each in attached}, ephemeral=ephemeral)
    message = Message(world.snowflakes.mint(), channel.id, by.user, by_app=True, nonce=_nonce(body))
    message.webhook_id, message.username, message.avatar_url = by.webhook, by.username, by.avatar_url
    _fill(world, message, body, attached)
    return message


def _nonce(body: Json) -> str | None:
    return None if body.get("nonce") is None else str(body["nonce"])


def _fill(world: World, message: Message, whole: Json, attached: list[Attachment]) -> None:
    message.content = whole.get("content") or ""
    message.embeds = copy.deepcopy(whole.get("embeds") or [])
    message.components = copy.deepcopy(whole.get("components") or [])
    message.flags = int(whole.get("flags") or 0)
    message.attachments = [
        each if each.id else files.settle(world, message.channel, each) for each in attached
    ]
    message.mentions = pinged(world, message.words, whole.get("allowed_mentions"))


def edit(world: World, message: Message, body: Json, uploads: dict[int, Attachment]) -> Message:
    """An edit over what was there.  Raises Refused; then nothing has changed."""
    attached = files.chosen(body, uploads, message)
    whole = {
        "content": message.content,
        "embeds": message.embeds,
        "components": message.components,
        **{key: value for key, value in body.items() if key not in {"attachments", "flags"}},
    }
    was, given = message.flags & KEPT_FLAGS, int(body.get("flags") or 0)
    if body.get("flags") is not None and given & EPHEMERAL and not was & EPHEMERAL:
        raise invalid(Problem(("flags",), "MESSAGE_FLAGS_INVALID", "A message cannot become ephemeral"))
    whole["flags"] = was | given & ~EPHEMERAL
    limits.message(whole, {each.filename for each in attached}, ephemeral=bool(was & EPHEMERAL))
    _fill(world, message, whole, attached)
    message.versions += 1
    message.edited_at = datetime.now(UTC)
    world.tell_message("MESSAGE_UPDATE", message)
    return message


def pinged(world: World, words: str, allowed: Any) -> list[str]:
    """Whom a message really calls, as far as allowed_mentions lets it: ids, and "@everyone"."""
    if allowed is None:
        allowed = {"parse": ["users", "roles", "everyone"]}
    kinds = set(allowed.get("parse") or ())
    named = {str(each) for kind in ("users", "roles") for each in allowed.get(kind) or ()}
    found: list[str] = []
    for user, role, everyone in PINGED.findall(words):
        who, kind = (user, "users") if user else (role, "roles") if role else ("@everyone", "everyone")
        known = who in world.users or who in world.guild.roles or bool(everyone)
        if known and who not in found and (kind in kinds or who in named):
            found.append(who)
    return found


def may_post(world: World, channel: Channel, body: Json, uploads: dict[int, Attachment]) -> None:
    """Raises Refused when the bot may not write this there."""
    if channel.is_thread:
        world.needs(channel, "SEND_MESSAGES_IN_THREADS")
        if channel.locked and not world.may(channel, "MANAGE_THREADS"):
            raise Refused(160005)
    else:
        world.needs(channel, "SEND_MESSAGES")
    if uploads:
        world.needs(channel, "ATTACH_FILES")
    if channel.is_direct:
        other = next(each for each in channel.members if each != world.bot.id)
        if not world.users[other].takes_direct:
            raise Refused(50007)
    reference = body.get("message_reference")
    if reference is not None:
        _may_refer(world, channel, reference)


def _may_refer(world: World, channel: Channel, reference: Json) -> None:
    world.needs(channel, "READ_MESSAGE_HISTORY")
    there = str(reference.get("message_id")) in channel.messages
    if not there and reference.get("fail_if_not_exists", True):
        raise invalid(Problem(("message_reference",), "REPLIES_UNKNOWN_MESSAGE", "Unknown message"))


def referred(channel: Channel, body: Json) -> Json | None:
    reference = body.get("message_reference")
    if reference is None or str(reference.get("message_id")) not in channel.messages:
        return None
    return {"type": 0, "channel_id": channel.id, "message_id": str(reference["message_id"])}


def repeated(channel: Channel, user: str, body: Json) -> Message | None:
    """With enforce_nonce the message that this author sent with the same nonce in the last minutes."""
    if not body.get("enforce_nonce") or body.get("nonce") is None:
        return None
    recent = list(channel.messages.values())[-200:]
    return next((m for m in recent if m.nonce == str(body["nonce"]) and m.user == user), None)


def add(world: World, channel: Channel, message: Message) -> Message:
    """Puts a new message where people see it; writing into an archived thread opens it again."""
    if message.only_for is not None:
        channel.ephemerals.append(message)
        return message
    channel.messages[message.id] = message
    if channel.archived:
        channel.archived = False
        world.tell("THREAD_UPDATE", payloads.channel(world, channel), channel)
    world.tell_message("MESSAGE_CREATE", message)
    return message


def changed(world: World, message: Message) -> None:
    """A message has another content by hand of the emulator: everybody's client shows it, the app hears of it."""
    message.versions += 1
    world.tell_message("MESSAGE_UPDATE", message)


def answered(world: World, message: Message, body: Json, uploads: dict[int, Attachment]) -> Message:
    """`is thinking…` becomes a message: as new, not as an edit."""
    attached = files.chosen(body, uploads, None)
    flags = int(body.get("flags") or 0) & ~EPHEMERAL | message.flags & EPHEMERAL
    limits.message({**body, "flags": flags}, {each.filename for each in attached}, ephemeral=True)
    _fill(world, message, {**body, "flags": flags}, attached)
    message.flags &= ~LOADING
    changed(world, message)
    return message


def remove(world: World, channel: Channel, message: Message) -> None:
    message.deleted = True
    if message.only_for is not None:
        channel.ephemerals.remove(message)
        return
    channel.messages.pop(message.id, None)
    gone: Json = {"id": message.id, "channel_id": channel.id}
    world.tell("MESSAGE_DELETE", gone if channel.is_direct else gone | {"guild_id": world.guild.id}, channel)


def react(world: World, channel: Channel, message: Message, emoji: str, user: str) -> None:
    """Adds a member's reaction; a second one with the same emoji changes nothing."""
    users = message.reactions.setdefault(emoji, [])
    if user in users:
        return
    users.append(user)
    event = _reaction(world, channel, message, emoji, user) | {"message_author_id": message.user}
    if not channel.is_direct:
        event["member"] = world.guild.members[user].told()
    world.tell("MESSAGE_REACTION_ADD", event, channel)


def unreact(world: World, channel: Channel, message: Message, emoji: str, user: str) -> None:
    users = message.reactions.get(emoji, [])
    if user not in users:
        return
    users.remove(user)
    if not users:
        del message.reactions[emoji]
    world.tell("MESSAGE_REACTION_REMOVE", _reaction(world, channel, message, emoji, user), channel)


def _reaction(world: World, channel: Channel, message: Message, emoji: str, user: str) -> Json:
    told: Json = {
        "user_id": user,
        "channel_id": channel.id,
        "message_id": message.id,
        "emoji": {"id": None, "name": emoji},
        "burst": False,
        "type": 0,
    }
    return told if channel.is_direct else told | {"guild_id": world.guild.id}


def readable(world: World, channel: Channel, id: str) -> Message:
    """A message that the bot can fetch.  Raises Refused: unknown, or no right to read the history."""
    world.needs(channel, "READ_MESSAGE_HISTORY")
    found = channel.messages.get(id)
    if found is None:
        raise Refused(10008)
    return found
