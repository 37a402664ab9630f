"""The record, compared whole; and that an intent always gives the same bytes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from atproto_client import models  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from agents.publishing.platform import Minted, Rejected, Sent
from agents.writing.content import Content, LinkCard, Picture, Segment
from integrations.bluesky.records import post_record, timestamp, to_bytes

NOON = datetime(2026, 3, 1, 12, 0, 0, 1, UTC)
CAT = Picture("cat", "0" * 64, "image/png", 640, 480, 1234, "A cat 🐈")
BLOBS = {
    "cat": {"$type": "blob", "ref": {"$link": "bafkreicat"}, "mimeType": "image/png", "size": 1234},
}
CARD = LinkCard("https://example.com/a", "Title", "Words", CAT)
ONE = Sent(0, "at://did:plc:a/app.bsky.feed.post/1", "bafyone", "https://x/1")
TWO = Sent(1, "at://did:plc:a/app.bsky.feed.post/2", "bafytwo", "https://x/2")


def test_the_last_segment_of_a_thread_with_a_picture() -> None:
    content = Content((Segment("1"), Segment("2"), Segment("See @bob.test", (CAT,))), ("de", "en"))
    plan = Minted(2, "3jzfcijpj2z2a", NOON)
    record = post_record(content, plan, [ONE, TWO], blobs=BLOBS, dids={"bob.test": "did:plc:bob"})
    assert record == {
        "$type": "app.bsky.feed.post",
        "text": "See @bob.test",
        "createdAt": "2026-03-01T12:00:00.000001Z",
        "langs": ["de", "en"],
        "facets": [
            {
                "$type": "app.bsky.richtext.facet",
                "index": {"byteStart": 4, "byteEnd": 13},
                "features": [{"$type": "app.bsky.richtext.facet#mention", "did": "did:plc:bob"}],
            }
        ],
        "reply": {
            "root": {"uri": "at://did:plc:a/app.bsky.feed.post/1", "cid": "bafyone"},
            "parent": {"uri": "at://did:plc:a/app.bsky.feed.post/2", "cid": "bafytwo"},
        },
        "embed": {
            "$type": "app.bsky.embed.images",
            "images": [
                {"alt": "A cat 🐈", "image": BLOBS["cat"], "aspectRatio": {"width": 640, "height": 480}},
            ],
        },
    }


def test_a_link_card() -> None:
    record = post_record(
        Content((Segment("Read", card=CARD),)), Minted(0, "k", NOON), [], blobs=BLOBS, dids={}
    )
    assert record["embed"] == {
        "$type": "app.bsky.embed.external",
        "external": {
            "uri": "https://example.com/a",
            "title": "Title",
            "description": "Words",
            "thumb": BLOBS["cat"],
        },
    }


def test_pictures_and_a_card_exclude_each_other() -> None:
    content = Content((Segment("Both", (CAT,), CARD),))
    with pytest.raises(Rejected, match="never both"):
        post_record(content, Minted(0, "k", NOON), [], blobs=BLOBS, dids={})


def test_a_segment_needs_all_that_come_before_it() -> None:
    with pytest.raises(ValueError, match="segment 1"):
        post_record(Content((Segment("a"), Segment("b"))), Minted(1, "k", NOON), [], blobs={}, dids={})


@given(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.datetimes(timezones=st.just(UTC)),
    st.permutations(["ada.test", "bob.test", "cara.test"]),
)
def test_an_intent_gives_the_same_bytes_always(text: str, moment: datetime, order: list[str]) -> None:
    content = Content((Segment(f"{text} @ada.test @bob.test", (CAT,)),))
    written = {
        to_bytes(post_record(content, Minted(0, "k", moment), [], blobs=dict(BLOBS), dids=dids))
        for dids in (dict.fromkeys(order, "did:plc:x"), dict.fromkeys(sorted(order), "did:plc:x"))
    }
    assert len(written) == 1


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_the_sdk_reads_the_record_as_a_post(text: str) -> None:
    """Its models are generated from the lexicons."""
    record = post_record(
        Content((Segment(text, card=CARD),)),
        Minted(0, "k", NOON),
        [],
        blobs=BLOBS,
        dids={"ada.test": "did:x"},
    )
    read = models.AppBskyFeedPost.Record.model_validate_json(to_bytes(record))
    assert (read.text, read.embed.external.thumb.size) == (text, 1234)
    assert read.model_extra == {}


def test_times_are_written_in_utc() -> None:
    moment = datetime(2026, 1, 1, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    assert timestamp(moment) == "2025-12-31T23:30:00.000000Z"
