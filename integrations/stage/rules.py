"""What the stage allows: our own numbers, between Bluesky's 300 and LinkedIn's 3,000."""

from __future__ import annotations

from agents.publishing.platform import Rules
from agents.writing.length import graphemes

RULES = Rules(
    platform="stage",
    name="Stage",
    limit=500,
    unit="graphemes",
    length=graphemes,
    max_bytes=5000,
    max_images=4,
    max_alt=2000,
    card_with_images=True,
)
