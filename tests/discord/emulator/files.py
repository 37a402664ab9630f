"""Files in messages: kept, described, and served as Discord's CDN does."""

from __future__ import annotations

import hashlib
import io
import mimetypes
import re
from typing import TYPE_CHECKING, Any

from aiohttp import web
from PIL import Image

from tests.discord.emulator.errors import Json, Problem, invalid
from tests.discord.emulator.state import Attachment, Message

if TYPE_CHECKING:
    from tests.discord.emulator.world import World

MOST_FILES = 10
UNSAFE = re.compile(r"[^\w.\-]+")


def settle(world: World, channel: str, file: Attachment) -> Attachment:
    """Gives a file its id, type and address, and keeps it for the CDN."""
    file.id = world.snowflakes.mint()
    file.content_type = mimetypes.guess_type(file.filename)[0] or "application/octet-stream"
    file.size = _size(file)
    signed = hashlib.blake2b(file.id.encode(), digest_size=8).hexdigest()
    file.url = f"http://{world.host}/attachments/{channel}/{file.id}/{file.filename}?hm={signed}&"
    world.files[file.id] = file
    return file


def _size(file: Attachment) -> tuple[int, int] | None:
    if not file.content_type.startswith("image/"):
        return None
    try:
        with Image.open(io.BytesIO(file.content)) as picture:
            return picture.size
    except OSError:
        return None


def chosen(body: Json, uploads: dict[int, Attachment], before: Message | None) -> list[Attachment]:
    """The files of a message after this call: the ones kept, then the ones that come with it.

    `attachments` names what stays (by its id) and describes what comes (by its number); without it everything stays.
    Names lose their blanks and whatever else stands badly in an address: attachment:// must use what is left.
    """
    kept = list(before.attachments) if before else []
    listed = body.get("attachments")
    if listed is None:
        return _few([*kept, *uploads.values()])
    old = {file.id: file for file in kept}
    result, described = [], set()
    for at, each in enumerate(listed):
        id = str(each["id"])
        if id in old:
            result.append(old[id])
        elif id.isdigit() and int(id) in uploads:
            described.add(int(id))
            result.append(_described(uploads[int(id)], each))
        else:
            words = f"There is neither an attachment {id} nor a files[{id}]"
            raise invalid(Problem(("attachments", at, "id"), "ATTACHMENT_NOT_FOUND", words))
    return _few([*result, *(file for number, file in uploads.items() if number not in described)])


def _few(result: list[Attachment]) -> list[Attachment]:
    for each in result:
        each.filename = UNSAFE.sub("_", each.filename)
    if len(result) > MOST_FILES:
        words = f"Must be {MOST_FILES} or fewer in length."
        raise invalid(Problem(("attachments",), "BASE_TYPE_MAX_LENGTH", words))
    return result


def _described(file: Attachment, given: Json) -> Attachment:
    file.filename = given.get("filename") or file.filename
    file.description = given.get("description")
    return file


def serving(world: World) -> Any:
    async def serve(request: web.Request) -> web.Response:
        file = world.files.get(request.match_info["file"])
        wanted = request.match_info["name"]
        if file is None or file.filename != wanted or f"hm={request.query.get('hm')}&" not in file.url:
            return web.Response(status=404, text="This content is no longer available.")
        return web.Response(body=file.content, content_type=file.content_type)

    return serve
