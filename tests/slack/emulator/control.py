"""The emulator driven from another process: JSON over HTTP beside the Web API, for the bench.

POST /control/setup   {"users": ["alice"], "channels": {"general": ["alice"]}}; answers their ids by name
POST /control/do      {"user": "alice", "verb": "types", "what": "/post x", "channel": "general"}; verbs below
POST /control/load    the fields of `load.Load`; answers `load.Measured`
GET  /control/state   connections, number of calls and refusals, messages per channel
GET  /control/posts?channel=general   of the app: since when each stands there (seconds since 1970), and its words
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiohttp import web

from tests.slack.emulator import load
from tests.slack.emulator.errors import Json, NotPossible

if TYPE_CHECKING:
    from tests.slack.emulator.emulator import Emulator


def routes(slack: Emulator) -> list[web.RouteDef]:
    async def setup(request: web.Request) -> web.Response:
        given: Json = await request.json()
        users = {name: slack.user(name).id for name in given.get("users", ())}
        channels = {
            name: slack.channel(name, [slack.user(member) for member in members]).id
            for name, members in given.get("channels", {}).items()
        }
        return web.json_response({"ok": True, "users": users, "channels": channels})

    async def do(request: web.Request) -> web.Response:
        given: Json = await request.json()
        try:
            return web.json_response(await asyncio.to_thread(_do, slack, given))
        except NotPossible as impossible:
            return web.json_response({"ok": False, "error": str(impossible)}, status=409)

    async def loaded(request: web.Request) -> web.Response:
        try:
            measured = await load.run(slack, load.Load(**await request.json()))
        except (NotPossible, TypeError) as impossible:
            return web.json_response({"ok": False, "error": str(impossible)}, status=409)
        return web.json_response(measured.told())

    async def state(request: web.Request) -> web.Response:
        channels = slack.world.workspace.channels.values()
        return web.json_response(
            {
                "connections": slack.connections,
                "calls": len(slack.world.calls),
                "refusals": [[call.method, call.error] for call in slack.refusals()[-20:]],
                "messages": {channel.name: len(channel.messages) for channel in channels},
            }
        )

    async def posts(request: web.Request) -> web.Response:
        found = slack.channel(request.query["channel"]).posts
        return web.json_response([{"at": float(each.ts), "words": each.words} for each in found])

    return [
        web.post("/control/setup", setup),
        web.post("/control/do", do),
        web.post("/control/load", loaded),
        web.get("/control/state", state),
        web.get("/control/posts", posts),
    ]


def _do(slack: Emulator, given: Json) -> Json:
    """One deed of one person; waits for the app's acknowledgement."""
    person, room, what = slack.user(given["user"]), slack.channel(given["channel"]), given["what"]
    if given["verb"] == "types":
        answer = person.types(what, in_=room)
    elif given["verb"] == "clicks":
        answer = person.clicks(what, on=room.posts[int(given.get("message", -1))])
    elif given["verb"] == "says":
        return {"ok": True, "ts": person.says(what, in_=room).ts}
    else:
        raise NotPossible(f"verbs here are types, clicks and says, not {given['verb']!r}")
    return {"ok": answer.ok, "error": answer.error, "body": answer.body}
