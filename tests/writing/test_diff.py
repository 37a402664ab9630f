from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.writing.diff import diff_words

WORDS = st.lists(
    st.sampled_from(
        [
            "a",
            "release",
            " ",
            "  ",
            "\n\n",
            ", ",
            "don't",
            "e\u0301",
            "👩‍👩‍👧",
            "東京",
            "https://x.example/a-b",
        ]
    )
)
TEXTS = st.one_of(st.text(), WORDS.map("".join))


def joined(before: str, after: str, *kinds: str) -> str:
    return "".join(piece.text for piece in diff_words(before, after) if piece.kind in kinds)


@given(TEXTS, TEXTS)
def test_both_versions_can_be_read_off_a_diff(before: str, after: str) -> None:
    assert joined(before, after, "same", "removed") == before
    assert joined(before, after, "same", "added") == after


@given(TEXTS)
def test_nothing_changed_is_one_piece_at_most(text: str) -> None:
    assert [piece.kind for piece in diff_words(text, text)] == (["same"] if text else [])


@given(TEXTS, TEXTS)
def test_no_piece_is_empty_and_neighbours_differ(before: str, after: str) -> None:
    pieces = diff_words(before, after)
    assert all(piece.text for piece in pieces)
    assert all(one.kind != other.kind for one, other in pairwise(pieces))


@pytest.mark.parametrize(
    ("before", "after", "pieces"),
    [
        (
            "hello world",
            "hello brave new world",
            [("same", "hello "), ("added", "brave new "), ("same", "world")],
        ),
        (
            "It is out today. Try it.",
            "It is out now. Try it.",
            [("same", "It is out "), ("removed", "today"), ("added", "now"), ("same", ". Try it.")],
        ),
        (
            "quite another text here",
            "nothing shared at all",
            [("removed", "quite another text here"), ("added", "nothing shared at all")],
        ),
        (
            "see https://a.example/x",
            "see https://a.example/y",
            [("same", "see "), ("removed", "https://a.example/x"), ("added", "https://a.example/y")],
        ),
        ("我们的产品", "我们的新产品", [("same", "我们的"), ("added", "新"), ("same", "产品")]),
    ],
)
def test_it_reads_like_a_person_marked_it(before: str, after: str, pieces: list[tuple[str, str]]) -> None:
    assert list(diff_words(before, after)) == pieces


def test_a_word_that_stayed_by_chance_does_not_break_a_sentence_up() -> None:
    before = "the morning meeting of the whole team"
    after = "an evening walk along the old river"
    assert [piece.kind for piece in diff_words(before, after)] == ["removed", "added"]


def test_a_flag_is_never_cut_in_two() -> None:
    assert list(diff_words("🇩🇪", "🇩🇰")) == [("removed", "🇩🇪"), ("added", "🇩🇰")]
