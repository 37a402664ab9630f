"""The server: itself, its channels, members and roles."""

from tests.discord.emulator import payloads
from tests.discord.emulator.errors import Json, Problem, Refused, invalid
from tests.discord.emulator.intents import MEMBERS
from tests.discord.emulator.rest import Incoming, route
from tests.discord.emulator.state import Guild, Member

MOST_LISTED = 1000


def _guild(call: Incoming) -> Guild:
    if call.ids["guild_id"] != call.world.guild.id:
        raise Refused(10004)
    return call.world.home()


def limit(call: Incoming, default: int, most: int) -> int:
    """The query's `limit`.  Raises Refused outside 1 to `most`."""
    given = call.query.get("limit", str(default))
    if not given.isdigit() or not 1 <= int(given) <= most:
        raise invalid(Problem(("limit",), "NUMBER_TYPE_RANGE", f"Must be between 1 and {most}."))
    return int(given)


@route("GET", "/guilds/{guild_id}")
def guild(call: Incoming) -> Json:
    _guild(call)
    return payloads.guild(call.world)


@route("GET", "/guilds/{guild_id}/channels")
def guild_channels(call: Incoming) -> list[Json]:
    world, found = call.world, _guild(call)
    shown = [c for c in found.channels.values() if not c.is_thread and not c.is_direct]
    return [payloads.channel(world, each) for each in shown]


@route("GET", "/guilds/{guild_id}/threads/active")
def active_threads(call: Incoming) -> Json:
    world, found = call.world, _guild(call)
    shown = [c for c in found.channels.values() if c.is_thread and not c.archived]
    seen = [payloads.channel(world, each) for each in shown if world.may(each, "VIEW_CHANNEL")]
    return {"threads": seen, "members": [], "has_more": False}


@route("GET", "/guilds/{guild_id}/members")
def members(call: Incoming) -> list[Json]:
    """Only with the members intent enabled for the application."""
    found, after = _guild(call), int(call.query.get("after", "0"))
    if not call.world.gateway.privileged & MEMBERS:
        raise Refused(50001)
    later = sorted((int(id), id) for id in found.members if int(id) > after)
    return [found.members[id].told() for _, id in later[: limit(call, 1, MOST_LISTED)]]


@route("GET", "/guilds/{guild_id}/members/search")
def search_members(call: Incoming) -> list[Json]:
    query = call.query.get("query", "").lower()
    shown = [m.told() for m in _guild(call).members.values() if m.user.name.lower().startswith(query)]
    return shown[: limit(call, 1, MOST_LISTED)]


def _member(call: Incoming) -> Member:
    found = _guild(call).members.get(call.ids["user_id"])
    if found is None:
        raise Refused(10007)
    return found


@route("GET", "/guilds/{guild_id}/members/{user_id}")
def member(call: Incoming) -> Json:
    return _member(call).told()


@route("GET", "/guilds/{guild_id}/roles")
def roles(call: Incoming) -> list[Json]:
    return [role.told() for role in _guild(call).roles.values()]


@route("GET", "/guilds/{guild_id}/roles/{role_id}")
def role(call: Incoming) -> Json:
    found = _guild(call).roles.get(call.ids["role_id"])
    if found is None:
        raise Refused(10011)
    return found.told()
