"""Application commands, of the app everywhere or of the one server."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tests.discord.emulator import declared
from tests.discord.emulator.errors import Json, Problem, Refused, invalid
from tests.discord.emulator.rest import Incoming, Reply, route
from tests.discord.emulator.world import World

EVERYWHERE = "/applications/{application_id}/commands"
HERE = "/applications/{application_id}/guilds/{guild_id}/commands"


def _scope(call: Incoming) -> str | None:
    """The server's id for its own commands, None for the ones everywhere.  Raises Refused for another app or server."""
    if call.ids["application_id"] != call.world.app_id:
        raise Refused(50001)
    guild = call.ids.get("guild_id")
    if guild is not None and guild != call.world.guild.id:
        raise Refused(50001)
    if guild is not None:
        call.world.home()
    return guild


def of(world: World, scope: str | None) -> list[Json]:
    return [each for each in world.commands.values() if each.get("guild_id") == scope]


def _same(world: World, scope: str | None, body: Json) -> Json | None:
    kind = body.get("type") or declared.CHAT_INPUT
    return next((c for c in of(world, scope) if (c["name"], c["type"]) == (body["name"], kind)), None)


def _put(world: World, scope: str | None, body: Json, before: Json | None) -> Json:
    """Keeps a command; a new one counts towards the day's creates."""
    if before is None:
        if world.created_today >= declared.MOST_CREATES and world.rates.allowance == "real":
            raise Refused(30034)
        world.created_today += 1
    kind = body.get("type") or declared.CHAT_INPUT
    permissions = body.get("default_member_permissions")
    told: Json = {
        "id": before["id"] if before else world.snowflakes.mint(),
        "application_id": world.app_id,
        "version": world.snowflakes.mint(),
        "type": kind,
        "name": body["name"],
        "name_localizations": body.get("name_localizations"),
        "description": body.get("description") or "",
        "description_localizations": body.get("description_localizations"),
        "default_member_permissions": None if permissions is None else str(permissions),
        "dm_permission": body.get("dm_permission", True),
        "contexts": body.get("contexts"),
        "integration_types": body.get("integration_types") or [0],
        "nsfw": bool(body.get("nsfw")),
    }
    if kind == declared.CHAT_INPUT:
        told["options"] = body.get("options") or []
    if scope is not None:
        told["guild_id"] = scope
    world.commands[told["id"]] = told
    return told


def _list(call: Incoming) -> list[Json]:
    return of(call.world, _scope(call))


def _create(call: Incoming) -> Reply:
    world, scope, body = call.world, _scope(call), call.fields()
    wrong = declared.problems(body)
    if wrong:
        raise invalid(*wrong)
    before = _same(world, scope, body)
    kind = body.get("type") or declared.CHAT_INPUT
    if before is None and Counter(each["type"] for each in of(world, scope))[kind] >= declared.MOST[kind]:
        raise Refused(30032)
    return Reply(_put(world, scope, body, before), 200 if before else 201)


def _overwrite(call: Incoming) -> list[Json]:
    """What is not named any more is gone; what is named again keeps its id."""
    world, scope, given = call.world, _scope(call), call.body
    wrong = _wrong(given)
    if wrong:
        raise invalid(*wrong)
    before = of(world, scope)
    kept = [_put(world, scope, body, _same(world, scope, body)) for body in given]
    for each in before:
        if each["id"] not in {told["id"] for told in kept}:
            del world.commands[each["id"]]
    return kept


def _wrong(given: Any) -> list[Problem]:
    if not isinstance(given, list):
        return [Problem((), "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")]
    wrong = [problem for at, body in enumerate(given) for problem in declared.problems(body, (at,))]
    if wrong:
        return wrong
    kinds = Counter(body.get("type") or declared.CHAT_INPUT for body in given)
    for kind, count in kinds.items():
        if count > declared.MOST[kind]:
            words = f"Maximum number of application commands of type {kind} is {declared.MOST[kind]}"
            wrong.append(Problem((), "APPLICATION_COMMANDS_TOO_MANY", words))
    names = Counter((body["name"], body.get("type") or declared.CHAT_INPUT) for body in given)
    for (name, _), count in names.items():
        if count > 1:
            words = f"Application command names must be unique: {name}"
            wrong.append(Problem((), "APPLICATION_COMMANDS_DUPLICATE_NAME", words))
    return wrong


def _one(call: Incoming) -> Json:
    scope, found = _scope(call), call.world.commands.get(call.ids["command_id"])
    if found is None or found.get("guild_id") != scope:
        raise Refused(10063)
    return found


def _edit(call: Incoming) -> Json:
    before = _one(call)
    whole = {**{key: before[key] for key in before if key in declared.COMMAND}, **call.fields()}
    wrong = declared.problems(whole)
    if wrong:
        raise invalid(*wrong)
    return _put(call.world, before.get("guild_id"), whole, before)


def _delete(call: Incoming) -> None:
    del call.world.commands[_one(call)["id"]]


@route("GET", EVERYWHERE)
def list_commands(call: Incoming) -> list[Json]:
    return _list(call)


@route("POST", EVERYWHERE)
def create_command(call: Incoming) -> Reply:
    return _create(call)


@route("PUT", EVERYWHERE)
def overwrite_commands(call: Incoming) -> list[Json]:
    return _overwrite(call)


@route("GET", EVERYWHERE + "/{command_id}")
def command(call: Incoming) -> Json:
    return _one(call)


@route("PATCH", EVERYWHERE + "/{command_id}")
def edit_command(call: Incoming) -> Json:
    return _edit(call)


@route("DELETE", EVERYWHERE + "/{command_id}")
def delete_command(call: Incoming) -> None:
    _delete(call)


@route("GET", HERE)
def list_guild_commands(call: Incoming) -> list[Json]:
    return _list(call)


@route("POST", HERE)
def create_guild_command(call: Incoming) -> Reply:
    return _create(call)


@route("PUT", HERE)
def overwrite_guild_commands(call: Incoming) -> list[Json]:
    return _overwrite(call)


@route("GET", HERE + "/{command_id}")
def guild_command(call: Incoming) -> Json:
    return _one(call)


@route("PATCH", HERE + "/{command_id}")
def edit_guild_command(call: Incoming) -> Json:
    return _edit(call)


@route("DELETE", HERE + "/{command_id}")
def delete_guild_command(call: Incoming) -> None:
    _delete(call)


def _permissions(call: Incoming, command: str) -> Json:
    scope, world = _scope(call), call.world
    chosen = [
        {"id": who, "type": 1 if who in world.guild.roles else 2, "permission": allowed}
        for who, allowed in world.overrides[command].items()
    ]
    return {"id": command, "application_id": world.app_id, "guild_id": scope, "permissions": chosen}


@route("GET", HERE + "/permissions")
def all_command_permissions(call: Incoming) -> list[Json]:
    return [_permissions(call, command) for command in call.world.overrides]


@route("GET", HERE + "/{command_id}/permissions")
def command_permissions(call: Incoming) -> Json:
    if call.ids["command_id"] not in call.world.overrides:
        raise Refused(10066)
    return _permissions(call, call.ids["command_id"])


@route("PUT", HERE + "/{command_id}/permissions")
def set_command_permissions(call: Incoming) -> None:
    """Only with the token of a person who manages the server: apps leave this to the server's settings."""
    raise Refused(20001)
