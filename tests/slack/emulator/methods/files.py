"""files.*: an upload in three steps, files.info, and the bytes themselves.

docs.slack.dev/messaging/working-with-files: getUploadURLExternal, POST the bytes, completeUploadExternal.
"""

import time

from aiohttp import web

from tests.slack.emulator import posting
from tests.slack.emulator.args import Args
from tests.slack.emulator.errors import Json, Refused
from tests.slack.emulator.state import File, Message
from tests.slack.emulator.webapi import method
from tests.slack.emulator.world import World


@method("files.getUploadURLExternal", 4, "files:write")
def upload_url(world: World, args: Args) -> Json:
    size, name = args.number("length", 0), args.need("filename")
    if size <= 0:
        raise Refused("invalid_arguments", messages=["must be greater than 0: length"])
    file = File(
        world.workspace.mint("F"), name, world.bot.id, size, by_app=True, alt_text=args.text("alt_txt")
    )
    world.workspace.files[file.id] = file
    return {"upload_url": f"http://{world.host}/upload/v1/{file.id}", "file_id": file.id}


async def take(world: World, request: web.Request) -> web.Response:
    """The bytes, raw or as the first part of a form; as many as were announced."""
    file = world.workspace.files.get(request.match_info["file"])
    if file is None or file.done:
        return web.Response(status=404, text="no such upload")
    if request.content_type == "multipart/form-data":
        part = next((p for p in (await request.post()).values() if isinstance(p, web.FileField)), None)
        content = part.file.read() if part else b""
    else:
        content = await request.read()
    if len(content) != file.size:
        return web.Response(
            status=400, text=f"length mismatch: announced {file.size}, received {len(content)}"
        )
    file.content = content
    return web.Response(text=f"OK - {len(content)}")


@method("files.completeUploadExternal", 4, "files:write")
def complete(world: World, args: Args) -> Json:
    """Shares the files where channel_id says; without it they stay private to the app."""
    wanted = args.json("files") or []
    files = [world.workspace.files.get(each.get("id")) for each in wanted]
    if not files or any(file is None or file.content is None or file.done for file in files):
        raise Refused("file_not_found" if files else "invalid_arguments")
    channel = world.place(args.text("channel_id")) if args.text("channel_id") else None
    if channel is not None:
        posting.may_post(world, channel)
    blocks = posting.checked_blocks(world, args.json("blocks")) or []
    names = posting.customized(world, args)
    done: list[Json] = []
    for file, each in zip(files, wanted, strict=True):
        if file is None:
            continue
        file.done, file.title = True, each.get("title") or file.name
        file.ready_at = time.monotonic() + world.processing_s
        file.channels = [channel.id] if channel else []
        done.append(world.file_told(file))
    if channel is not None:
        message = Message(
            world.workspace.stamp(),
            channel.id,
            world.bot.id,
            args.text("initial_comment"),
            blocks=blocks,
            files=done,
            by_app=True,
            subtype="file_share",
            thread_ts=posting.thread_of(channel, args.text("thread_ts")),
            **names,
        )
        posting.add(world, channel, message)
    return {"files": done}


@method("files.info", 4, "files:read")
def info(world: World, args: Args) -> Json:
    file = world.workspace.files.get(args.need("file"))
    if file is None or not file.done:
        raise Refused("file_not_found")
    return {"file": world.file_told(file)}


@method("files.delete", 3, "files:write")
def delete(world: World, args: Args) -> Json:
    file = world.workspace.files.get(args.need("file"))
    if file is None:
        raise Refused("file_not_found")
    if not file.by_app:
        raise Refused("cant_delete_file")
    del world.workspace.files[file.id]
    return {}


async def download(world: World, request: web.Request) -> web.Response:
    """url_private: the bytes for the app's token; anybody else is shown Slack's sign-in page, with status 200."""
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token != world.bot_token or world.token_error or not world.granted("files:read"):
        return web.Response(text="<!DOCTYPE html><title>Sign in | Slack</title>", content_type="text/html")
    file = world.workspace.files.get(request.match_info["file"])
    if file is None or file.content is None:
        return web.Response(status=404, text="not found")
    return web.Response(body=file.content, content_type=file.mimetype)
