"""REST: who is calling, may they, how often, with what; then the route's own function.  Every call is kept."""

from __future__ import annotations

import asyncio
import json
import logging
import math
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.discord.emulator import spec
from tests.discord.emulator.errors import Json, Problem, Refused, invalid
from tests.discord.emulator.rates import Verdict
from tests.discord.emulator.state import Attachment
from tests.discord.emulator.world import Call, Fault, World

log = logging.getLogger(__name__)
PREFIX = "/api/v10"
MAJOR = ("channel_id", "guild_id", "webhook_id", "webhook_token", "interaction_id")
LARGEST_FILE, LARGEST_REQUEST = 10 * 1024 * 1024, 25 * 1024 * 1024
FILE_PART = re.compile(r"^files\[(\d+)\]$")


@dataclass
class Incoming:
    """One call.  ids: from the path.  body: as decoded.  files: by their number.  at: perf_counter at its arrival.

    then: what is to happen once the answer has gone out.
    """

    world: World
    ids: Mapping[str, str]
    query: Mapping[str, str]
    body: Any = None
    files: dict[int, Attachment] = field(default_factory=dict)
    at: float = 0.0
    then: list[Callable[[], None]] = field(default_factory=list)

    def fields(self) -> Json:
        """The body, for routes that take an object."""
        if self.body is None:
            return {}
        if not isinstance(self.body, dict):
            raise invalid(Problem((), "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType"))
        return self.body


@dataclass(frozen=True)
class Reply:
    body: Any = None
    status: int = 200


Handler = Callable[[Incoming], Any]


@dataclass(frozen=True)
class Route:
    """name: of the function that serves it.  open: whether it needs no bot token, as what has a token in its path."""

    name: str
    method: str
    template: str
    handler: Handler
    open: bool

    @property
    def key(self) -> str:
        return f"{self.method} {self.template}"


ROUTES: list[Route] = []


def route(method: str, template: str, *, open: bool = False) -> Callable[[Handler], Handler]:
    """Declares a function to serve a route.  It gives a Reply, a body for 200, or None for 204."""

    def declare(handler: Handler) -> Handler:
        ROUTES.append(Route(handler.__name__, method, template, handler, open))
        return handler

    return declare


def routed(world: World) -> list[web.RouteDef]:
    """The named ones before the ones with variables; whatever is not served is refused and kept in the journal."""
    ordered = sorted(ROUTES, key=lambda each: each.template.count("{"))
    found = [web.route(each.method, PREFIX + each.template, _serving(world, each)) for each in ordered]
    nowhere = Route("unknown", "*", "*", _nothing, open=True)
    return [*found, web.route("*", "/api/{rest:.*}", _serving(world, nowhere))]


def _nothing(_: Incoming) -> Reply:
    return Reply({"message": "404: Not Found", "code": 0}, 404)


def _serving(world: World, route: Route) -> Callable[[web.Request], Any]:
    async def serve(request: web.Request) -> web.StreamResponse:
        at = time.perf_counter()
        fault = _fault(world, route)
        if fault.kind == "slow":
            await asyncio.sleep(float(fault.value))
        if fault.kind == "unsent":
            return _broken(request)
        incoming = Incoming(world, dict(request.match_info), dict(request.query), at=at)
        if fault.kind == "status":
            verdict, reply = Verdict({}), Reply("<html><body>upstream error</body></html>", int(fault.value))
        else:
            verdict, reply = await _replied(route, request, incoming, fault)
        world.rates.note(reply.status)
        _keep(world, route, request, incoming, reply)
        if fault.kind == "lost":
            return _broken(request)
        response = _response(reply, verdict)
        await response.prepare(request)
        await response.write_eof()
        for each in incoming.then:
            each()
        return response

    return serve


async def _replied(
    route: Route, request: web.Request, incoming: Incoming, fault: Fault
) -> tuple[Verdict, Reply]:
    verdict = Verdict({})
    try:
        await _decode(request, incoming)
        world, given_token = incoming.world, request.headers.get("Authorization")
        if not route.open and (world.gateway.revoked or given_token != f"Bot {world.token}"):
            raise Refused(0)
        major = "/".join(incoming.ids[key] for key in MAJOR if key in incoming.ids)
        verdict = incoming.world.rates.take(route.name, major)
        if verdict.retry_after_s is not None:
            return verdict, Reply(_too_many(verdict), 429)
        if fault.kind == "error":
            raise Refused(int(fault.value))
        _checked(route, incoming)
        given = route.handler(incoming)
        return verdict, given if isinstance(given, Reply) else Reply(given, 204 if given is None else 200)
    except Refused as refused:
        return verdict, Reply(refused.body(), refused.status)
    except Exception as broken:
        log.exception("the emulator broke at %s", route.key)
        return verdict, Reply({"message": f"500: the emulator broke: {broken!r}", "code": 0}, 500)


def _checked(route: Route, incoming: Incoming) -> None:
    """Ids are numbers, bodies are as Discord's description has them."""
    wrong = [
        Problem((key,), "NUMBER_TYPE_COERCE", f'Value "{value}" is not snowflake.')
        for key, value in incoming.ids.items()
        if key.endswith("_id") and not value.isdigit()
    ]
    if incoming.body is not None:
        wrong += spec.problems(route.method, route.template, incoming.body)
    if wrong:
        raise invalid(*wrong)


async def _decode(request: web.Request, incoming: Incoming) -> None:
    if (request.content_length or 0) > LARGEST_REQUEST:
        raise Refused(40005)
    if request.content_type == "multipart/form-data":
        await _multipart(request, incoming)
    elif request.can_read_body:
        raw = await request.read()
        if raw:
            incoming.body = _json(raw)


async def _multipart(request: web.Request, incoming: Incoming) -> None:
    form = await request.post()
    for name, value in form.items():
        numbered = FILE_PART.match(name)
        if name == "payload_json" and isinstance(value, str | bytes):
            incoming.body = _json(value)
        elif isinstance(value, web.FileField) and numbered:
            content = value.file.read()
            if len(content) > LARGEST_FILE:
                raise Refused(40005)
            file = Attachment("", value.filename, content, "application/octet-stream")
            incoming.files[int(numbered[1])] = file
        else:
            raise invalid(Problem((name,), "UNKNOWN_FIELD", "Parts are payload_json and files[n]"))
    incoming.body = {} if incoming.body is None else incoming.body


def _json(raw: str | bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        raise Refused(50109) from None


def _too_many(verdict: Verdict) -> Any:
    if verdict.banned:
        return "error code: 1015"  # Cloudflare's page is no JSON
    return {
        "message": "You are being rate limited.",
        "retry_after": round(verdict.retry_after_s or 0.0, 3),
        "global": verdict.scope == "global",
    }


def _response(reply: Reply, verdict: Verdict) -> web.Response:
    headers = dict(verdict.headers)
    if reply.status == 429:
        headers["Retry-After"] = str(math.ceil(verdict.retry_after_s or 0.0))
    if reply.status == 429 and not verdict.banned:
        headers |= {"Via": "1.1 google", "X-RateLimit-Scope": verdict.scope}
        headers |= {"X-RateLimit-Global": "true"} if verdict.scope == "global" else {}
    if reply.status == 204:
        return web.Response(status=204, headers=headers)
    if isinstance(reply.body, str):
        return web.Response(status=reply.status, text=reply.body, headers=headers)
    # discord.py reads a body as JSON only under exactly this type, without a charset
    headers["Content-Type"] = "application/json"
    return web.Response(status=reply.status, body=json.dumps(reply.body).encode(), headers=headers)


def _keep(world: World, route: Route, request: web.Request, incoming: Incoming, reply: Reply) -> None:
    told = reply.body if isinstance(reply.body, dict) else {}
    error = (
        f"{told.get('code', reply.status)} {told.get('message', reply.body)}" if reply.status >= 400 else None
    )
    body = incoming.body if isinstance(incoming.body, dict) else {"body": incoming.body}
    args = {**incoming.query, **(body if incoming.body is not None else {})}
    now = time.perf_counter()
    kept = (request.path.removeprefix(PREFIX), args, reply.status, error, reply.body, now, now - incoming.at)
    world.calls.append(Call(route.name, route.key, *kept))


def _fault(world: World, route: Route) -> Fault:
    waiting = world.faults.get(route.name) or world.faults.get(route.key)
    return waiting.pop(0) if waiting else Fault("")


def _broken(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=502)
