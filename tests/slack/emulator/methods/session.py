"""auth.test, api.test, apps.connections.open, reactions.add, assistant.threads.setStatus."""

from tests.slack.emulator import posting
from tests.slack.emulator.args import Args
from tests.slack.emulator.errors import Json, Refused
from tests.slack.emulator.webapi import method
from tests.slack.emulator.world import World


@method("api.test", 4, by="none")
def api_test(world: World, args: Args) -> Json:
    if "error" in args:
        raise Refused(args.text("error"), args=args.given)
    return {"args": args.given}


@method("auth.test", 5)
def auth_test(world: World, args: Args) -> Json:
    return {
        "url": f"https://{world.workspace.domain}.slack.com/",
        "team": "Troupe",
        "user": world.bot.name,
        "team_id": world.workspace.team,
        "user_id": world.bot.id,
        "bot_id": world.bot_id,
        "is_enterprise_install": False,
    }


@method("apps.connections.open", 1, by="app")
def open_connection(world: World, args: Args) -> Json:
    """An address for one more socket of the app."""
    if not world.manifest.socket_mode:
        raise Refused("socket_mode_not_enabled")
    return {"url": world.sockets.ticket(world.host)}


@method("auth.revoke", 3)
def auth_revoke(world: World, args: Args) -> Json:
    world.token_error = "token_revoked"
    return {"revoked": True}


@method("reactions.add", 3, "reactions:write")
def add_reaction(world: World, args: Args) -> Json:
    channel = world.place(args.need("channel"))
    message = channel.messages.get(args.need("timestamp"))
    if message is None or message.deleted:
        raise Refused("message_not_found")
    if channel.archived:
        raise Refused("is_archived")
    if channel.kind != "im" and world.bot.id not in channel.members:
        raise Refused("not_in_channel")
    users = message.reactions.setdefault(args.need("name").strip(":"), [])
    if world.bot.id in users:
        raise Refused("already_reacted")
    users.append(world.bot.id)
    return {}


@method("reactions.remove", 2, "reactions:write")
def remove_reaction(world: World, args: Args) -> Json:
    message = world.place(args.need("channel")).messages.get(args.need("timestamp"))
    if message is None:
        raise Refused("message_not_found")
    if world.bot.id not in message.reactions.get(args.need("name"), ()):
        raise Refused("no_reaction")
    message.reactions[args.text("name")].remove(world.bot.id)
    return {}


@method("assistant.threads.setStatus", 5, "assistant:write", "chat:write")
def set_status(world: World, args: Args) -> Json:
    """status: "" clears it.  loading_messages: at most ten."""
    channel = world.place(args.need("channel_id"))
    posting.thread_of(channel, args.need("thread_ts"))
    if "status" not in args or len(args.json("loading_messages") or ()) > 10:
        raise Refused("invalid_arguments", messages=["status is required; at most 10 loading_messages"])
    world.statuses[channel.id, args.text("thread_ts")] = args.text("status")
    return {}
