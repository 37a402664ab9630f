"""Who the app is and where the gateway is."""

from tests.discord.emulator import intents, payloads
from tests.discord.emulator.errors import Json, Refused
from tests.discord.emulator.rest import Incoming, route


@route("GET", "/users/@me")
def me(call: Incoming) -> Json:
    about = {"verified": True, "mfa_enabled": False, "email": None, "locale": "en-US"}
    return call.world.bot.told() | about


@route("GET", "/users/{user_id}")
def user(call: Incoming) -> Json:
    found = call.world.users.get(call.ids["user_id"])
    if found is None:
        raise Refused(10013)
    return found.told()


def _flags(privileged: int) -> int:
    """Which privileged intents are switched on, as an app in few servers has them (resources/application, flags)."""
    limited = {intents.PRESENCES: 1 << 13, intents.MEMBERS: 1 << 15, intents.MESSAGE_CONTENT: 1 << 19}
    return sum(flag for intent, flag in limited.items() if privileged & intent)


def _application(call: Incoming) -> Json:
    world = call.world
    return {
        "id": world.app_id,
        "name": world.bot.name,
        "icon": None,
        "description": "",
        "summary": "",
        "type": None,
        "bot_public": False,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "flags": _flags(world.privileged),
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "owner": world.users[world.guild.owner].told(),
        "team": None,
        "bot": world.bot.told(),
        "approximate_guild_count": int(world.in_guild),
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "eligible_oauth2_scopes": [],
        "flags_new": str(_flags(world.privileged)),
        "integration_types_config": {"0": {}},
    }


@route("GET", "/oauth2/applications/@me")
def my_application(call: Incoming) -> Json:
    return _application(call)


@route("GET", "/applications/@me")
def application(call: Incoming) -> Json:
    return _application(call)


@route("GET", "/gateway", open=True)
def gateway(call: Incoming) -> Json:
    return {"url": f"ws://{call.world.host}/"}


@route("GET", "/gateway/bot")
def gateway_bot(call: Incoming) -> Json:
    left = max(0, 1000 - call.world.gateway.identified)
    limit = {"total": 1000, "remaining": left, "reset_after": 86_400_000, "max_concurrency": 1}
    return {"url": f"ws://{call.world.host}/", "shards": 1, "session_start_limit": limit}


@route("GET", "/users/@me/guilds")
def my_guilds(call: Incoming) -> list[Json]:
    guild = call.world.guild
    told: Json = {
        "id": guild.id,
        "name": guild.name,
        "icon": None,
        "banner": None,
        "owner": False,
        "features": [],
    }
    can = guild.granted(guild.members[call.world.bot.id].roles) if call.world.in_guild else 0
    return [told | {"permissions": str(int(can))}] if call.world.in_guild else []


@route("POST", "/users/@me/channels")
def open_direct(call: Incoming) -> Json:
    user = str(call.fields().get("recipient_id"))
    if user not in call.world.users:
        raise Refused(10013)
    return payloads.channel(call.world, call.world.direct(user))
