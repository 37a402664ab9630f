"""Whole messages: what Discord refuses whatever its OpenAPI description says.

docs.discord.com/developers/resources/message and /components/reference.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from tests.discord.emulator import components
from tests.discord.emulator.errors import Json, Problem, Refused, invalid
from tests.discord.emulator.shapes import anything, fields, flag, items, listed, record, text
from tests.discord.emulator.state import EPHEMERAL, V2, parts

MOST_CONTENT, MOST_EMBED_TEXT, MOST_NONCE = 2000, 6000, 25
SUPPRESS_EMBEDS, SILENT = 1 << 2, 1 << 12
FLAGS = EPHEMERAL | V2 | SUPPRESS_EMBEDS | SILENT
PICTURE = record({"url": text(2048, 1)}, "url")
EMBED = record(
    {
        "title": text(256),
        "type": anything,
        "description": text(4096),
        "url": text(2048),
        "timestamp": anything,
        "color": anything,
        "flags": anything,
        "footer": record({"text": text(2048, 1), "icon_url": text(2048)}, "text"),
        "image": PICTURE,
        "thumbnail": PICTURE,
        "author": record({"name": text(256, 1), "url": text(2048), "icon_url": text(2048)}, "name"),
        "fields": items(
            0, 25, record({"name": text(256, 1), "value": text(1024, 1), "inline": flag}, "name", "value")
        ),
    }
)
ATTACHMENT = record(
    {
        "id": anything,
        "filename": text(1024, 1),
        "description": text(1024),
        "title": text(1024),
        **dict.fromkeys(
            [
                "duration_secs",
                "waveform",
                "is_spoiler",
                "is_remix",
                "size",
                "url",
                "proxy_url",
                "content_type",
                "height",
                "width",
                "flags",
                "ephemeral",
                "spoiler",
            ],
            anything,
        ),
    },
    "id",
)
KNOWN = {
    "content": text(MOST_CONTENT),
    "embeds": items(0, 10, EMBED),
    "components": anything,
    "attachments": items(0, 10, ATTACHMENT),
    "flags": anything,
    "allowed_mentions": record(
        {"parse": anything, "roles": items(0, 100), "users": items(0, 100), "replied_user": flag}
    ),
    "message_reference": record(
        dict.fromkeys(("message_id", "channel_id", "guild_id", "type", "fail_if_not_exists"), anything)
    ),
    "tts": flag,
    "poll": anything,
}
OF_BOT = {"nonce": anything, "enforce_nonce": flag, "sticker_ids": items(0, 3)}
OF_WEBHOOK = {
    "username": text(80, 1),
    "avatar_url": text(2048),
    "thread_name": text(100),
    "applied_tags": items(0, 5),
}


def message(whole: Json, names: Collection[str], *, ephemeral: bool = False) -> None:
    """Refuses a message that Discord would not take.

    whole: as it would stand, an edit already put over what was there.  names: the files that it may refer to.
    ephemeral: whether that flag may be set.
    """
    found = [*fields(whole, (), {**KNOWN, **OF_BOT, **OF_WEBHOOK}, set()), *_flags(whole, ephemeral)]
    if found:
        raise invalid(*found)
    v2 = bool((whole.get("flags") or 0) & V2)
    given = whole.get("components") or []
    found = [
        *_exclusive(whole, v2),
        *components.of_message(given, v2),
        *_embeds(whole),
        *_nonce(whole),
        *_mentions(whole),
    ]
    found += _references(whole, given if not found else [], names)
    found += _names(whole)
    if found:
        raise invalid(*found)
    if not any(
        (given, whole.get("content"), whole.get("embeds"), names, whole.get("poll"), whole.get("sticker_ids"))
    ):
        raise Refused(50006)


def _flags(whole: Json, ephemeral: bool) -> Iterator[Problem]:
    value = whole.get("flags")
    if value is None:
        return
    allowed = FLAGS if ephemeral else FLAGS & ~EPHEMERAL
    if not isinstance(value, int) or value & ~allowed:
        yield Problem(
            ("flags",), "MESSAGE_FLAGS_INVALID", f"Only the bits of {allowed} may be set here, not {value}"
        )


def _exclusive(whole: Json, v2: bool) -> Iterator[Problem]:
    if not v2:
        return
    for name in ("content", "embeds", "poll", "sticker_ids"):
        if whole.get(name):
            words = f"The '{name}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
            yield Problem((name,), "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", words)
    if not whole.get("components"):
        yield Problem(("components",), "BASE_TYPE_REQUIRED", "This field is required")


def _embeds(whole: Json) -> Iterator[Problem]:
    total = 0
    for each in listed(whole, "embeds"):
        total += sum(len(each.get(key) or "") for key in ("title", "description"))
        total += len((each.get("footer") or {}).get("text", "")) + len(
            (each.get("author") or {}).get("name", "")
        )
        total += sum(len(one["name"]) + len(one["value"]) for one in each.get("fields") or ())
    if total > MOST_EMBED_TEXT:
        words = f"Embed size exceeds maximum size of {MOST_EMBED_TEXT}"
        yield Problem(("embeds",), "MAX_EMBED_SIZE_EXCEEDED", words)


def _nonce(whole: Json) -> Iterator[Problem]:
    if len(str(whole.get("nonce") or "")) > MOST_NONCE:
        yield Problem(("nonce",), "NONCE_TYPE_TOO_LONG", f"Must be {MOST_NONCE} or fewer in length.")


def _mentions(whole: Json) -> Iterator[Problem]:
    allowed = whole.get("allowed_mentions") or {}
    for kind in ("users", "roles"):
        if kind in (allowed.get("parse") or ()) and allowed.get(kind):
            words = f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.'
            yield Problem(("allowed_mentions",), "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", words)


def _names(whole: Json) -> Iterator[Problem]:
    """A webhook may not call itself like this.  docs.discord.com/developers/resources/webhook"""
    name = str(whole.get("username") or "").lower()
    for word in ("clyde", "discord"):
        if word in name:
            yield Problem(("username",), "USERNAME_INVALID_CONTAINS", f'Username cannot contain "{word}"')


def _references(whole: Json, given: list[Json], names: Collection[str]) -> Iterator[Problem]:
    """attachment://name means a file of this message."""
    for url, where in referred(given, listed(whole, "embeds")):
        if url.startswith("attachment://") and url.removeprefix("attachment://") not in names:
            words = f"There is no attachment {url!r}; there are {sorted(names)}"
            yield Problem((where,), "ATTACHMENT_NOT_FOUND", words)


def referred(given: list[Json], embeds: list[Json]) -> Iterator[tuple[str, str]]:
    """(url, where) of every picture and file."""
    for each in media(given):
        yield each["url"], "components"
    for embed in embeds:
        for key in ("image", "thumbnail"):
            if embed.get(key):
                yield embed[key]["url"], "embeds"


def media(given: Any) -> Iterator[Json]:
    """The media objects of thumbnails, galleries and files."""
    for each in parts(given):
        yield from (each[key] for key in ("media", "file") if isinstance(each.get(key), dict))
        yield from (item["media"] for item in listed(each, "items") if isinstance(item.get("media"), dict))
