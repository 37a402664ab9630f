"""The emulator driven from another process: JSON over HTTP beside the API, for the bench.

POST /control/setup   {"users": ["alice"], "channels": ["general"]}; answers their ids by name
POST /control/do      {"user": "alice", "verb": "types", "what": "/post list", "channel": "general", "options": {}}
POST /control/load    the fields of `load.Load`; answers `load.Measured`
GET  /control/state   connections, number of calls and refusals, commands, messages per channel
GET  /control/posts?channel=general   of the app: since when each stands there (seconds since 1970), and its words
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiohttp import web

from tests.discord.emulator import load
from tests.discord.emulator.errors import Json, NotPossible
from tests.discord.emulator.state import made_at

if TYPE_CHECKING:
    from tests.discord.emulator.emulator import Emulator


def routes(discord: Emulator) -> list[web.RouteDef]:
    async def setup(request: web.Request) -> web.Response:
        given: Json = await request.json()
        return web.json_response({"ok": True, **await asyncio.to_thread(_setup, discord, given)})

    async def do(request: web.Request) -> web.Response:
        given: Json = await request.json()
        try:
            return web.json_response(await asyncio.to_thread(_do, discord, given))
        except NotPossible as impossible:
            return web.json_response({"ok": False, "error": str(impossible)}, status=409)

    async def loaded(request: web.Request) -> web.Response:
        try:
            wanted = load.Load(**await request.json())
            await asyncio.to_thread(_setup, discord, {"users": [wanted.user], "channels": [wanted.channel]})
            measured = await load.run(discord, wanted)
        except (NotPossible, TypeError) as impossible:
            return web.json_response({"ok": False, "error": str(impossible)}, status=409)
        return web.json_response(measured.told())

    async def state(request: web.Request) -> web.Response:
        channels = discord.guild.channels.values()
        return web.json_response(
            {
                "connections": discord.connections,
                "commands": [each["name"] for each in discord.commands],
                "calls": len(discord.world.calls),
                "refusals": [[call.route, call.error] for call in discord.refusals[-20:]],
                "messages": {channel.name: len(channel.messages) for channel in channels},
            }
        )

    async def posts(request: web.Request) -> web.Response:
        found = (await asyncio.to_thread(discord.channel, request.query["channel"])).posts
        return web.json_response(
            [{"at": made_at(each.id).timestamp(), "words": each.words} for each in found]
        )

    return [
        web.post("/control/setup", setup),
        web.post("/control/do", do),
        web.post("/control/load", loaded),
        web.get("/control/state", state),
        web.get("/control/posts", posts),
    ]


def _setup(discord: Emulator, given: Json) -> Json:
    return {
        "users": {name: discord.user(name).id for name in given.get("users", ())},
        "channels": {name: discord.channel(name).id for name in given.get("channels", ())},
    }


def _do(discord: Emulator, given: Json) -> Json:
    """One deed of one person; waits for the app's first response."""
    person, room, what = discord.user(given["user"]), discord.channel(given["channel"]), given["what"]
    if given["verb"] == "types":
        answer = person.types(what, in_=room, **given.get("options", {}))
    elif given["verb"] == "clicks":
        answer = person.clicks(what, on=room.posts[int(given.get("message", -1))])
    elif given["verb"] == "says":
        return {"ok": True, "id": person.says(what, in_=room).id}
    else:
        raise NotPossible(f"verbs here are types, clicks and says, not {given['verb']!r}")
    return {"ok": answer.ok, "error": answer.error, "body": answer.body}
