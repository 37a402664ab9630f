"""Components as Discord tells them back: with ids, with what was left out at its default, with the files' addresses."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from tests.discord.emulator.components import CONTAINER, FILE, GALLERY, SEPARATOR, THUMBNAIL
from tests.discord.emulator.errors import Json
from tests.discord.emulator.limits import media
from tests.discord.emulator.state import SELECTS, Attachment, Message, parts

ATTACHED = "attachment://"
SHOWN: Mapping[str, Any] = {"description": None, "spoiler": False}
DEFAULTS: Mapping[int, Mapping[str, Any]] = {
    CONTAINER: {"accent_color": None, "spoiler": False},
    SEPARATOR: {"divider": True, "spacing": 1},
    THUMBNAIL: SHOWN,
    FILE: {"spoiler": False},
    **{kind: {"min_values": 1, "max_values": 1} for kind in SELECTS},
}


def components(told: Message) -> list[Json]:
    given = copy.deepcopy(told.components)
    _number(given)
    files = {each.filename: each for each in told.attachments}
    for each in parts(given):
        _complete(each, files)
    for each in media(given):
        each.setdefault("id", told.id)
        file = _file(each, files)
        if file is not None:
            width, height = file.size or (0, 0)
            each |= {"url": file.url, "attachment_id": file.id, "content_type": file.content_type}
            each |= {"width": width, "height": height}
        each.setdefault("proxy_url", each["url"])
    return given


def _number(given: list[Json]) -> None:
    taken = {each["id"] for each in parts(given) if each.get("id")}
    free = iter(number for number in range(1, 1000) if number not in taken)
    for each in parts(given):
        if not each.get("id"):
            each["id"] = next(free)


def _complete(each: Json, files: Mapping[str, Attachment]) -> None:
    for key, value in DEFAULTS.get(each["type"], {}).items():
        each.setdefault(key, value)
    if each["type"] == GALLERY:
        each["items"] = [{**SHOWN, **item} for item in each["items"]]
    if each["type"] == FILE:
        file = _file(each["file"], files)
        each |= {"name": file.filename, "size": len(file.content)} if file else {"name": None, "size": None}


def _file(shown: Json, files: Mapping[str, Attachment]) -> Attachment | None:
    """The attachment that a media object names."""
    url = str(shown["url"])
    return files.get(url.removeprefix(ATTACHED)) if url.startswith(ATTACHED) else None
