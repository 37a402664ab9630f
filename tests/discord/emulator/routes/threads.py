"""Threads: begun at a message or without one, joined and left.  docs.discord.com/developers/topics/threads"""

from __future__ import annotations

from tests.discord.emulator import payloads, posting
from tests.discord.emulator.errors import Json, Problem, Refused, invalid
from tests.discord.emulator.rest import Incoming, Reply, route
from tests.discord.emulator.routes.guilds import limit
from tests.discord.emulator.shapes import text
from tests.discord.emulator.state import PRIVATE_THREAD, PUBLIC_THREAD, Channel
from tests.discord.emulator.world import World

DURATIONS = {60, 1440, 4320, 10080}  # minutes


def begin(world: World, parent: Channel, id: str, body: Json, kind: int, owner: str) -> Channel:
    """A new thread; everybody who can see it hears of it.  Raises Refused for a name or duration that is none."""
    wrong = list(text(100, 1)(body.get("name"), ("name",)))
    if body.get("auto_archive_duration") not in {None, *DURATIONS}:
        words = f"Value must be one of {sorted(DURATIONS)}."
        wrong.append(Problem(("auto_archive_duration",), "BASE_TYPE_CHOICES", words))
    if wrong:
        raise invalid(*wrong)
    thread = Channel(id, body["name"], kind, parent.id, owner, members={owner})
    thread.auto_archive_min = body.get("auto_archive_duration") or 1440
    world.guild.channels[id] = thread
    world.tell("THREAD_CREATE", payloads.channel(world, thread) | {"newly_created": True}, thread)
    return thread


@route("POST", "/channels/{channel_id}/messages/{message_id}/threads")
def create_thread_from_message(call: Incoming) -> Reply:
    """Its id is the message's."""
    world, place = call.world, call.world.place(call.ids["channel_id"])
    if place.is_thread or place.is_direct:
        raise Refused(50024)
    world.needs(place, "CREATE_PUBLIC_THREADS")
    message = posting.readable(world, place, call.ids["message_id"])
    if message.thread is not None:
        raise Refused(160004)
    thread = begin(world, place, message.id, call.fields(), PUBLIC_THREAD, world.bot.id)
    message.thread = thread.id
    message.flags |= 1 << 5
    world.tell_message("MESSAGE_UPDATE", message)
    return Reply(payloads.channel(world, thread), 201)


@route("POST", "/channels/{channel_id}/threads")
def create_thread(call: Incoming) -> Reply:
    world, place, body = call.world, call.world.place(call.ids["channel_id"]), call.fields()
    if place.is_thread or place.is_direct:
        raise Refused(50024)
    kind = body.get("type") or PRIVATE_THREAD
    if kind not in {PUBLIC_THREAD, PRIVATE_THREAD}:
        raise Refused(50024)
    world.needs(place, "CREATE_PUBLIC_THREADS" if kind == PUBLIC_THREAD else "CREATE_PRIVATE_THREADS")
    thread = begin(world, place, world.snowflakes.mint(), body, kind, world.bot.id)
    return Reply(payloads.channel(world, thread), 201)


def _archived(call: Incoming, kind: int) -> Json:
    world, place = call.world, call.world.place(call.ids["channel_id"])
    world.needs(place, "READ_MESSAGE_HISTORY")
    every = [
        c for c in world.guild.channels.values() if c.parent_id == place.id and c.type == kind and c.archived
    ]
    most = limit(call, 50, 100)
    newest = sorted(every, key=lambda each: -int(each.id))
    shown = [payloads.channel(world, each) for each in newest[:most]]
    return {"threads": shown, "members": [], "has_more": len(newest) > most}


@route("GET", "/channels/{channel_id}/threads/archived/public")
def archived_threads(call: Incoming) -> Json:
    """The newest first; by their beginning, where Discord goes by their end."""
    return _archived(call, PUBLIC_THREAD)


@route("GET", "/channels/{channel_id}/threads/archived/private")
def archived_private_threads(call: Incoming) -> Json:
    call.world.needs(call.world.place(call.ids["channel_id"]), "MANAGE_THREADS")
    return _archived(call, PRIVATE_THREAD)


def _thread(call: Incoming) -> Channel:
    place = call.world.place(call.ids["channel_id"])
    if not place.is_thread:
        raise Refused(50024)
    if place.archived:
        raise Refused(50083)
    return place


@route("PUT", "/channels/{channel_id}/thread-members/@me")
def join_thread(call: Incoming) -> None:
    _thread(call).members.add(call.world.bot.id)


@route("DELETE", "/channels/{channel_id}/thread-members/@me")
def leave_thread(call: Incoming) -> None:
    _thread(call).members.discard(call.world.bot.id)


@route("PUT", "/channels/{channel_id}/thread-members/{user_id}")
def add_thread_member(call: Incoming) -> None:
    if call.ids["user_id"] not in call.world.guild.members:
        raise Refused(10007)
    _thread(call).members.add(call.ids["user_id"])


@route("GET", "/channels/{channel_id}/thread-members")
def thread_members(call: Incoming) -> list[Json]:
    place = _thread(call)
    return [payloads.thread_member(place, each) for each in sorted(place.members)]
