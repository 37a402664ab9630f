"""Channels: looked at, typed in, changed."""

from __future__ import annotations

import time

from tests.discord.emulator import payloads
from tests.discord.emulator.errors import Json, Refused
from tests.discord.emulator.rest import Incoming, route
from tests.discord.emulator.state import Channel


@route("GET", "/channels/{channel_id}")
def channel(call: Incoming) -> Json:
    return payloads.channel(call.world, call.world.place(call.ids["channel_id"]))


@route("POST", "/channels/{channel_id}/typing")
def typing(call: Incoming) -> None:
    world, place = call.world, call.world.place(call.ids["channel_id"])
    world.needs(place, "SEND_MESSAGES_IN_THREADS" if place.is_thread else "SEND_MESSAGES")
    if place.archived:
        raise Refused(50083)
    place.typing.append((time.monotonic(), world.bot.id))
    world.tell("TYPING_START", payloads.typing(world, place, world.bot.id), place)


@route("PATCH", "/channels/{channel_id}")
def edit_channel(call: Incoming) -> Json:
    """Of a thread its name, archived and locked; of a channel its name."""
    world, place, body = call.world, call.world.place(call.ids["channel_id"]), call.fields()
    if place.is_thread:
        _edit_thread(call, place, body)
    elif place.is_direct:
        raise Refused(50024)
    else:
        world.needs(place, "MANAGE_CHANNELS")
        place.name = body.get("name") or place.name
    event = "THREAD_UPDATE" if place.is_thread else "CHANNEL_UPDATE"
    world.tell(event, payloads.channel(world, place), place)
    return payloads.channel(world, place)


def _edit_thread(call: Incoming, place: Channel, body: Json) -> None:
    world = call.world
    own = place.owner == world.bot.id
    if not world.may(place, "MANAGE_THREADS") and (not own or "locked" in body or place.locked):
        raise Refused(50013)
    if place.archived and body.get("archived") is not False:
        raise Refused(50083)
    place.name = body.get("name") or place.name
    place.auto_archive_min = body.get("auto_archive_duration") or place.auto_archive_min
    for key in ("archived", "locked"):
        if body.get(key) is not None:
            setattr(place, key, body[key])


@route("DELETE", "/channels/{channel_id}")
def delete_channel(call: Incoming) -> Json:
    world, place = call.world, call.world.place(call.ids["channel_id"])
    world.needs(place, "MANAGE_THREADS" if place.is_thread else "MANAGE_CHANNELS")
    told = payloads.channel(world, place)
    world.tell("THREAD_DELETE" if place.is_thread else "CHANNEL_DELETE", told, place)
    del world.guild.channels[place.id]
    return told
