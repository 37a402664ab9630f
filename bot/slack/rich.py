"""rich_text and text objects: words in them are words, never markup (why: `mrkdwn`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from bot.addresses import urls
from bot.slack import figures
from bot.split import split, units

Json = dict[str, Any]


def plain_text(text: str) -> Json:
    return {"type": "plain_text", "text": text, "emoji": False}


def verbatim(markup: str) -> Json:
    """Markup of ours, whose words `mrkdwn.is_inert` let pass."""
    return {"type": "mrkdwn", "text": markup, "verbatim": True}


def text(words: str, **style: bool) -> Json:
    """words: not empty.  style: bold, italic, strike, underline, code."""
    return {"type": "text", "text": words, **({"style": style} if style else {})}


def link(url: str, label: str = "", **style: bool) -> Json:
    named = {"text": label} if label else {}
    return {"type": "link", "url": url, **named, **({"style": style} if style else {})}


def words(plain: str, **style: bool) -> list[Json]:
    """An element that shows these words, or none for none."""
    return [text(plain, **style)] if plain else []


def prose(plain: str) -> list[Json]:
    """Elements that show these words, addresses of the web as links."""
    return [link(piece) if is_url else text(piece) for piece, is_url in urls(plain)]


def block(elements: list[Json], kind: str = "section") -> Json:
    """kind: section, quote or preformatted."""
    return {"type": "rich_text", "elements": [{"type": f"rich_text_{kind}", "elements": elements}]}


def blocks(elements: Iterable[Json], kind: str = "section") -> list[Json]:
    """The same in as many blocks as the words need, `figures.TEXT` in each; nothing for nothing but white space."""
    found: list[Json] = []
    row: list[Json] = []
    room = figures.TEXT
    for element in _cut(elements):
        length = units(_words(element))
        if row and length > room:
            found.append(block(row, kind))
            row, room = [], figures.TEXT
        row.append(element)
        room -= length
    if row:
        found.append(block(row, kind))
    return found if any(_words(e).strip() for b in found for e in b["elements"][0]["elements"]) else []


def _cut(elements: Iterable[Json]) -> Iterator[Json]:
    """Elements that each fit into a block by themselves. Only words are cut: an address is short enough (`addresses.is_web`)."""
    for element in elements:
        if element["type"] == "text":
            yield from ({**element, "text": piece} for piece in split(element["text"], figures.TEXT))
        else:
            yield element


def _words(element: Json) -> str:
    return str(element.get("text") or element.get("url") or element.get("fallback") or "")
