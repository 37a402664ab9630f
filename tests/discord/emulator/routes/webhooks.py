"""Webhooks, and under the same addresses the messages that answer interactions.

docs.discord.com/developers/resources/webhook; for interactions /interactions/receiving-and-responding#followup-messages
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import Any

from tests.discord.emulator import payloads, posting
from tests.discord.emulator.declared import CHAT_INPUT, MESSAGE_MENU
from tests.discord.emulator.errors import Json, Problem, Refused, invalid
from tests.discord.emulator.interaction import COMMAND, Interaction
from tests.discord.emulator.permissions import Can
from tests.discord.emulator.posting import By
from tests.discord.emulator.rest import Incoming, route
from tests.discord.emulator.shapes import text
from tests.discord.emulator.state import EPHEMERAL, LOADING, V2, Channel, Message, Webhook, parts
from tests.discord.emulator.world import World

MOST_WEBHOOKS = 15  # in one channel
ONE = "/webhooks/{webhook_id}/{webhook_token}"
TYPES = {(COMMAND, CHAT_INPUT): 20, (COMMAND, MESSAGE_MENU): 23}  # of messages that answer commands
FORBIDDEN = re.compile("clyde|discord", re.IGNORECASE)


# Webhooks themselves


def _parent(call: Incoming) -> Channel:
    place = call.world.place(call.ids["channel_id"])
    if place.is_thread or place.is_direct:
        raise Refused(50024)
    call.world.needs(place, "MANAGE_WEBHOOKS")
    return place


def _name(value: Any) -> str:
    wrong = list(text(80, 1)(value, ("name",)))
    if not wrong and FORBIDDEN.search(value):
        wrong = [Problem(("name",), "USERNAME_INVALID_CONTAINS", f"Username cannot contain {value!r}")]
    if wrong:
        raise invalid(*wrong)
    return str(value)


@route("POST", "/channels/{channel_id}/webhooks")
def create_webhook(call: Incoming) -> Json:
    world, place, body = call.world, _parent(call), call.fields()
    if sum(each.channel == place.id for each in world.webhooks.values()) >= MOST_WEBHOOKS:
        raise Refused(30007)
    made = Webhook(
        world.snowflakes.mint(), secrets.token_urlsafe(50), place.id, _name(body.get("name")), world.bot.id
    )
    world.webhooks[made.id] = made
    _told_of(world, place)
    return payloads.webhook(world, made)


def _told_of(world: World, place: Channel) -> None:
    world.tell("WEBHOOKS_UPDATE", {"guild_id": world.guild.id, "channel_id": place.id}, place)


@route("GET", "/channels/{channel_id}/webhooks")
def channel_webhooks(call: Incoming) -> list[Json]:
    place = _parent(call)
    return [
        payloads.webhook(call.world, each)
        for each in call.world.webhooks.values()
        if each.channel == place.id
    ]


@route("GET", "/guilds/{guild_id}/webhooks")
def guild_webhooks(call: Incoming) -> list[Json]:
    guild = call.world.home()
    can = guild.granted(guild.members[call.world.bot.id].roles)
    if not can & (Can.MANAGE_WEBHOOKS | Can.ADMINISTRATOR):
        raise Refused(50013)
    return [payloads.webhook(call.world, each) for each in call.world.webhooks.values()]


def _owned(call: Incoming) -> Webhook:
    found = call.world.webhooks.get(call.ids["webhook_id"])
    if found is None:
        raise Refused(10015)
    call.world.needs(call.world.place(found.channel), "MANAGE_WEBHOOKS")
    return found


@route("GET", "/webhooks/{webhook_id}")
def webhook(call: Incoming) -> Json:
    return payloads.webhook(call.world, _owned(call))


@route("PATCH", "/webhooks/{webhook_id}")
def edit_webhook(call: Incoming) -> Json:
    found, body = _owned(call), call.fields()
    if body.get("name") is not None:
        found.name = _name(body["name"])
    if body.get("channel_id") is not None:
        found.channel = call.world.place(str(body["channel_id"])).id
    return payloads.webhook(call.world, found)


@route("DELETE", "/webhooks/{webhook_id}")
def delete_webhook(call: Incoming) -> None:
    found = _owned(call)
    del call.world.webhooks[found.id]
    _told_of(call.world, call.world.guild.channels[found.channel])


# By the token in the address: a webhook, or an interaction


def _by_token(call: Incoming) -> Webhook:
    found = call.world.webhooks.get(call.ids["webhook_id"])
    if found is None:
        raise Refused(10015)
    if found.token != call.ids["webhook_token"]:
        raise Refused(50027)
    return found


@route("GET", ONE, open=True)
def webhook_by_token(call: Incoming) -> Json:
    return {k: v for k, v in payloads.webhook(call.world, _by_token(call)).items() if k != "user"}


@route("DELETE", ONE, open=True)
def delete_webhook_by_token(call: Incoming) -> None:
    del call.world.webhooks[_by_token(call).id]


def interaction(call: Incoming) -> Interaction | None:
    """The interaction whose token this is, None for a webhook.  Raises Refused when it is unknown or too old."""
    if call.ids["webhook_id"] != call.world.app_id:
        return None
    found = call.world.interactions.get(call.ids["webhook_token"])
    if found is None or not found.answered:
        raise Refused(10015)
    if found.expired:
        raise Refused(50027)
    return found


@route("POST", ONE, open=True)
def execute_webhook(call: Incoming) -> Json | None:
    """Without `wait` nothing is answered."""
    asked = interaction(call)
    if asked is not None:
        return payloads.message(call.world, _follow_up(call, asked))
    world, used, body = call.world, _by_token(call), call.fields()
    place = _target(call, used, body)
    by = By(used.id, used.id, body.get("username") or used.name, body.get("avatar_url"))
    if not used.by_app:
        body = _of_others(call, body)
    message = posting.draft(world, place, by, {k: v for k, v in body.items() if k != "nonce"}, call.files)
    posting.add(world, place, message)
    return payloads.message(world, message) if call.query.get("wait") in {"1", "true", "True"} else None


def _of_others(call: Incoming, body: Json) -> Json:
    """A webhook that no app made has components only `with_components`, and none that can be used."""
    if call.query.get("with_components") not in {"1", "true", "True"}:
        return {key: value for key, value in body.items() if key != "components"}
    if any(each.get("custom_id") for each in parts(body.get("components") or ())):
        words = "Only webhooks of apps can send interactive components"
        raise invalid(Problem(("components",), "APPLICATION_OWNED_WEBHOOK_REQUIRED", words))
    return body


def _target(call: Incoming, used: Webhook, body: Json) -> Channel:
    """The webhook's channel, or a thread in it.  A locked thread takes no more from webhooks."""
    world, parent = call.world, call.world.guild.channels.get(used.channel)
    if parent is None:
        raise Refused(10015)
    if body.get("thread_name"):
        raise invalid(Problem(("thread_name",), "WEBHOOK_NOT_A_FORUM", "Only in forum channels"))
    id = call.query.get("thread_id")
    if id is None:
        return parent
    thread = world.guild.channels.get(id)
    if thread is None or thread.parent_id != parent.id:
        raise Refused(10003)
    if thread.locked:
        raise Refused(160005)
    return thread


@dataclass(frozen=True)
class Written:
    """A message that this token may change.  asked: None for a webhook's."""

    message: Message
    place: Channel
    asked: Interaction | None


def _written(call: Incoming, id: str) -> Written:
    """Raises Refused for a message that this webhook or interaction has not written."""
    world, asked = call.world, interaction(call)
    if asked is not None:
        own = [*([asked.response] if asked.response else []), *asked.followups]
        message = asked.response if id == "@original" else next((m for m in own if m.id == id), None)
        if message is None or message.deleted or message.channel not in world.guild.channels:
            raise Refused(10008)
        return Written(message, world.guild.channels[message.channel], asked)
    used = _by_token(call)
    place = _target(call, used, {})
    found = place.messages.get(id)
    if found is None or found.webhook_id != used.id:
        raise Refused(10008)
    return Written(found, place, None)


def _follow_up(call: Incoming, asked: Interaction) -> Message:
    """After "is thinking…" the first follow-up takes its place."""
    world, body = call.world, call.fields()
    if asked.response is not None and asked.response.loading and asked.callback == 5:
        return posting.answered(world, asked.response, body, call.files)
    place = world.guild.channels.get(asked.channel)
    if place is None:
        raise Refused(10003)
    message = write(call, asked, place, body)
    asked.followups.append(message)
    return message


def write(call: Incoming, asked: Interaction, place: Channel, body: Json) -> Message:
    """A message in answer to an interaction: of the bot, maybe for one member's eyes only."""
    world = call.world
    message = posting.draft(world, place, By(world.bot.id, world.app_id), body, call.files, ephemeral=True)
    settle(world, asked, message)
    return posting.add(world, place, message)


def settle(world: World, asked: Interaction, message: Message) -> None:
    """Who asked for it, and whether only they see it."""
    message.asked = payloads.metadata(asked)
    message.type = TYPES.get((asked.type, asked.payload["data"].get("type")), 0)
    if message.flags & EPHEMERAL:
        message.only_for = asked.user


def _edit(call: Incoming, id: str) -> Json:
    world, written = call.world, _written(call, id)
    message, body = written.message, call.fields()
    if written.asked is None and written.place.archived:
        raise Refused(50083)
    if message.loading:
        return payloads.message(world, posting.answered(world, message, body, call.files))
    if int(body.get("flags") or 0) & EPHEMERAL:
        body = {**body, "flags": body["flags"] & V2}
    return payloads.message(world, posting.edit(world, message, body, call.files))


def _delete(call: Incoming, id: str) -> None:
    written = _written(call, id)
    written.message.flags &= ~LOADING
    posting.remove(call.world, written.place, written.message)


@route("GET", ONE + "/messages/@original", open=True)
def original_response(call: Incoming) -> Json:
    return payloads.message(call.world, _written(call, "@original").message)


@route("PATCH", ONE + "/messages/@original", open=True)
def edit_original_response(call: Incoming) -> Json:
    return _edit(call, "@original")


@route("DELETE", ONE + "/messages/@original", open=True)
def delete_original_response(call: Incoming) -> None:
    _delete(call, "@original")


@route("GET", ONE + "/messages/{message_id}", open=True)
def webhook_message(call: Incoming) -> Json:
    return payloads.message(call.world, _written(call, call.ids["message_id"]).message)


@route("PATCH", ONE + "/messages/{message_id}", open=True)
def edit_webhook_message(call: Incoming) -> Json:
    return _edit(call, call.ids["message_id"])


@route("DELETE", ONE + "/messages/{message_id}", open=True)
def delete_webhook_message(call: Incoming) -> None:
    _delete(call, call.ids["message_id"])
