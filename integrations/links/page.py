"""What a web page says about itself: read from hostile HTML, returned as plain, short, printable text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urljoin

import regex
import webencodings  # type: ignore[import-untyped]  # ships no types
from selectolax.lexbor import LexborHTMLParser, LexborNode

from agents.writing.length import clip

MAX_TITLE = 300  # graphemes; Bluesky names no limit, its app shows two lines
MAX_DESCRIPTION = 300
MAX_CLUSTER = 20  # code points in one grapheme; a family emoji has 7, a zalgo letter hundreds
SNIFFED = 1024  # bytes in which a page must name its charset (HTML standard)

META_CHARSET = regex.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w-]{1,40})", regex.IGNORECASE)
TITLES = ("og:title", "twitter:title")
DESCRIPTIONS = ("og:description", "twitter:description", "description")
IMAGES = ("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src")
RAW = regex.compile(r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1\b|\Z)", regex.IGNORECASE | regex.DOTALL)
TAG = regex.compile(r"<(meta|base|title)\b", regex.IGNORECASE)
MAX_TAGS = 300  # of these in one page; the heaviest have a hundred
WINDOW = 4096  # characters of one tag and its text
# Controls, and the invisible marks that make text run backwards over what stands beside it.
UNPRINTABLE = regex.compile(r"[\p{Cc}\p{Cs}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
LONG_CLUSTER = regex.compile(r"\X")


@dataclass(frozen=True, slots=True)
class Page:
    """title ≤ 300 and description ≤ 300 graphemes, "" when the page names none; image_url absolute, or None."""

    title: str
    description: str
    image_url: str | None


def read(html: bytes, *, url: str, charset: str | None) -> Page:
    """The page's own account of itself: Open Graph first, then Twitter's tags, then plain HTML. Never raises.

    url: where the page was found, for relative addresses.  charset: as the HTTP header names it.
    """
    tags = list(_tags(RAW.sub(" ", decoded(html, charset))))
    said = _metas(tags)
    heading = next((tag.text() for tag in tags if tag.tag == "title"), "")
    image = _first(said, IMAGES).strip()
    base = next((tag.attributes.get("href") for tag in tags if tag.tag == "base"), None)
    return Page(
        title=plain(_first(said, TITLES) or heading, MAX_TITLE),
        description=plain(_first(said, DESCRIPTIONS), MAX_DESCRIPTION),
        image_url=_absolute(url, base or "", image) if image else None,
    )


def _tags(html: str) -> Iterator[LexborNode]:
    """The page's meta, base and title elements in order, each parsed alone.

    A whole page is never parsed: an HTML5 parser compares each new tag with all open ones and each attribute with
    all before it, so that a megabyte of "<div>" takes it over ten minutes (measured). Here time is bounded.
    """
    for found in islice(TAG.finditer(html), MAX_TAGS):
        window = html[found.start() : found.start() + WINDOW]
        if tag := LexborHTMLParser(window).css_first(found[1].lower()):
            yield tag


def decoded(html: bytes, charset: str | None) -> str:
    """By byte order mark, header, `<meta charset>`, else UTF-8. Only the web's encodings count, so no codec surprises."""
    named = META_CHARSET.search(html[:SNIFFED])
    labels = (charset or "", named[1].decode("ascii", "replace") if named else "")
    encoding = next(filter(None, map(webencodings.lookup, labels)), webencodings.UTF8)
    text: str = webencodings.decode(html, encoding, errors="replace")[0]
    return text.replace("\0", "\ufffd")


def plain(text: str, limit: int) -> str:
    """One line of printable text of at most `limit` graphemes, none of them grotesquely tall."""
    line = " ".join(
        UNPRINTABLE.sub("", text[: limit * MAX_CLUSTER].replace("\n", " ").replace("\t", " ")).split()
    )
    return clip("".join(cluster[:MAX_CLUSTER] for cluster in LONG_CLUSTER.findall(line)), limit)


def _metas(tags: list[LexborNode]) -> dict[str, str]:
    """The first content of every named meta tag."""
    said: dict[str, str] = {}
    for tag in tags:
        name = tag.attributes.get("property") or tag.attributes.get("name") or ""
        content = tag.attributes.get("content") or ""
        if content.strip():
            said.setdefault(name.strip().lower(), content)
    return said


def _first(said: dict[str, str], names: tuple[str, ...]) -> str:
    return next((said[name] for name in names if name in said), "")


def _absolute(url: str, base: str, address: str) -> str | None:
    try:
        return urljoin(urljoin(url, base), address)
    except ValueError:  # "http://[": urllib gives up on it, and so do we
        return None
