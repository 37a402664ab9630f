"""The record of one post, exactly as it goes to the server.

Pure: the same arguments give the same bytes, so that sending an intent a second time changes nothing.
Shape: lexicon app.bsky.feed.post.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from agents.publishing.platform import Minted, Rejected, Sent
from agents.writing.content import Content, LinkCard, Picture, Segment
from integrations.bluesky.facets import facet_records

COLLECTION = "app.bsky.feed.post"

Record = dict[str, Any]
Blob = Mapping[str, Any]
"""What the server answered to an upload: its reference to the bytes, named by their hash."""


def post_record(
    content: Content,
    plan: Minted,
    before: Sequence[Sent],
    *,
    blobs: Mapping[str, Blob],
    dids: Mapping[str, str],
) -> Record:
    """The segment at `plan.position`.

    before: the segments that are out, in order: as many as the position says.
    blobs: picture id → blob, of every picture and thumbnail of the segment.
    dids: handle in lower case → DID, for the mentions that are people.
    Raises Rejected if the segment shows pictures and a link card together; ValueError if `before` does not fit.
    """
    if len(before) != plan.position:
        raise ValueError(f"segment {plan.position} follows {plan.position} others, not {len(before)}")
    segment = content.segments[plan.position]
    record: Record = {"$type": COLLECTION, "text": segment.text, "createdAt": timestamp(plan.created_at)}
    if facets := facet_records(segment.text, dids):
        record["facets"] = facets
    if before:
        record["reply"] = {"root": _strong_ref(before[0]), "parent": _strong_ref(before[-1])}
    if embed := _embed(segment, blobs):
        record["embed"] = embed
    if content.languages:
        record["langs"] = list(content.languages)
    return record


def to_bytes(body: Mapping[str, Any]) -> bytes:
    """JSON with one form per value."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def timestamp(moment: datetime) -> str:
    """As https://atproto.com/specs/lexicon#datetime wants it, in UTC to the microsecond."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _embed(segment: Segment, blobs: Mapping[str, Blob]) -> Record | None:
    if segment.pictures and segment.card:
        raise Rejected(
            "Bluesky shows pictures or a link card in one post, never both.",
            remedy="Take one of them out, or spread them over two segments.",
        )
    if segment.pictures:
        return {
            "$type": "app.bsky.embed.images",
            "images": [_image(p, blobs[p.id]) for p in segment.pictures],
        }
    return (
        {"$type": "app.bsky.embed.external", "external": _external(segment.card, blobs)}
        if segment.card
        else None
    )


def _image(picture: Picture, blob: Blob) -> Record:
    """Without its aspect ratio a picture is cropped in the feed."""
    return {
        "alt": picture.alt,
        "image": dict(blob),
        "aspectRatio": {"width": picture.width, "height": picture.height},
    }


def _external(card: LinkCard, blobs: Mapping[str, Blob]) -> Record:
    external: Record = {"uri": card.url, "title": card.title, "description": card.description}
    if card.thumb:
        external["thumb"] = dict(blobs[card.thumb.id])
    return external


def _strong_ref(sent: Sent) -> dict[str, str]:
    return {"uri": sent.ref, "cid": sent.cid}
