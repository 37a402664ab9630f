"""conversations.*: channels, their members and messages, as far as the app may see them."""

from tests.slack.emulator import posting
from tests.slack.emulator.args import Args, page
from tests.slack.emulator.errors import Json, Refused
from tests.slack.emulator.state import Channel, Message
from tests.slack.emulator.webapi import method
from tests.slack.emulator.world import KINDS, World

READ = tuple(f"{kind}:read" for kind in KINDS.values())
HISTORY = tuple(f"{kind}:history" for kind in KINDS.values())
TYPES = {"public_channel": "channel", "private_channel": "group", "im": "im", "mpim": "mpim"}


def _scope(world: World, channel: Channel, what: str) -> None:
    needed = f"{KINDS[channel.kind]}:{what}"
    if not world.granted(needed):
        raise Refused("missing_scope", needed=needed, provided=",".join(sorted(world.manifest.scopes)))


def _listed(world: World, args: Args, *, only_own: bool) -> list[Json]:
    kinds = [TYPES.get(kind.strip(), "") for kind in args.text("types", "public_channel").split(",")]
    if "" in kinds:
        raise Refused("invalid_types")
    found = []
    for channel in list(world.workspace.channels.values()):
        mine = world.bot.id in channel.members
        hidden = (only_own or channel.kind != "channel") and not mine
        if channel.kind in kinds and not hidden and not (args.flag("exclude_archived") and channel.archived):
            _scope(world, channel, "read")
            found.append(channel.told(world.bot.id))
    return found


@method("conversations.list", 2, *READ)
def list_conversations(world: World, args: Args) -> Json:
    return page(_listed(world, args, only_own=False), args, "channels")


@method("users.conversations", 3, *READ)
def own_conversations(world: World, args: Args) -> Json:
    return page(_listed(world, args, only_own=True), args, "channels")


@method("conversations.info", 3, *READ)
def info(world: World, args: Args) -> Json:
    channel = world.place(args.need("channel"))
    _scope(world, channel, "read")
    return {"channel": channel.told(world.bot.id)}


@method("conversations.members", 4, *READ)
def members(world: World, args: Args) -> Json:
    channel = world.place(args.need("channel"))
    _scope(world, channel, "read")
    everybody: list[Json] = [{"id": name} for name in sorted(channel.members)]
    answer = page(everybody, args, "members")
    return {**answer, "members": [each["id"] for each in answer["members"]]}


@method("conversations.open", 3, "im:write", "mpim:write")
def open_conversation(world: World, args: Args) -> Json:
    users = [name for name in args.text("users").split(",") if name]
    if len(users) != 1:
        raise Refused("users_list_not_supplied" if not users else "not_enough_users")
    if users[0] not in world.workspace.users:
        raise Refused("user_not_found")
    return {"channel": {"id": world.direct(users[0]).id}}


@method("conversations.join", 3, "channels:join")
def join(world: World, args: Args) -> Json:
    channel = world.place(args.need("channel"))
    if channel.archived:
        raise Refused("is_archived")
    if channel.kind != "channel":
        raise Refused("method_not_supported_for_channel_type")
    channel.members.add(world.bot.id)
    return {"channel": channel.told(world.bot.id)}


def _readable(world: World, args: Args) -> Channel:
    channel = world.place(args.need("channel"))
    _scope(world, channel, "history")
    if world.bot.id not in channel.members:
        raise Refused("not_in_channel")
    return channel


def _within(message: Message, args: Args) -> bool:
    oldest, latest = args.text("oldest", "0"), args.text("latest") or "9999999999.999999"
    if args.flag("inclusive"):
        return float(oldest) <= float(message.ts) <= float(latest)
    return float(oldest) < float(message.ts) < float(latest)


def _told(world: World, message: Message, args: Args) -> Json:
    shown = args.flag("include_all_metadata") and (message.by_app or world.granted("metadata.message:read"))
    return posting.told(world, message, metadata=shown)


@method("conversations.history", 3, *HISTORY)
def history(world: World, args: Args) -> Json:
    """The newest first, without replies unless they were broadcast."""
    channel = _readable(world, args)
    roots = [m for m in channel.messages.values() if (not m.thread_ts or m.broadcast) and _within(m, args)]
    answer = page([_told(world, m, args) for m in reversed(roots)], args, "messages")
    return {**answer, "has_more": bool(answer["response_metadata"]["next_cursor"])}


@method("conversations.replies", 3, *HISTORY)
def replies(world: World, args: Args) -> Json:
    """The root and its replies, the oldest first."""
    channel = _readable(world, args)
    root = channel.messages.get(args.need("ts"))
    if root is None:
        raise Refused("thread_not_found")
    top = channel.messages[root.thread_ts] if root.thread_ts else root
    thread = [top, *(channel.messages[ts] for ts in top.replies)]
    answer = page(
        [_told(world, m, args) for m in thread if m is top or _within(m, args)], args, "messages", 1000
    )
    return {**answer, "has_more": bool(answer["response_metadata"]["next_cursor"])}
