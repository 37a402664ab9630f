"""Components V2 as JSON, the few that we send; words in them are markup that `markdown` made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bot.discord.figures import DESCRIPTION
from bot.fit import Room
from bot.split import clip, units

Json = dict[str, Any]

ACTION_ROW, BUTTON, SELECT, TEXT_INPUT = 1, 2, 3, 4
SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR = 9, 10, 11, 12, 13, 14
CONTAINER, LABEL, FILE_UPLOAD = 17, 18, 19
RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX = 21, 22, 23
PRIMARY, SECONDARY, DANGER, LINK = 1, 2, 4, 5
"""Styles of buttons."""
ATTACHED = "attachment://"
V2, EPHEMERAL = 1 << 15, 1 << 6
"""Flags of a message: made of components; for one person's eyes (resources/message, message flags)."""


def texts(markup: str) -> list[Json]:
    """A text display; nothing for nothing but white space, which Discord refuses."""
    return [{"type": TEXT, "content": markup}] if markup.strip() else []


def row(elements: Sequence[Json]) -> Json:
    return {"type": ACTION_ROW, "components": list(elements)}


def gallery(name: str, alt: str) -> Json:
    """name: of the attachment.  alt: not empty."""
    return {
        "type": GALLERY,
        "items": [{"media": {"url": f"{ATTACHED}{name}"}, "description": clip(alt, DESCRIPTION)}],
    }


def beside(markup: str, name: str, alt: str) -> Json:
    """Text with a small picture at its side."""
    picture = {
        "type": THUMBNAIL,
        "media": {"url": f"{ATTACHED}{name}"},
        "description": clip(alt, DESCRIPTION),
    }
    return {"type": SECTION, "components": texts(markup), "accessory": picture}


def file(name: str) -> Json:
    return {"type": FILE, "file": {"url": f"{ATTACHED}{name}"}}


def separator() -> Json:
    """A line across."""
    return {"type": SEPARATOR}


def container(parts: Sequence[Json], colour: int | None = None) -> Json:
    return {"type": CONTAINER, "components": list(parts)} | (
        {} if colour is None else {"accent_color": colour}
    )


def every(components: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """All of them, nested ones as well: what Discord counts."""
    found: list[Mapping[str, Any]] = []
    for one in components:
        inner = one.get("components")
        beside = [one[key] for key in ("accessory", "component") if isinstance(one.get(key), Mapping)]
        children = inner if isinstance(inner, list) else []
        found += [one, *every([*(c for c in children if isinstance(c, Mapping)), *beside])]
    return found


def measure(components: Sequence[Json]) -> Room:
    """How many they are, and the length of their texts."""
    all_of_them = every(components)
    return Room(len(all_of_them), sum(units(one["content"]) for one in all_of_them if one["type"] == TEXT))


def attached(components: Iterable[Mapping[str, Any]]) -> list[str]:
    """The names of attachments that they show, in order, each once."""
    urls: list[str] = []
    for one in every(components):
        items = one.get("items")
        holders = [one, *(items if isinstance(items, list) else [])]
        media = [h.get(key) for h in holders if isinstance(h, Mapping) for key in ("media", "file")]
        urls += [str(m.get("url", "")) for m in media if isinstance(m, Mapping)]
    return list(dict.fromkeys(url.removeprefix(ATTACHED) for url in urls if url.startswith(ATTACHED)))
