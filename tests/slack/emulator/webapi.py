"""The door of the Web API: token, scope, rate, then the method; every call is written down."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from tests.slack.emulator.args import Args, read
from tests.slack.emulator.errors import Json, Refused
from tests.slack.emulator.world import Call, Fault, World

Handler = Callable[[World, Args], Json]


@dataclass(frozen=True)
class Method:
    """scopes: any one of them is enough, none means that every token may.  by: bot, app, or none at all."""

    run: Handler
    tier: int
    scopes: tuple[str, ...] = ()
    by: str = "bot"


METHODS: dict[str, Method] = {}


def method(name: str, tier: int, *scopes: str, by: str = "bot") -> Callable[[Handler], Handler]:
    """Declares a Web API method."""

    def declare(run: Handler) -> Handler:
        METHODS[name] = Method(run, tier, scopes, by)
        return run

    return declare


async def serve(world: World, request: web.Request) -> web.StreamResponse:
    """Answers one call; a refusal is HTTP 200 with `ok: false`, as Slack does it, 429 when it is too fast."""
    name, begun = request.match_info["method"], time.perf_counter()
    args = Args({})
    headers: dict[str, str] = {}
    fault = _next_fault(world, name)
    try:
        await _before(request, fault)
        args = await read(request)
        body: Json = {"ok": True, **_run(world, name, args, _token(request, args))}
        status = 200
        if name == "auth.test":
            headers["x-oauth-scopes"] = ",".join(sorted(world.manifest.scopes))
    except Refused as refused:
        body, status = refused.body(), refused.status
        if status == 429:
            headers["Retry-After"] = str(refused.more["retry_after"])
            body.pop("retry_after")
    at = time.perf_counter()
    world.calls.append(Call(name, args.given, status, body.get("error"), body, at, at - begun))
    if fault is not None and fault.kind == "lost":
        _break(request)
    if fault is not None and fault.kind == "status" and status == fault.value:
        return web.Response(status=status, text="<html>upstream trouble</html>", content_type="text/html")
    return web.json_response(body, status=status, headers=headers)


def _run(world: World, name: str, args: Args, token: str) -> Json:
    known = METHODS.get(name)
    if known is None:
        raise Refused("unknown_method", req_method=name)
    _authorize(world, known, token)
    wait_s = world.rates.wait(name, known.tier, args.text("channel") or None)
    if wait_s is not None:
        raise Refused("ratelimited", status=429, retry_after=wait_s)
    return known.run(world, args)


def _authorize(world: World, known: Method, token: str) -> None:
    if known.by == "none":
        return
    if not token:
        raise Refused("not_authed")
    if token not in {world.bot_token, world.app_token}:
        raise Refused("invalid_auth")
    if world.token_error:
        raise Refused(world.token_error)
    if (token == world.app_token) != (known.by == "app"):
        raise Refused("not_allowed_token_type")
    if known.by == "bot" and known.scopes and not world.manifest.scopes & set(known.scopes):
        provided = ",".join(sorted(world.manifest.scopes))
        raise Refused("missing_scope", needed=",".join(known.scopes), provided=provided)


def _token(request: web.Request, args: Args) -> str:
    header = request.headers.get("Authorization", "")
    return header.removeprefix("Bearer ").strip() if header.startswith("Bearer ") else args.text("token")


def _next_fault(world: World, name: str) -> Fault | None:
    waiting = world.faults.get(name)
    return waiting.pop(0) if waiting else None


async def _before(request: web.Request, fault: Fault | None) -> None:
    if fault is None:
        return
    if fault.kind == "slow":
        await asyncio.sleep(float(fault.value))
    elif fault.kind == "error":
        raise Refused(str(fault.value))
    elif fault.kind == "status":
        raise Refused("internal_error", status=int(fault.value))
    elif fault.kind == "unsent":
        _break(request)


def _break(request: web.Request) -> None:
    """The line goes dead: the client sees the connection reset and cannot know what happened."""
    if request.transport is not None:
        request.transport.abort()
    raise asyncio.CancelledError
