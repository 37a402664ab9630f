"""chat.postMessage, update, delete, postEphemeral, getPermalink."""

from typing import Any

from tests.slack.emulator import posting
from tests.slack.emulator.args import Args
from tests.slack.emulator.errors import Json, Refused
from tests.slack.emulator.state import Message
from tests.slack.emulator.webapi import method
from tests.slack.emulator.world import World


def _content(args: Args) -> str:
    return (args.text("markdown_text") or args.text("text"))[: posting.TEXT]


def _new(world: World, args: Args, channel: str, **more: Any) -> Message:
    names = posting.customized(world, args)
    blocks = posting.checked_blocks(world, args.json("blocks"))
    return Message(
        ts=world.workspace.stamp(),
        channel=channel,
        user=world.bot.id,
        text=_content(args),
        blocks=blocks or [],
        attachments=args.json("attachments") or [],
        metadata=posting.checked_metadata(args.json("metadata")),
        by_app=True,
        **names,
        **more,
    )


@method("chat.postMessage", 5, "chat:write")
def post_message(world: World, args: Args) -> Json:
    channel = world.place(args.need("channel"))
    posting.said(args)
    posting.may_post(world, channel)
    root = posting.thread_of(channel, args.text("thread_ts"))
    message = _new(world, args, channel.id, thread_ts=root, broadcast=args.flag("reply_broadcast"))
    posting.add(world, channel, message)
    return {"channel": channel.id, "ts": message.ts, "message": posting.told(world, message, metadata=True)}


@method("chat.postEphemeral", 4, "chat:write")
def post_ephemeral(world: World, args: Args) -> Json:
    channel, user = world.place(args.need("channel")), args.need("user")
    posting.said(args)
    if user not in world.workspace.users:
        raise Refused("user_not_found")
    posting.may_post(world, channel)
    if user not in channel.members:
        raise Refused("user_not_in_channel")
    root = posting.thread_of(channel, args.text("thread_ts"))
    channel.ephemerals.append(_new(world, args, channel.id, thread_ts=root, only_for=user))
    return {"message_ts": channel.ephemerals[-1].ts}


def _own(world: World, args: Args, refusal: str) -> tuple[Any, Message]:
    """A message of the app's own.  Conversations are named by id here: a user's id is no channel (bolt-python#626)."""
    channel = world.workspace.channels.get(args.need("channel"))
    if channel is None or (channel.kind != "channel" and world.bot.id not in channel.members):
        raise Refused("channel_not_found")
    message = channel.messages.get(args.need("ts"))
    if message is None or message.deleted:
        raise Refused("message_not_found")
    if not message.by_app:
        raise Refused(refusal)
    return channel, message


@method("chat.update", 3, "chat:write")
def update(world: World, args: Args) -> Json:
    """Blocks go when only a text is given, and stay when neither is (chat.update page).

    The page names `is_inactive` for an archived channel, where chat.postMessage says `is_archived`, and limits the
    text to 4,000 characters.
    """
    channel, message = _own(world, args, "cant_update_message")
    if channel.archived:
        raise Refused("is_inactive")
    if message.streaming:
        raise Refused("streaming_state_conflict")
    if not any(key in args for key in ("text", "blocks", "attachments", "markdown_text")):
        raise Refused("no_text")
    if len(args.text("text")) > posting.UPDATE_TEXT:
        raise Refused("msg_too_long")
    blocks = posting.checked_blocks(world, args.json("blocks"))
    metadata = posting.checked_metadata(args.json("metadata"))
    before = posting.told(world, message)
    if blocks is not None or args.text("text") or args.text("markdown_text"):
        message.blocks = blocks or []
    message.text = _content(args) or message.text
    message.metadata = metadata or message.metadata
    message.edited = blocks is None
    posting.changed(world, channel, message, before)
    told = posting.told(world, message, metadata=True)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": told}


@method("chat.delete", 3, "chat:write")
def delete(world: World, args: Args) -> Json:
    """A message under another name stays: "no accommodations for impersonation" (chat.delete page)."""
    channel, message = _own(world, args, "cant_delete_message")
    if message.username:
        raise Refused("cant_delete_message")
    posting.remove(world, channel, message)
    return {"channel": channel.id, "ts": message.ts}


@method("chat.getPermalink", 5)
def permalink(world: World, args: Args) -> Json:
    channel = world.place(args.need("channel"))
    ts = args.need("message_ts")
    if ts not in channel.messages:
        raise Refused("message_not_found")
    link = f"https://{world.workspace.domain}.slack.com/archives/{channel.id}/p{ts.replace('.', '')}"
    return {"channel": channel.id, "permalink": link}
