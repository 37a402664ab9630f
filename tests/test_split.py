"""Long texts in pieces: none of them too long, no sign lost, none torn."""

from __future__ import annotations

import regex
from hypothesis import given
from hypothesis import strategies as st

from bot.split import clip, split, units
from tests.cards import long_words

FAMILY = "👩‍👩‍👧"


@given(st.one_of(long_words, st.text()), st.integers(16, 4000))
def test_the_pieces_are_the_text_and_each_fits(text: str, limit: int) -> None:
    pieces = split(text, limit)
    assert "".join(pieces) == text
    assert all(0 < units(piece) <= limit for piece in pieces)


@given(
    st.lists(st.sampled_from(("a", " ", "\n", "e\u0301", FAMILY, "🇩🇪", "\r\n", " \u0301")), max_size=300).map(
        "".join
    )
)
def test_no_sign_is_torn(text: str) -> None:
    ends = {0} | {found.end() for found in regex.finditer(r"\X", text)}
    place = 0
    for piece in split(text, 20):
        place += len(piece)
        assert place in ends


def test_it_is_cut_after_a_paragraph_else_a_line_else_a_word() -> None:
    assert split("One two.\n\nThree\nfour five", 20) == ["One two.\n\n", "Three\nfour five"]
    assert split("one two three\nfour five six", 20) == ["one two three\n", "four five six"]
    assert split("one two three four five", 20) == ["one two three four ", "five"]
    assert split("x" * 25, 20) == ["x" * 20, "x" * 5]


def test_a_sign_longer_than_the_limit_is_cut_rather_than_lost() -> None:
    tower = "e" + "\u0301" * 40
    assert "".join(split(tower, 16)) == tower
    assert max(map(units, split(tower, 16))) == 16


def test_units_are_those_of_utf_16() -> None:
    for text in ("", "abc", "é", FAMILY, "\ud800"):
        assert units(text) == len(text.encode("utf-16-le", "surrogatepass")) // 2


@given(st.text(), st.integers(2, 40))
def test_what_is_clipped_says_so(text: str, limit: int) -> None:
    clipped = clip(text, limit)
    assert units(clipped) <= limit
    assert clipped == text or clipped.endswith("…")
