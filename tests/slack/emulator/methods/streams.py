"""chat.startStream, appendStream, stopStream: a message that grows while people read it.

docs.slack.dev/reference/methods/chat.startStream and its sisters: markdown_text or chunks, 12,000 characters a call.
"""

import time
from typing import Any

from tests.slack.emulator import posting
from tests.slack.emulator.args import Args
from tests.slack.emulator.errors import Json, Refused
from tests.slack.emulator.state import Channel, Message, settled
from tests.slack.emulator.webapi import method
from tests.slack.emulator.world import World

STATUSES = {"pending", "in_progress", "complete", "error"}
CHUNKS = {"markdown_text", "task_update", "plan_update", "blocks"}


def _added(world: World, args: Args, message: Message) -> None:
    """What a call adds: markdown text to the text, tasks and blocks to the blocks."""
    if "markdown_text" in args and "chunks" in args:
        raise Refused("invalid_arguments", messages=["markdown_text and chunks exclude each other"])
    chunks: list[Any] = args.json("chunks") or []
    if args.text("markdown_text"):
        chunks = [{"type": "markdown_text", "text": args.text("markdown_text")}]
    for index, chunk in enumerate(chunks):
        if not isinstance(chunk, dict) or chunk.get("type") not in CHUNKS:
            raise Refused("invalid_chunks", messages=[f"unsupported type [json-pointer:/chunks/{index}]"])
    written = "".join(chunk["text"] for chunk in chunks if chunk["type"] == "markdown_text")
    if len(written) > posting.MARKDOWN_TEXT:
        raise Refused("msg_too_long")
    message.text += written
    for chunk in chunks:
        if chunk["type"] == "blocks":
            message.blocks += posting.checked_blocks(world, chunk["blocks"]) or []
        elif chunk["type"] == "task_update":
            _task(message, chunk)


def _task(message: Message, chunk: Json) -> None:
    """A task of the stream, shown or shown anew: {id, title, status}."""
    if chunk.get("status") not in STATUSES or not chunk.get("id") or not chunk.get("title"):
        raise Refused("invalid_chunks", messages=["a task_update has id, title and status"])
    card = {"type": "task_card", "task_id": chunk["id"], "title": chunk["title"], "status": chunk["status"]}
    others = [block for block in message.blocks if block.get("task_id") != chunk["id"]]
    message.blocks = others + settled([card])


@method("chat.startStream", 2, "chat:write")
def start(world: World, args: Args) -> Json:
    channel = world.place(args.need("channel"))
    posting.may_post(world, channel)
    root = posting.thread_of(channel, args.need("thread_ts"))
    if channel.kind != "im":
        for key in ("recipient_user_id", "recipient_team_id"):
            if key not in args:
                raise Refused(f"missing_{key}")
        if args.text("recipient_team_id") != world.workspace.team:
            raise Refused("team_not_found")
        if args.text("recipient_user_id") not in world.workspace.users:
            raise Refused("user_not_found")
    names = posting.customized(world, args)
    message = Message(
        world.workspace.stamp(),
        channel.id,
        world.bot.id,
        by_app=True,
        thread_ts=root,
        streaming=True,
        **names,
    )
    _added(world, args, message)
    posting.add(world, channel, message)
    world.streams[channel.id, message.ts] = time.monotonic() + world.stream_s
    return {"channel": channel.id, "ts": message.ts}


def _streaming(world: World, args: Args) -> tuple[Channel, Message]:
    channel = world.place(args.need("channel"))
    message = channel.messages.get(args.need("ts"))
    if message is None or message.deleted:
        raise Refused("message_not_found")
    if not message.by_app:
        raise Refused("message_not_owned_by_app")
    if message.streaming and time.monotonic() > world.streams[channel.id, message.ts]:
        message.streaming = False
    if not message.streaming:
        raise Refused("message_not_in_streaming_state")
    return channel, message


@method("chat.appendStream", 4, "chat:write")
def append(world: World, args: Args) -> Json:
    channel, message = _streaming(world, args)
    if not args.text("markdown_text") and not args.json("chunks"):
        raise Refused("no_text")
    _added(world, args, message)
    message.versions += 1
    return {"channel": channel.id, "ts": message.ts}


@method("chat.stopStream", 2, "chat:write")
def stop(world: World, args: Args) -> Json:
    channel, message = _streaming(world, args)
    blocks = posting.checked_blocks(world, args.json("blocks")) or []
    metadata = posting.checked_metadata(args.json("metadata"))
    before = posting.told(world, message)
    _added(world, args, message)
    message.blocks += blocks
    message.metadata = metadata or message.metadata
    message.streaming = False
    posting.changed(world, channel, message, before)
    return {"channel": channel.id, "ts": message.ts, "message": posting.told(world, message, metadata=True)}
