"""Messages come, change and go: the same rules for chat.*, response_url, files and streams."""

from typing import Any

from tests.slack.emulator import blocks as kit
from tests.slack.emulator.args import Args
from tests.slack.emulator.errors import Json, Refused
from tests.slack.emulator.state import Channel, Message, settled
from tests.slack.emulator.world import World

TEXT, UPDATE_TEXT, MARKDOWN_TEXT, ATTACHMENTS, METADATA = 40_000, 4_000, 12_000, 100, 16_000


def checked_blocks(world: World, given: Any, *, summed: bool = True) -> list[Json] | None:
    """Blocks as Slack would keep them; None when none were given.  summed: whether their sum is limited too."""
    if given is None:
        return None
    if not isinstance(given, list):
        raise Refused("invalid_blocks_format")
    problems = kit.message(given, world.may_show, world.manifest.scopes)
    if problems:
        raise Refused("invalid_blocks", messages=problems, errors=problems)
    if summed and kit.too_long(given):
        raise Refused("msg_blocks_too_long")
    return settled(given)


def checked_metadata(given: Any) -> Json | None:
    if given is None:
        return None
    if not isinstance(given, dict) or set(given) - {"event_type", "event_payload", "entities"}:
        raise Refused("invalid_metadata_format")
    if not isinstance(given.get("event_type"), str) or not isinstance(given.get("event_payload"), dict):
        raise Refused("invalid_metadata_format")
    if len(str(given)) > METADATA:
        raise Refused("metadata_too_large")
    return given


def customized(world: World, args: Args) -> Json:
    """username and icon, as far as they take effect.

    Without chat:write.customize Slack ignores them and the message appears under the app's own name (read in
    papercups-io/papercups#522, "tested, seems to just ignore these fields when scope is missing", and
    linyows/dewy#362); it does not answer missing_scope.  A workspace that forbids it (`forbids_customize`) does,
    so that both ways of failing are there to be survived.
    """
    given = {key: args.text(key) for key in ("username", "icon_emoji", "icon_url") if args.text(key)}
    if given and world.forbids_customize:
        provided = ",".join(sorted(world.manifest.scopes - {"chat:write.customize"}))
        raise Refused("missing_scope", needed="chat:write.customize", provided=provided)
    return given if world.granted("chat:write.customize") else {}


def said(args: Args) -> None:
    """At least one of text, blocks, attachments, markdown_text; markdown_text alone."""
    if args.text("markdown_text"):
        if args.text("text") or args.json("blocks"):
            raise Refused("markdown_text_conflict")
        if len(args.text("markdown_text")) > MARKDOWN_TEXT:
            raise Refused("msg_too_long")
    elif not args.text("text") and not args.json("blocks") and not args.json("attachments"):
        raise Refused("no_text")
    if len(args.json("attachments") or ()) > ATTACHMENTS:
        raise Refused("too_many_attachments")


def may_post(world: World, channel: Channel) -> None:
    if channel.archived:
        raise Refused("is_archived")
    if world.bot.id not in channel.members and not (
        channel.kind == "channel" and world.granted("chat:write.public")
    ):
        raise Refused("not_in_channel")
    if channel.restricted:
        raise Refused("restricted_action")


def thread_of(channel: Channel, ts: str) -> str | None:
    """The root of the thread that a thread_ts means; None for none."""
    if not ts:
        return None
    root = channel.messages.get(ts)
    if root is None:
        raise Refused("thread_not_found")
    return root.thread_ts or root.ts


def add(world: World, channel: Channel, message: Message) -> Message:
    """Puts a new message where people see it, and tells the app of it as Slack does: also of its own."""
    channel.messages[message.ts] = message
    if message.thread_ts:
        channel.messages[message.thread_ts].replies.append(message.ts)
    world.emit_in(channel, {**told(world, message), "event_ts": message.ts})
    return message


def told(world: World, message: Message, *, metadata: bool = False) -> Json:
    body = message.told(metadata=metadata, app=world.author())
    if message.thread_ts and message.thread_ts in world.workspace.channels[message.channel].messages:
        body["parent_user_id"] = world.workspace.channels[message.channel].messages[message.thread_ts].user
    return {**body, "team": world.workspace.team}


def changed(world: World, channel: Channel, message: Message, before: Json) -> None:
    """A message has another content: everybody's client shows it, the app hears of it."""
    message.versions += 1
    stamp = world.workspace.stamp()
    world.emit_in(
        channel,
        {
            "type": "message",
            "subtype": "message_changed",
            "hidden": True,
            "message": told(world, message),
            "previous_message": before,
            "ts": stamp,
            "event_ts": stamp,
        },
    )


def remove(world: World, channel: Channel, message: Message) -> None:
    """A deleted message is gone; one with replies leaves a tombstone, so that its thread stays."""
    before = told(world, message)
    message.deleted = True
    message.blocks, message.files, message.attachments, message.metadata = [], [], [], None
    if message.replies:
        message.text, message.subtype = "This message was deleted.", "tombstone"
    else:
        del channel.messages[message.ts]
        root = channel.messages.get(message.thread_ts or "")
        if root is not None:
            root.replies.remove(message.ts)
    stamp = world.workspace.stamp()
    world.emit_in(
        channel,
        {
            "type": "message",
            "subtype": "message_deleted",
            "hidden": True,
            "deleted_ts": message.ts,
            "previous_message": before,
            "ts": stamp,
            "event_ts": stamp,
        },
    )
