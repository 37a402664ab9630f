"""Messages of the bot itself, and the reading of others'."""

from __future__ import annotations

from urllib.parse import unquote

from tests.discord.emulator import payloads, posting
from tests.discord.emulator.errors import Json, Problem, Refused, invalid
from tests.discord.emulator.posting import By
from tests.discord.emulator.rest import Incoming, route
from tests.discord.emulator.routes.guilds import limit
from tests.discord.emulator.state import Channel, Message

LISTED, MOST_LISTED = 50, 100
MOST_BULK_DELETED = 100


@route("POST", "/channels/{channel_id}/messages")
def create_message(call: Incoming) -> Json:
    world, place, body = call.world, call.world.place(call.ids["channel_id"]), call.fields()
    posting.may_post(world, place, body, call.files)
    before = posting.repeated(place, world.bot.id, body)
    if before is not None:
        return payloads.message(world, before)
    message = posting.draft(world, place, By(world.bot.id), body, call.files)
    message.reference = posting.referred(place, body)
    message.type = 19 if message.reference else 0
    return payloads.message(world, posting.add(world, place, message))


def _found(call: Incoming) -> tuple[Channel, Message]:
    place = call.world.place(call.ids["channel_id"])
    found = place.messages.get(call.ids["message_id"])
    if found is None:
        raise Refused(10008)
    return place, found


@route("PATCH", "/channels/{channel_id}/messages/{message_id}")
def edit_message(call: Incoming) -> Json:
    """Only the bot's own; not what a webhook wrote, though it was the bot that used it."""
    world, (place, message) = call.world, _found(call)
    if place.archived:
        raise Refused(50083)
    if message.user != world.bot.id or (message.webhook_id and message.webhook_id != world.app_id):
        raise Refused(50005)
    if call.files:
        world.needs(place, "ATTACH_FILES")
    return payloads.message(world, posting.edit(world, message, call.fields(), call.files))


@route("DELETE", "/channels/{channel_id}/messages/{message_id}")
def delete_message(call: Incoming) -> None:
    world, (place, message) = call.world, _found(call)
    if place.archived:
        raise Refused(50083)
    own = message.user == world.bot.id
    if not own:
        world.needs(place, "MANAGE_MESSAGES")
    posting.remove(world, place, message)


@route("POST", "/channels/{channel_id}/messages/bulk-delete")
def delete_messages(call: Incoming) -> None:
    world, place = call.world, call.world.place(call.ids["channel_id"])
    world.needs(place, "MANAGE_MESSAGES")
    ids = call.fields().get("messages") or []
    if not 2 <= len(ids) <= MOST_BULK_DELETED:
        words = f"Must be between 2 and {MOST_BULK_DELETED} in length."
        raise invalid(Problem(("messages",), "BASE_TYPE_BAD_LENGTH", words))
    for each in ids:
        if str(each) in place.messages:
            posting.remove(world, place, place.messages[str(each)])


@route("GET", "/channels/{channel_id}/messages/{message_id}")
def message(call: Incoming) -> Json:
    world, (place, found) = call.world, _found(call)
    posting.readable(world, place, found.id)
    return payloads.message(world, found)


@route("GET", "/channels/{channel_id}/messages")
def list_messages(call: Incoming) -> list[Json]:
    """The newest first.  before, after and around exclude one another; without the right to read: nothing."""
    world, place = call.world, call.world.place(call.ids["channel_id"])
    most = limit(call, LISTED, MOST_LISTED)
    if not place.is_direct and not world.may(place, "READ_MESSAGE_HISTORY"):
        return []
    given = [key for key in ("before", "after", "around") if key in call.query]
    if len(given) > 1:
        raise invalid(
            Problem((given[1],), "BASE_TYPE_EXCLUSIVE", "before, after and around exclude one another")
        )
    every = list(place.messages.values())
    at = int(call.query[given[0]]) if given else 0
    if "after" in given:
        found = [each for each in every if int(each.id) > at][:most]
    elif "around" in given:
        older = [each for each in every if int(each.id) < at][-(most // 2) :]
        found = (older + [each for each in every if int(each.id) >= at])[:most]
    else:
        found = [each for each in every if not at or int(each.id) < at][-most:]
    return [payloads.message(world, each) for each in reversed(found)]


REACTION = "/channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}"


@route("PUT", REACTION + "/@me")
def add_reaction(call: Incoming) -> None:
    """emoji_name: the character itself; this server has no emoji of its own."""
    world, (place, message) = call.world, _found(call)
    if place.archived:
        raise Refused(50083)
    world.needs(place, "READ_MESSAGE_HISTORY", "ADD_REACTIONS")
    emoji = unquote(call.ids["emoji_name"])
    if emoji.isascii():
        raise Refused(10014)
    posting.react(world, place, message, emoji, world.bot.id)


def _unreact(call: Incoming, user: str) -> None:
    place, message = _found(call)
    posting.unreact(call.world, place, message, unquote(call.ids["emoji_name"]), user)


@route("DELETE", REACTION + "/@me")
def remove_own_reaction(call: Incoming) -> None:
    _unreact(call, call.world.bot.id)


@route("DELETE", REACTION + "/{user_id}")
def remove_reaction(call: Incoming) -> None:
    if call.ids["user_id"] != call.world.bot.id:
        call.world.needs(_found(call)[0], "MANAGE_MESSAGES")
    _unreact(call, call.ids["user_id"])


@route("GET", REACTION)
def reactions(call: Incoming) -> list[Json]:
    _, message = _found(call)
    users = message.reactions.get(unquote(call.ids["emoji_name"]), [])
    return [call.world.users[each].told() for each in users]
