"""What Bluesky allows in one post.

Limits of the record come from the lexicons, which a PDS enforces when the record is written:
https://github.com/bluesky-social/atproto/tree/main/lexicons/app/bsky
"""

from __future__ import annotations

from agents.publishing.platform import Rules
from agents.writing.length import graphemes

PICTURE_BYTES = 1_000_000
"""Largest picture that every PDS takes. The lexicon app.bsky.embed.images says 2,000,000 since spring 2026; servers
that are older than that still refuse above 1,000,000."""

THUMB_BYTES = 1_000_000
"""Largest thumbnail of a link card. Source: lexicon app.bsky.embed.external, `thumb.maxSize`."""

TAG_GRAPHEMES = 64
"""Longest hashtag, without its #. Source: lexicon app.bsky.richtext.facet, `tag.maxGraphemes`."""

TAG_BYTES = 640
"""The same in UTF-8 bytes. Source: lexicon app.bsky.richtext.facet, `tag.maxLength`."""

RULES = Rules(
    platform="bluesky",
    name="Bluesky",
    limit=300,  # lexicon app.bsky.feed.post, `text.maxGraphemes`
    unit="graphemes",
    length=graphemes,
    max_bytes=3000,  # lexicon app.bsky.feed.post, `text.maxLength`
    max_images=4,  # lexicon app.bsky.embed.images, `images.maxLength`
    max_alt=2000,  # no limit in the lexicon; the official app stops there (social-app: src/lib/constants.ts)
    card_with_images=False,  # lexicon app.bsky.feed.post: `embed` is one union, images or external
)
