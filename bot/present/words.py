"""Small turns of phrase that several cards share."""

from __future__ import annotations

from collections.abc import Sequence


def count(number: int, noun: str) -> str:
    """ "1 post", "3 posts"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def listed(items: Sequence[str], word: str = "and") -> str:
    """ "a, b and c"; "" for none."""
    return f" {word} ".join(part for part in (", ".join(items[:-1]), items[-1]) if part) if items else ""
