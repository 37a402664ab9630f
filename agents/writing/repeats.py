"""How alike two posts are."""

from __future__ import annotations

import regex
from rapidfuzz import fuzz

from agents.writing.wording import LINK, plain

ALIKE = 85.0
"""From this share of equal words (rapidfuzz `token_sort_ratio`, 0-100) on, two posts are nearly the same. Measured on
the pairs of posts in the tests: with a word or two changed it is 90 and more, with the same news told anew 71 or less."""


def alike(one: str, other: str) -> float:
    """How much two posts share, 0-100: their words in any order, without links; 100 only if all words are the same."""
    texts = [plain(LINK.sub(" ", text)) for text in (one, other)]
    words = [" ".join(regex.findall(r"[\w']+", text)) for text in texts]
    if words[0] == words[1]:
        return 100.0 if words[0] or texts[0] == texts[1] else 0.0
    return min(fuzz.token_sort_ratio(*words), 99.0)
