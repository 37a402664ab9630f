"""Signs and short words that every chat shows alike: how a card stands, how a check went."""

from __future__ import annotations

from bot.cards import Author, Card, Tone

OURSELVES = Author("Troupe")
"""A chat writes the app's name over each of its messages."""
LIGHTS = {Tone.NEUTRAL: "⚪", Tone.WAITING: "🟡", Tone.BUSY: "🔵", Tone.GOOD: "🟢", Tone.BAD: "🔴"}
MARKS = {"passed": "✅", "warned": "⚠️", "failed": "❌", "skipped": "➖", "pending": "⏳"}
"""Of checks: they differ in shape as in colour."""


def standing(card: Card) -> str:
    """How the card stands, if it says so; and who speaks, unless it is the app itself or the title begins with the name."""
    said = card.author == OURSELVES or card.title.startswith(card.author.name)
    by = "" if said else card.author.name
    badge = f"{LIGHTS[card.tone]} {card.badge}" if card.badge.strip() else ""
    return "  ·  ".join(part for part in (badge, by) if part.strip())


def notice(card: Card) -> str:
    """The title and how it stands, on one line: what a telephone shows."""
    return " ".join(f"{card.title}{f' [{card.badge}]' if card.badge.strip() else ''}".split())
